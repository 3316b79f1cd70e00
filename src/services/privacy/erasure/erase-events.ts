import { type CellValue, type StoredEvent } from '../../../learning/preparation/stored-event';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type CountedItems } from '../../events/item-rates';
import { removeEntries } from '../../events/keys/remove-entries';
import { lockStore } from '../../events/lock-store';

/** Events of one transaction: new ones of the domain wait so long. */
const PAGE = 500;
/** For the first and the last event of a kind, where the subject's was it. */
const LONG_STATEMENT_MS = 600_000;

type SequencedEvent = StoredEvent & {
  readonly sequence: number;
  readonly cells: Readonly<Record<string, CellValue>>;
};

const OF_SUBJECT = `
SELECT id, subject AS "subjectId", at, kind, cells, sequence FROM events
 WHERE tenant_id = $1 AND domain = $2 AND subject = $3 ORDER BY at DESC, sequence DESC LIMIT ${PAGE}`;

const RATES = `
WITH gone AS (
  SELECT f.cells ->> ($4::jsonb ->> 'itemColumn') AS item, (f.at AT TIME ZONE 'UTC')::date AS day, count(*) AS shown,
         count(*) FILTER (WHERE $4::jsonb -> 'positive' ? (f.cells ->> ($4::jsonb ->> 'labelColumn'))) AS positives,
         count(p.predicted) AS predicted_shown, coalesce(sum(p.predicted), 0) AS predicted
    FROM jsonb_to_recordset($3::jsonb) AS f (at timestamptz, kind text, cells jsonb)
   CROSS JOIN LATERAL (
     SELECT CASE WHEN jsonb_typeof(f.cells -> ($4::jsonb ->> 'predictedColumn')) = 'number'
                 THEN (f.cells ->> ($4::jsonb ->> 'predictedColumn'))::double precision END AS value) given
   CROSS JOIN LATERAL (SELECT CASE WHEN given.value BETWEEN 0 AND 1 THEN given.value END AS predicted) p
   WHERE $4::jsonb -> 'kinds' ? f.kind
     AND length(f.cells ->> ($4::jsonb ->> 'itemColumn')) BETWEEN 1 AND 200
   GROUP BY 1, 2
), emptied AS (
  DELETE FROM event_rates r USING gone g
   WHERE r.tenant_id = $1 AND r.domain = $2 AND r.item = g.item AND r.day = g.day AND r.shown <= g.shown
)
UPDATE event_rates r
   SET shown = r.shown - g.shown,
       positives = least(greatest(r.positives - g.positives, 0), r.shown - g.shown),
       predicted_shown = least(greatest(r.predicted_shown - g.predicted_shown, 0), r.shown - g.shown),
       predicted = greatest(r.predicted - g.predicted, 0)
  FROM gone g
 WHERE r.tenant_id = $1 AND r.domain = $2 AND r.item = g.item AND r.day = g.day AND r.shown > g.shown`;

/**
 * Erases some of a subject's events, with what was counted of them and what the indexes have of them.
 * @returns how many; 0 when none is left
 */
export async function eraseEventPage(
  scope: TenantScope,
  {
    domain,
    subject,
    counted,
  }: { readonly domain: string; readonly subject: string; readonly counted: CountedItems | null },
): Promise<{ readonly events: number; readonly entries: number }> {
  // Whoever appends holds the store: what is taken from the counts was added to them.
  await lockStore(scope, domain);
  const events = await scope.query<SequencedEvent>(OF_SUBJECT, [scope.tenantId, domain, subject]);
  return eraseTheseEvents(scope, { domain, counted }, events);
}

/** Erases events of a store that this transaction has locked. */
export async function eraseTheseEvents(
  scope: TenantScope,
  { domain, counted }: { readonly domain: string; readonly counted: CountedItems | null },
  events: readonly SequencedEvent[],
): Promise<{ readonly events: number; readonly entries: number }> {
  if (events.length === 0) return { events: 0, entries: 0 };
  const key = [scope.tenantId, domain];
  const entries = await removeEntries(scope, domain, events);
  if (counted) await scope.query(RATES, [...key, JSON.stringify(events), JSON.stringify(counted)]);
  await scope.query(
    'DELETE FROM events WHERE tenant_id = $1 AND domain = $2 AND sequence = ANY ($3::bigint[])',
    [...key, events.map(({ sequence }) => sequence)],
  );
  await takeFromKinds(scope, domain, events);
  return { events: events.length, entries };
}

async function takeFromKinds(
  scope: TenantScope,
  domain: string,
  events: readonly SequencedEvent[],
): Promise<void> {
  const touched = await scope.query<{ kind: string; count: number; isFirst: boolean; isLast: boolean }>(
    `UPDATE event_kinds k SET count = greatest(0, k.count - g.count)
       FROM (SELECT kind, count(*) AS count, min(at) AS first_at, max(at) AS last_at
               FROM jsonb_to_recordset($3::jsonb) AS f (at timestamptz, kind text) GROUP BY kind) g
      WHERE k.tenant_id = $1 AND k.domain = $2 AND k.kind = g.kind
  RETURNING k.kind, k.count, g.first_at <= k.first_at AS "isFirst", g.last_at >= k.last_at AS "isLast"`,
    [scope.tenantId, domain, JSON.stringify(events)],
  );
  await scope.query('DELETE FROM event_kinds WHERE tenant_id = $1 AND domain = $2 AND count = 0', [
    scope.tenantId,
    domain,
  ]);
  for (const { kind, count, isFirst, isLast } of touched) {
    if (count === 0 || !(isFirst || isLast)) continue;
    // Of a kind that is rare, others are passed over.
    await scope.query("SELECT set_config('statement_timeout', $1, true)", [String(LONG_STATEMENT_MS)]);
    const of = [scope.tenantId, domain, kind];
    if (isFirst) await scope.query(edge('first_at', 'ASC'), of);
    if (isLast) await scope.query(edge('last_at', 'DESC'), of);
  }
}

/** Sets the first or the last moment of a kind, by the index over moments. */
const edge = (column: 'first_at' | 'last_at', order: 'ASC' | 'DESC'): string => `
UPDATE event_kinds k SET ${column} = e.at
  FROM (SELECT at FROM events WHERE tenant_id = $1 AND domain = $2 AND kind = $3
         ORDER BY tenant_id ${order}, domain ${order}, at ${order} LIMIT 1) e
 WHERE k.tenant_id = $1 AND k.domain = $2 AND k.kind = $3`;
