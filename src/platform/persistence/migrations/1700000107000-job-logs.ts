import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** What a job tells of itself, and what each of its executions took. */
const TABLES = `
CREATE TABLE job_log_lines (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  job_id uuid NOT NULL,
  -- The order within the job, from 1; 0 is the line that says how many were left out.
  number integer NOT NULL CHECK (number >= 0),
  at timestamptz NOT NULL,
  level text NOT NULL CHECK (level IN ('DETAIL', 'INFO', 'WARNING', 'ERROR')),
  attempt integer NOT NULL,
  phase text NOT NULL,
  message text NOT NULL CHECK (length(message) BETWEEN 1 AND 1000),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, job_id, number),
  FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX job_log_lines_written ON job_log_lines (tenant_id, at);

CREATE TABLE job_attempts (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  job_id uuid NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  -- Workers are forgotten sooner than attempts.
  worker_id uuid,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  ending text CHECK (ending IN ('SUCCEEDED', 'FAILED', 'CANCELLED', 'LOST', 'LEFT_OFF', 'MOVED')),
  device text,
  code_version text,
  -- Of its process, as it was measured last.
  processor_seconds double precision CHECK (processor_seconds >= 0),
  peak_memory_bytes bigint CHECK (peak_memory_bytes >= 0),
  measured_at timestamptz,
  PRIMARY KEY (tenant_id, job_id, attempt),
  FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id) ON DELETE CASCADE
);
`;

/**
 * The database writes down itself when an attempt begins and ends, with the change of its job, so that none is missed whose
 * worker dies at once. Of a job that is put back again and again, the first thousand are kept.
 */
const ATTEMPTS = `
CREATE FUNCTION record_job_attempt() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF OLD.lease_owner IS NOT NULL THEN
    UPDATE job_attempts
       SET ended_at = clock_timestamp(),
           ending = CASE WHEN NEW.crashes > OLD.crashes THEN 'LOST'
                         WHEN NEW.state IN ('SUCCEEDED', 'FAILED', 'CANCELLED') THEN NEW.state
                         WHEN NEW.minimum_memory IS DISTINCT FROM OLD.minimum_memory THEN 'MOVED'
                         ELSE 'LEFT_OFF' END
     WHERE tenant_id = OLD.tenant_id AND job_id = OLD.id AND attempt = OLD.attempt AND ended_at IS NULL;
  END IF;
  IF NEW.lease_owner IS NOT NULL AND NEW.attempt BETWEEN 1 AND 1000 THEN
    INSERT INTO job_attempts (tenant_id, job_id, attempt, worker_id, started_at)
    VALUES (NEW.tenant_id, NEW.id, NEW.attempt, NEW.worker_id, clock_timestamp())
        ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION record_job_attempt() FROM PUBLIC;

CREATE TRIGGER jobs_record_attempt AFTER UPDATE OF lease_owner ON jobs
  FOR EACH ROW WHEN (OLD.lease_owner IS DISTINCT FROM NEW.lease_owner) EXECUTE FUNCTION record_job_attempt();
`;

export class JobLogs1700000107000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['job_log_lines', 'job_attempts'])
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
    await runner.query(ATTEMPTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER jobs_record_attempt ON jobs;
      DROP FUNCTION record_job_attempt();
      DROP TABLE job_attempts, job_log_lines;
    `);
  }
}
