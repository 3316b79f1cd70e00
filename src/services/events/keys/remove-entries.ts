import { type StoredEvent } from '../../../learning/preparation/stored-event';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { entryOf } from './event-index';
import { indexesOf } from './write-entries';

interface GoneEntry {
  readonly index_id: number;
  readonly key: string;
  readonly at_ms: number;
  readonly kind: string;
  readonly value: string;
}

const DELETE = `
DELETE FROM event_index_entries e
 USING jsonb_to_recordset($2::jsonb) AS g (index_id bigint, key text, at_ms bigint, sequence bigint)
 WHERE e.tenant_id = $1 AND e.index_id = g.index_id AND e.key = g.key AND e.at_ms = g.at_ms AND e.sequence = g.sequence
RETURNING e.index_id, e.key, e.at_ms, e.kind, e.value`;

const GONE =
  'jsonb_to_recordset($2::jsonb) AS g (index_id bigint, key text, at_ms bigint, kind text, value text)';

/** The minutes and days are counted again from what is left in them: sums as if nothing else had ever been. */
const COUNT_AGAIN = `
WITH touched AS MATERIALIZED (
  SELECT DISTINCT g.index_id, g.key, l.level, l.bucket, l.width, g.kind, g.value
    FROM ${GONE}
   CROSS JOIN LATERAL (
     VALUES (1, g.at_ms - (g.at_ms % 60000 + 60000) % 60000, 60000),
            (2, g.at_ms - (g.at_ms % 86400000 + 86400000) % 86400000, 86400000)
   ) AS l (level, bucket, width)
), fresh AS MATERIALIZED (
  SELECT t.*, a.* FROM touched t
   CROSS JOIN LATERAL (
     SELECT count(*) AS count, min(e.at_ms) AS first_ms, max(e.at_ms) AS last_ms, count(e.number) AS numbers,
            coalesce(sum(e.number), 0) AS sum, min(e.number) AS min, max(e.number) AS max
       FROM event_index_entries e
      WHERE e.tenant_id = $1 AND e.index_id = t.index_id AND e.key = t.key
        AND e.at_ms >= t.bucket AND e.at_ms < t.bucket + t.width AND e.kind = t.kind AND e.value = t.value
   ) a
), emptied AS (
  DELETE FROM event_index_counts c USING fresh f
   WHERE c.tenant_id = $1 AND c.index_id = f.index_id AND c.key = f.key AND c.level = f.level AND c.bucket = f.bucket
     AND c.kind = f.kind AND c.value = f.value AND f.count = 0
)
UPDATE event_index_counts c
   SET count = f.count, first_ms = f.first_ms, last_ms = f.last_ms, numbers = f.numbers, sum = f.sum,
       min = f.min, max = f.max
  FROM fresh f
 WHERE c.tenant_id = $1 AND c.index_id = f.index_id AND c.key = f.key AND c.level = f.level AND c.bucket = f.bucket
   AND c.kind = f.kind AND c.value = f.value AND f.count > 0`;

/** Counts of all time have no sums: they are taken from, where counting again would read the whole key. */
const TAKE_FROM_ALL_TIME = `
WITH taken AS MATERIALIZED (
  SELECT g.index_id, g.key, g.kind, g.value, count(*) AS count
    FROM ${GONE} WHERE g.value <> '' GROUP BY 1, 2, 3, 4
), emptied AS (
  DELETE FROM event_index_counts c USING taken t
   WHERE c.tenant_id = $1 AND c.index_id = t.index_id AND c.key = t.key AND c.level = 3 AND c.bucket = 0
     AND c.kind = t.kind AND c.value = t.value AND c.count <= t.count
)
UPDATE event_index_counts c SET count = c.count - t.count
  FROM taken t
 WHERE c.tenant_id = $1 AND c.index_id = t.index_id AND c.key = t.key AND c.level = 3 AND c.bucket = 0
   AND c.kind = t.kind AND c.value = t.value AND c.count > t.count`;

/**
 * Takes events out of all indexes of their domain. The store's row is locked by this transaction.
 * @returns how many entries that were
 */
export async function removeEntries(
  scope: TenantScope,
  domain: string,
  events: ReadonlyArray<StoredEvent & { readonly sequence: number }>,
): Promise<number> {
  const entries = (await indexesOf(scope, domain, 'ALL')).flatMap(({ id, index }) =>
    events.flatMap((event) => {
      const entry = entryOf(index, event);
      return entry ? [{ index_id: id, key: entry.key, at_ms: entry.at_ms, sequence: entry.sequence }] : [];
    }),
  );
  if (entries.length === 0) return 0;
  const gone = await scope.query<GoneEntry>(DELETE, [scope.tenantId, JSON.stringify(entries)]);
  if (gone.length === 0) return 0;
  const parameters = [scope.tenantId, JSON.stringify(gone)];
  await scope.query(COUNT_AGAIN, parameters);
  await scope.query(TAKE_FROM_ALL_TIME, parameters);
  return gone.length;
}
