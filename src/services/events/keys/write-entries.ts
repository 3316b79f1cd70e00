import { type StoredEvent } from '../../../learning/preparation/stored-event';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { entryOf, type EventIndex } from './event-index';

/** Entries, and what they add to the counts of their minutes and days. */
const WRITE = `
WITH fresh AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($2::jsonb) AS e
    (index_id bigint, key text, at_ms bigint, sequence bigint, kind text, number double precision, value text)
), stored AS (
  INSERT INTO event_index_entries (tenant_id, index_id, key, at_ms, sequence, kind, number, value)
  SELECT $1, index_id, key, at_ms, sequence, kind, number, value FROM fresh
)
INSERT INTO event_index_counts AS c
  (tenant_id, index_id, key, level, bucket, kind, value, count, first_ms, last_ms, numbers, sum, min, max)
SELECT $1, f.index_id, f.key, l.level, l.bucket, f.kind, f.value, count(*), min(f.at_ms), max(f.at_ms),
       count(f.number), coalesce(sum(f.number), 0), min(f.number), max(f.number)
  FROM fresh f
 CROSS JOIN LATERAL (
   VALUES (1, f.at_ms - (f.at_ms % 60000 + 60000) % 60000),
          (2, f.at_ms - (f.at_ms % 86400000 + 86400000) % 86400000),
          (3, 0)
 ) AS l (level, bucket)
 WHERE l.level < 3 OR f.value <> ''
 GROUP BY f.index_id, f.key, l.level, l.bucket, f.kind, f.value
ON CONFLICT (tenant_id, index_id, key, level, bucket, kind, value) DO UPDATE
   SET count = c.count + excluded.count,
       first_ms = least(c.first_ms, excluded.first_ms),
       last_ms = greatest(c.last_ms, excluded.last_ms),
       numbers = c.numbers + excluded.numbers,
       sum = c.sum + excluded.sum,
       min = least(c.min, excluded.min),
       max = greatest(c.max, excluded.max)`;

export interface KnownIndex {
  readonly id: number;
  readonly index: EventIndex;
}

/** The indexes of a domain that are kept, or all, with those that are being removed. */
export async function indexesOf(
  scope: TenantScope,
  domain: string,
  which: 'KEPT' | 'ALL' = 'KEPT',
): Promise<KnownIndex[]> {
  const rows = await scope.query<{ id: number; definition: string }>(
    `SELECT id, definition FROM event_indexes
      WHERE tenant_id = $1 AND domain = $2 AND ($3 OR retired_at IS NULL)`,
    [scope.tenantId, domain, which === 'ALL'],
  );
  return rows.map(({ id, definition }) => ({ id, index: JSON.parse(definition) as EventIndex }));
}

/** Adds events to indexes. The store's row is locked by this transaction: what is counted is counted once. */
export async function writeEntries(
  scope: TenantScope,
  indexes: readonly KnownIndex[],
  events: ReadonlyArray<StoredEvent & { readonly sequence: number }>,
): Promise<void> {
  const entries = indexes.flatMap(({ id, index }) =>
    events.flatMap((event) => {
      const entry = entryOf(index, event);
      return entry ? [{ index_id: id, ...entry }] : [];
    }),
  );
  if (entries.length > 0) await scope.query(WRITE, [scope.tenantId, JSON.stringify(entries)]);
}
