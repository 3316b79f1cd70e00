import { type StoredEvent } from '../../learning/preparation/stored-event';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type CountedItems } from './item-rates';
import { indexesOf, writeEntries } from './keys/write-entries';
import { lockStore } from './lock-store';

/** What became of an event that could be read. */
export type Appended = 'ACCEPTED' | 'DUPLICATE' | 'OTHER_CONTENT';

/**
 * The whole batch: what is known by its id is compared, the rest is numbered, stored and counted. Ids are looked for in
 * their order, so that only the key over them will do: until a table is first analyzed, all keys look alike.
 */
const APPEND = `
WITH batch AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($3::jsonb)
    AS b (place integer, id text, subject text, at timestamptz, kind text, cells jsonb)
), known AS MATERIALIZED (
  SELECT b.place, e.subject = b.subject AND e.at = b.at AND e.kind = b.kind AND e.cells = b.cells AS same
    FROM batch b
    CROSS JOIN LATERAL (
      SELECT * FROM events e WHERE e.tenant_id = $1 AND e.domain = $2 AND e.id >= b.id
       ORDER BY e.tenant_id, e.domain, e.id LIMIT 1
    ) e
   WHERE e.id = b.id
), fresh AS MATERIALIZED (
  SELECT b.*, $4::bigint + row_number() OVER (ORDER BY b.place) AS sequence
    FROM batch b WHERE NOT EXISTS (SELECT FROM known k WHERE k.place = b.place)
), receipt AS MATERIALIZED (
  SELECT clock_timestamp() AS at
), stored AS (
  INSERT INTO events (tenant_id, domain, sequence, id, subject, at, kind, cells, received_at)
  SELECT $1, $2, f.sequence, f.id, f.subject, f.at, f.kind, f.cells, receipt.at FROM fresh f, receipt
), kinds AS (
  INSERT INTO event_kinds AS k (tenant_id, domain, kind, count, first_at, last_at)
  SELECT $1, $2, f.kind, count(*), min(f.at), max(f.at) FROM fresh f GROUP BY f.kind
  ON CONFLICT (tenant_id, domain, kind) DO UPDATE
     SET count = k.count + excluded.count,
         first_at = least(k.first_at, excluded.first_at),
         last_at = greatest(k.last_at, excluded.last_at)
), rates AS (
  INSERT INTO event_rates AS r (tenant_id, domain, item, day, shown, positives, predicted_shown, predicted)
  SELECT $1, $2, f.cells ->> ($5::jsonb ->> 'itemColumn'), (f.at AT TIME ZONE 'UTC')::date, count(*),
         count(*) FILTER (WHERE $5::jsonb -> 'positive' ? (f.cells ->> ($5::jsonb ->> 'labelColumn'))),
         count(p.predicted), coalesce(sum(p.predicted), 0)
    FROM fresh f
   CROSS JOIN LATERAL (
     SELECT CASE WHEN jsonb_typeof(f.cells -> ($5::jsonb ->> 'predictedColumn')) = 'number'
                 THEN (f.cells ->> ($5::jsonb ->> 'predictedColumn'))::double precision END AS value
   ) given
   CROSS JOIN LATERAL (SELECT CASE WHEN given.value BETWEEN 0 AND 1 THEN given.value END AS predicted) p
   WHERE $5::jsonb -> 'kinds' ? f.kind
     AND length(f.cells ->> ($5::jsonb ->> 'itemColumn')) BETWEEN 1 AND 200
   GROUP BY 3, 4
  ON CONFLICT (tenant_id, domain, item, day) DO UPDATE
     SET shown = r.shown + excluded.shown,
         positives = r.positives + excluded.positives,
         predicted_shown = r.predicted_shown + excluded.predicted_shown,
         predicted = r.predicted + excluded.predicted
), store AS (
  UPDATE event_stores s
     SET last_sequence = s.last_sequence + (SELECT count(*) FROM fresh), last_received_at = receipt.at
    FROM receipt
   WHERE s.tenant_id = $1 AND s.domain = $2 AND EXISTS (SELECT FROM fresh)
)
SELECT place, same FROM known`;

/**
 * Appends events with different ids to a domain's store, in the order given.
 * @param counted what is counted per item; null where the domain has no items
 * @returns what became of each, in that order
 */
export async function appendEvents(
  scope: TenantScope,
  { domain, counted }: { readonly domain: string; readonly counted: CountedItems | null },
  events: readonly StoredEvent[],
): Promise<Appended[]> {
  if (events.length === 0) return [];
  const key = [scope.tenantId, domain];
  // Appending to one store is one after the other: the numbers of events follow the order of commits.
  const lastSequence = await lockStore(scope, domain);
  const batch = events.map(({ id, subjectId, at, kind, cells }, place) => ({
    place,
    id,
    subject: subjectId,
    at,
    kind,
    cells,
  }));
  // A statement of its own, so that it sees what was committed while the lock was waited for.
  const known = await scope.query<{ place: number; same: boolean }>(APPEND, [
    ...key,
    JSON.stringify(batch),
    lastSequence,
    counted && JSON.stringify(counted),
  ]);
  const same = new Map(known.map((row) => [row.place, row.same]));
  const fresh = events
    .filter((_event, place) => !same.has(place))
    .map((event, rank) => ({ ...event, sequence: lastSequence + rank + 1 }));
  if (fresh.length > 0) await writeEntries(scope, await indexesOf(scope, domain), fresh);
  return events.map((_event, place) => {
    const isSame = same.get(place);
    return isSame === undefined ? 'ACCEPTED' : isSame ? 'DUPLICATE' : 'OTHER_CONTENT';
  });
}
