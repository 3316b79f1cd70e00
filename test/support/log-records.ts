import {
  type FeatureSpec,
  type SequenceField,
  type StaticFeature,
} from '../../src/learning/features/feature-spec';
import { type ExampleRecord, type FeatureValue } from '../../src/learning/features/raw-from-records';

/** A row of an event log, by column, as text. */
export type LogRow = Readonly<Record<string, string>>;

/**
 * What a client that kept its own log would send for each moment of prediction, by example id.
 * Written without the preparation's code, which it is compared with.
 */
export function recordsOfLog(spec: FeatureSpec, rows: readonly LogRow[]): Map<string, ExampleRecord> {
  const { idColumn = '', subjectColumn = '', timeColumn = '', kindColumn = '' } = spec;
  const records = new Map<string, ExampleRecord>();
  const pasts = new Map<string, { at: Date; values: Record<string, FeatureValue> }[]>();
  for (const row of withoutCopies(rows)) {
    const subject = row[subjectColumn] ?? '';
    const at = new Date(row[timeColumn] ?? '');
    const past = pasts.get(subject) ?? [];
    pasts.set(subject, past);
    if (spec.momentKinds?.includes(row[kindColumn] ?? ''))
      records.set(row[idColumn] ?? '', { at, features: valuesOf(spec.features, row), history: [...past] });
    past.push({ at, values: valuesOf(spec.sequence?.fields ?? [], row) });
  }
  return records;
}

function withoutCopies(rows: readonly LogRow[]): LogRow[] {
  return [...new Map(rows.map((row) => [Object.values(row).join(), row])).values()];
}

function valuesOf(
  fields: readonly (StaticFeature | SequenceField)[],
  row: LogRow,
): Record<string, FeatureValue> {
  const values: Record<string, FeatureValue> = {};
  for (const field of fields) {
    if (field.type !== 'numeric' && field.type !== 'categorical') continue;
    const text = row[field.column ?? field.name] ?? '';
    values[field.name] = text === '' ? null : field.type === 'numeric' ? Number(text) : text;
  }
  return values;
}
