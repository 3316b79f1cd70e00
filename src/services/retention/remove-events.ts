import { type CellValue, type StoredEvent } from '../../learning/preparation/stored-event';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { lockStore } from '../events/lock-store';
import { eraseTheseEvents } from '../privacy/erasure/erase-events';

/** Events of one transaction: new ones of the domain wait so long. */
const PAGE = 1_000;

/** A scoring of stored subjects reads their histories until it ends, and begins again where a worker dies. */
const NO_SCORING = `NOT EXISTS (
  SELECT FROM jobs j WHERE j.tenant_id = k.tenant_id AND j.type = 'SCORING' AND j.kind = k.domain
     AND j.dataset_id IS NULL AND j.finished_at IS NULL)`;

export const OLDEST_EVENT = `
SELECT min(k.first_at) AS at FROM event_kinds k WHERE k.tenant_id = $1 AND k.count > 0 AND ${NO_SCORING}`;

const DOMAIN = `
SELECT k.domain FROM event_kinds k
 WHERE k.tenant_id = $1 AND k.count > 0 AND k.first_at < $2 AND ${NO_SCORING} ORDER BY k.first_at LIMIT 1`;

const OLD = `
SELECT id, subject AS "subjectId", at, kind, cells, sequence FROM events
 WHERE tenant_id = $1 AND domain = $2 AND at < $3 ORDER BY at LIMIT ${PAGE}`;

/**
 * Removes the oldest events of a domain, with what the indexes have of them. From the oldest on: what is left is the store as
 * if it had begun later. The rates of items are of whole days, and go with the last event of theirs.
 * @param before the moment that the events have to be before
 */
export async function removeOldEvents(scope: TenantScope, before: Date): Promise<number> {
  const { tenantId } = scope;
  const [found] = await scope.query<{ domain: string }>(DOMAIN, [tenantId, before]);
  if (!found) return 0;
  const { domain } = found;
  await lockStore(scope, domain);
  const events = await scope.query<
    StoredEvent & { readonly sequence: number; readonly cells: Readonly<Record<string, CellValue>> }
  >(OLD, [tenantId, domain, before]);
  const last = events.at(-1);
  if (!last) return 0;
  await eraseTheseEvents(scope, { domain, counted: null }, events);
  await scope.query('DELETE FROM event_rates WHERE tenant_id = $1 AND domain = $2 AND day < $3::date', [
    ...[tenantId, domain],
    last.at.toISOString().slice(0, 10),
  ]);
  return events.length;
}
