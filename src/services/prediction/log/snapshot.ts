import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { derivedFeatures } from '../../../learning/features/derived/read-derived';
import { type FeatureSpec } from '../../../learning/features/feature-spec';
import { type FeatureValue } from '../../../learning/features/feature-value';
import { type ExampleRecord, type HistoryEvent } from '../../../learning/features/raw-from-records';
import { type HistorySource, type HistoryUse } from '../complete-history';

/** An example as a model saw it, and what scoring it again needs. */
export interface Snapshot {
  /** Its subject in full; null when it has none. */
  readonly subjectId: string | null;
  /** Its moment, also where the request left it to the server. */
  readonly record: ExampleRecord & { readonly at: Date };
  readonly history: HistoryUse;
}

/** How a snapshot is stored: short keys, and histories by column, because there are very many of them. */
interface Stored {
  readonly u: string | null;
  readonly t: number;
  readonly f: StoredValues;
  /** Source, count and latest moment of the history used. */
  readonly s: readonly [HistorySource, number, number | null];
  /** Null: the record had no history at all, which is not the same as an empty one. */
  readonly h: {
    readonly n: number;
    readonly t: readonly (number | null)[];
    readonly v: StoredColumns;
  } | null;
}
type StoredColumns = Readonly<Record<string, readonly StoredValue[]>>;
type StoredValues = Readonly<Record<string, StoredValue>>;
/** What JSON would lose is kept in an object, which no feature's value is: moments, −0, and what is not there. */
type StoredValue =
  | string
  | number
  | boolean
  | null
  | { readonly d: number }
  | { readonly z: 0 }
  | { readonly a: 0 }
  | readonly StoredValue[];

/** In front of the text as it is, and as deflated. */
const PLAIN = 0;
const DEFLATED = 1;
/** Shorter texts hardly shrink. */
const DEFLATE_FROM = 256;
/** What is deflated is short: a window for more would only take time. */
const DEFLATE = { level: 6, windowBits: 13, memLevel: 6 };

/** The snapshot in bytes. Of its history it keeps what the specification can see of it. */
export function encodeSnapshot({ subjectId, record, history }: Snapshot, spec: FeatureSpec): Buffer {
  const { source, count, latestAt } = history;
  const seen = record.history && seenOf(record.history, spec);
  const stored: Stored = {
    u: subjectId,
    t: record.at.getTime(),
    f: valuesIn(record.features),
    s: [source, count, latestAt?.getTime() ?? null],
    h: seen ? { n: seen.length, t: seen.map(({ at }) => at?.getTime() ?? null), v: columnsOf(seen) } : null,
  };
  const text = Buffer.from(JSON.stringify(stored));
  const isShort = text.length < DEFLATE_FROM;
  return Buffer.concat([
    Buffer.of(isShort ? PLAIN : DEFLATED),
    isShort ? text : deflateRawSync(text, DEFLATE),
  ]);
}

/** The snapshot again: every value is the same to the last bit. */
export function decodeSnapshot(bytes: Buffer): Snapshot {
  const body = bytes.subarray(1);
  const text = bytes[0] === DEFLATED ? inflateRawSync(body) : body;
  const { u, t, f, s, h } = JSON.parse(text.toString()) as Stored;
  const [source, count, latestMs] = s;
  return {
    subjectId: u,
    record: {
      at: new Date(t),
      features: valuesOut(Object.entries(f)),
      ...(h ? { history: eventsOut(h) } : {}),
    },
    history: { source, count, latestAt: latestMs === null ? null : new Date(latestMs) },
  };
}

/** A model without derived features sees no more than its latest events. */
function seenOf(history: readonly HistoryEvent[], spec: FeatureSpec): readonly HistoryEvent[] {
  const maxLength = spec.sequence?.maxLength ?? 0;
  if (history.length <= maxLength || derivedFeatures(spec).length > 0) return history;
  if (spec.shape !== 'EVENTS') return history.slice(-maxLength || history.length);
  // Stable, as the reader of records sorts: events of one moment keep their order.
  const sorted = [...history].sort((a, b) => (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0));
  return maxLength === 0 ? [] : sorted.slice(-maxLength);
}

function columnsOf(events: readonly HistoryEvent[]): StoredColumns {
  const names = new Set(events.flatMap(({ values }) => Object.keys(values)));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      events.map(({ values }) => valueIn(Object.hasOwn(values, name) ? values[name] : undefined)),
    ]),
  );
}

function eventsOut({ n, t, v }: NonNullable<Stored['h']>): HistoryEvent[] {
  const columns = Object.entries(v);
  return Array.from({ length: n }, (_, index) => {
    const ms = t[index] ?? null;
    const values = valuesOut(columns.map(([name, column]) => [name, column[index] ?? null] as const));
    return { ...(ms === null ? {} : { at: new Date(ms) }), values };
  });
}

function valuesIn(values: Readonly<Record<string, FeatureValue>>): StoredValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, valueIn(value)]));
}

function valuesOut(entries: readonly (readonly [string, StoredValue])[]): Record<string, FeatureValue> {
  // Names are a client's own, __proto__ not excluded.
  const values = Object.create(null) as Record<string, FeatureValue>;
  for (const [name, value] of entries) {
    const read = valueOut(value);
    if (read !== undefined) values[name] = read;
  }
  return values;
}

function valueIn(value: FeatureValue): StoredValue {
  if (value === undefined) return { a: 0 };
  if (Object.is(value, -0)) return { z: 0 };
  if (value instanceof Date) return { d: value.getTime() };
  return Array.isArray(value) ? value.map(valueIn) : value;
}

function valueOut(value: StoredValue): FeatureValue {
  if (Array.isArray(value)) return value.map(valueOut) as FeatureValue;
  if (typeof value !== 'object' || value === null) return value;
  if ('d' in value) return new Date(value.d);
  return 'z' in value ? -0 : undefined;
}
