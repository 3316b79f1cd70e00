import { type Database } from '../../platform/persistence/database';
import { type Checkpoints } from './checkpoints';
import { type RunKey } from './run-lease';

/** For so long a failed run can be taken up again where it stood. */
const KEPT_DAYS = 7;
/** Retries of retries that are looked through. */
const MAX_CHAIN = 50;
const MAX_REMOVED = 100;

/** The runs that a run repeats, the last first: it goes on from the first checkpoint among them. */
export async function repeatedRuns(database: Database, { tenantId, runId }: RunKey): Promise<string[]> {
  const rows = await database.inTenant(tenantId, (scope) =>
    scope.query<{ id: string }>(
      `WITH RECURSIVE chain AS (
         SELECT retry_of AS id, 1 AS step FROM jobs WHERE tenant_id = $1 AND id = $2
         UNION ALL
         SELECT job.retry_of, step + 1 FROM chain JOIN jobs job ON job.tenant_id = $1 AND job.id = chain.id
          WHERE step < ${MAX_CHAIN})
       SELECT id FROM chain WHERE id IS NOT NULL ORDER BY step`,
      [tenantId, runId],
    ),
  );
  return rows.map(({ id }) => id);
}

/** Removes the checkpoints of the tenant's runs that failed long ago. */
export async function removeOldCheckpoints(
  database: Database,
  checkpoints: Checkpoints,
  tenantId: string,
): Promise<void> {
  const old = await database.inTenant(tenantId, (scope) =>
    scope.query<{ id: string }>(
      `SELECT id FROM jobs
        WHERE tenant_id = $1 AND type = 'TRAINING' AND state = 'FAILED' AND NOT checkpoint_removed
          AND finished_at < now() - interval '${KEPT_DAYS} days'
        ORDER BY finished_at LIMIT ${MAX_REMOVED}`,
      [tenantId],
    ),
  );
  if (old.length === 0) return;
  for (const { id } of old) await checkpoints.of({ tenantId, runId: id }).discard();
  await database.inTenant(tenantId, (scope) =>
    scope.query('UPDATE jobs SET checkpoint_removed = true WHERE tenant_id = $1 AND id = ANY($2)', [
      tenantId,
      old.map(({ id }) => id),
    ]),
  );
}
