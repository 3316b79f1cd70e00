import { type Database } from '../../../src/platform/persistence/database';
import { type RunLease } from '../../../src/services/training/run-lease';

export const LEASE_MS = 15_000;

/** Gives a lease its run whosever turn it is; false when the run is not free. */
export async function takeRun(database: Database, { key }: RunLease): Promise<boolean> {
  const taken = await database.inTenant(key.tenantId, (scope) =>
    scope.query(
      `UPDATE jobs
          SET state = 'PREPARING', attempt = attempt + 1, started_at = coalesce(started_at, now()),
              lease_owner = $3, lease_expires_at = now() + $4 * interval '1 millisecond'
        WHERE tenant_id = $1 AND id = $2
          AND state = 'QUEUED' AND lease_owner IS NULL AND cancel_requested_at IS NULL
        RETURNING id`,
      [key.tenantId, key.runId, key.owner, LEASE_MS],
    ),
  );
  return taken.length > 0;
}
