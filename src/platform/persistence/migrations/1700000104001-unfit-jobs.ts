import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

const WAITING = `job.state = 'QUEUED' AND job.lease_owner IS NULL AND job.cancel_requested_at IS NULL`;

const PATH = 'SET search_path = pg_catalog, public, pg_temp';

const LIVES = `heartbeat_at > now() - interval '20 s'`;

const WANTED = `CASE job.type WHEN 'TRAINING' THEN job.requested_device ELSE 'CPU' END`;

/** What becomes of a job that the worker which has it, or every worker that is there, cannot execute. */
const FUNCTIONS = `
-- Of the transaction's tenant's waiting jobs those that no worker which is heard of can execute, and what is missing.
CREATE FUNCTION stranded_jobs(p_jobs uuid[]) RETURNS TABLE (job_id uuid, missing text, memory bigint)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  WITH living AS MATERIALIZED (SELECT * FROM workers WHERE ${LIVES} AND NOT draining)
  SELECT job.id,
         CASE WHEN NOT EXISTS (SELECT FROM living) THEN 'WORKER'
              WHEN NOT EXISTS (SELECT FROM living WHERE worker_fits(living::workers, ${WANTED}, NULL)) THEN 'GPU'
              ELSE 'MEMORY' END,
         job.minimum_memory
    FROM jobs job
   WHERE job.id = ANY (p_jobs) AND job.tenant_id = ${CURRENT_TENANT} AND ${WAITING}
     AND NOT EXISTS (SELECT FROM living WHERE worker_fits(living::workers, ${WANTED}, job.minimum_memory))
$$;

-- Gives a job of the transaction's tenant that does not fit where it is executed to a worker that has more memory; false
-- where there is none. Each move asks for more than the worker before had, so that it ends.
CREATE FUNCTION move_job(p_job uuid, p_owner text, p_bytes bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER ${PATH} AS $$
  WITH mine AS (
    SELECT job.tenant_id, job.id, job.worker_id, ${WANTED} AS wanted,
           greatest(p_bytes, 1 + CASE WHEN own.gpu AND ${WANTED} <> 'CPU' THEN own.gpu_bytes ELSE own.cpu_bytes END) AS memory
      FROM jobs job LEFT JOIN workers own ON own.id = job.worker_id
     WHERE job.id = p_job AND job.lease_owner = p_owner AND job.finished_at IS NULL
       AND job.cancel_requested_at IS NULL AND job.tenant_id = ${CURRENT_TENANT}
       FOR UPDATE OF job
  ), moved AS (
    UPDATE jobs job
       SET state = 'QUEUED', lease_owner = NULL, lease_expires_at = NULL, enqueued_at = NULL, minimum_memory = mine.memory
      FROM mine
     WHERE job.tenant_id = mine.tenant_id AND job.id = mine.id
       AND EXISTS (SELECT FROM workers other
                    WHERE other.id IS DISTINCT FROM mine.worker_id AND other.${LIVES} AND NOT other.draining
                      AND worker_fits(other, mine.wanted, mine.memory))
    RETURNING job.tenant_id, job.id
  )
  SELECT count(pg_notify('training_progress', json_build_object('tenantId', tenant_id, 'runId', id)::text)) > 0 FROM moved
$$;

REVOKE ALL ON FUNCTION stranded_jobs(uuid[]), move_job(uuid, text, bigint) FROM PUBLIC;
`;

export class UnfitJobs1700000104001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(FUNCTIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION stranded_jobs(uuid[]), move_job(uuid, text, bigint)');
  }
}
