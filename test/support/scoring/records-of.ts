import { type ExampleRecord, type FeatureValue } from '../../../src/learning/features/raw-from-records';
import { fieldsOf } from '../../../src/learning/preparation/csv-record';
import { DOMAIN } from './scoring-platform';

/** The moments of a file as a client would ask about them, by their id. */
export function recordsOf(csv: string): Map<string, ExampleRecord> {
  // Copies of an event are the same event.
  const [header = [], ...rows] = [...new Set(csv.trimEnd().split('\n'))].map((line) => fieldsOf(line, ','));
  const { features, sequence } = DOMAIN.featureSpec;
  type Field = (typeof features)[number] | NonNullable<typeof sequence>['fields'][number];
  const values = (row: readonly string[], fields: readonly Field[]) => {
    const found: Record<string, FeatureValue> = {};
    for (const field of fields) {
      if (field.type !== 'numeric' && field.type !== 'categorical') continue;
      const text = row[header.indexOf(('column' in field ? field.column : undefined) ?? field.name)] ?? '';
      if (text !== '') found[field.name] = field.type === 'numeric' ? Number(text) : text;
    }
    return found;
  };
  const cell = (row: readonly string[], name: string) => row[header.indexOf(name)] ?? '';
  const histories = new Map<string, { at: Date; values: Record<string, FeatureValue> }[]>();
  const events = rows
    .map((row) => ({ row, at: new Date(cell(row, 'at')) }))
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  const records = new Map<string, ExampleRecord>();
  for (const { row, at } of events) {
    const past = histories.get(cell(row, 'user_id')) ?? [];
    if (cell(row, 'kind') === 'visit')
      records.set(cell(row, 'event_id'), {
        at,
        features: values(row, features),
        history: past.filter((event) => event.at < at).slice(-20),
      });
    past.push({ at, values: values(row, sequence?.fields ?? []) });
    histories.set(cell(row, 'user_id'), past);
  }
  return records;
}
