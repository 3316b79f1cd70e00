import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What the execution of runs needs: the count of crashed executions, when a job was last enqueued, and the question
 * that no single tenant can answer: which runs have to be taken up.
 */
const JOBS = `
ALTER TABLE training_runs
  ADD COLUMN crashes integer NOT NULL DEFAULT 0,
  -- When a job for the next execution was last put in the queue.
  ADD COLUMN enqueued_at timestamptz;

-- Runs that nobody executes and that may have no job, oldest first.
CREATE FUNCTION neglected_training_runs(requeue_ms double precision, lease_ms double precision)
RETURNS TABLE (tenant_id uuid, run_id uuid, attempt integer, owner text, actor_id uuid, request_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT run.tenant_id, run.id, run.attempt, run.lease_owner, run.requested_by, run.request_id
    FROM training_runs run
   WHERE run.finished_at IS NULL
     AND CASE
           WHEN run.lease_owner IS NULL THEN
             run.enqueued_at IS NULL OR run.enqueued_at < now() - requeue_ms * interval '1 millisecond'
           -- After an outage of this server an execution that is alive gets time to renew its lease.
           ELSE run.lease_expires_at < now()
                AND pg_postmaster_start_time() < now() - lease_ms * interval '1 millisecond'
         END
   ORDER BY run.sequence
   LIMIT 200
$$;

REVOKE ALL ON FUNCTION neglected_training_runs(double precision, double precision) FROM PUBLIC;
`;

export class Jobs1700000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(JOBS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION neglected_training_runs(double precision, double precision);
      ALTER TABLE training_runs DROP COLUMN crashes, DROP COLUMN enqueued_at;
    `);
  }
}
