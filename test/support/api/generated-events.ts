import { type DomainDefinition } from '../../../src/domain-kit';
import { fieldsOf } from '../../../src/learning/preparation/csv-record';
import { type SentEvent } from './stored-events';

/** A domain's invented data as events to be sent, rows that are no events included. */
export function generatedEvents(domain: DomainDefinition, scale: number): SentEvent[] {
  const { idColumn, subjectColumn, timeColumn, kindColumn } = domain.featureSpec;
  const own = [idColumn, subjectColumn, timeColumn, kindColumn];
  const [header = [], ...rows] = [...domain.generate({ seed: 1, scale }).csv()].map((line) =>
    fieldsOf(line, ','),
  );
  const numeric = new Set(
    [...domain.featureSpec.features, ...(domain.featureSpec.sequence?.fields ?? [])].flatMap((feature) =>
      feature.type === 'numeric' ? [feature.column ?? feature.name] : [],
    ),
  );
  return rows.map((row) => {
    const cell = (name: string | undefined): string => row[header.indexOf(name ?? '')] ?? '';
    return {
      id: cell(idColumn),
      subjectId: cell(subjectColumn),
      at: cell(timeColumn),
      kind: cell(kindColumn),
      values: header.flatMap((name, i) => {
        const text = row[i] ?? '';
        if (text === '' || own.includes(name)) return [];
        return [
          numeric.has(name) && Number.isFinite(Number(text))
            ? { name, number: Number(text) }
            : { name, text },
        ];
      }),
    };
  });
}
