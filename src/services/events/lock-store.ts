import { type TenantScope } from '../../platform/persistence/tenant-scope';

const LOCK = `
SELECT last_sequence AS "lastSequence" FROM event_stores WHERE tenant_id = $1 AND domain = $2 FOR NO KEY UPDATE`;

const OPEN = 'INSERT INTO event_stores (tenant_id, domain) VALUES ($1, $2) ON CONFLICT DO NOTHING';

/**
 * Keeps others from appending to a domain's store until the transaction ends. What a later statement sees is all that
 * was committed before.
 * @returns the number of its last event
 */
export async function lockStore(scope: TenantScope, domain: string): Promise<number> {
  const key = [scope.tenantId, domain];
  const lock = () => scope.query<{ lastSequence: number }>(LOCK, key);
  let [store] = await lock();
  if (!store) {
    await scope.query(OPEN, key);
    [store] = await lock();
  }
  return store?.lastSequence ?? 0;
}
