import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

const WAITING = `job.state = 'QUEUED' AND job.lease_owner IS NULL AND job.cancel_requested_at IS NULL`;

/** The order among a tenant's own jobs. What had begun already goes on first, whatever its priority. */
const OWN_ORDER =
  '(job.attempt > 0) DESC, (CASE WHEN job.attempt > 0 THEN 0 ELSE job.priority END) DESC, job.sequence';

const PATH = 'SET search_path = pg_catalog, public, pg_temp';

/** "turn": the advisory lock that lets one worker at a time decide which job is next. */
const LOCK = 0x7475726e;

/**
 * One table of jobs, whatever they do: trainings as before, and the scoring of many examples. Both wait in the same line,
 * so that a tenant's share is of all that its jobs take. What only one type has is null in the others.
 */
const TABLES = `
DROP FUNCTION training_run_outlook(uuid[]), take_training_run(text, double precision), next_training_run(),
  training_turn_order(), training_clock(), training_charge(double precision, integer), training_seconds(uuid),
  neglected_training_runs(double precision, double precision), queued_training_runs_before(bigint);

ALTER TABLE training_turns RENAME TO job_turns;
ALTER INDEX training_turns_pkey RENAME TO job_turns_pkey;
ALTER INDEX training_turns_latest RENAME TO job_turns_latest;

ALTER TABLE training_runs RENAME TO jobs;
ALTER INDEX training_runs_pkey RENAME TO jobs_pkey;
ALTER INDEX training_runs_open RENAME TO jobs_open;
ALTER INDEX training_runs_waiting RENAME TO jobs_waiting;
ALTER INDEX training_runs_executed RENAME TO jobs_executed;
DROP INDEX training_runs_own_lengths, training_runs_lengths;

ALTER TABLE jobs DROP CONSTRAINT training_runs_state_check;
ALTER TABLE jobs
  ADD COLUMN type text NOT NULL DEFAULT 'TRAINING' CHECK (type IN ('TRAINING', 'SCORING')),
  ALTER COLUMN dataset_id DROP NOT NULL,
  ALTER COLUMN configuration_id DROP NOT NULL,
  -- What scores.
  ADD COLUMN model_version_id uuid,
  -- What is scored, where that is no dataset: the stored subjects as of this moment, by the events up to this number.
  ADD COLUMN as_of timestamptz,
  ADD COLUMN watermark bigint,
  ADD COLUMN format text CHECK (format IN ('CSV', 'PARQUET')),
  -- Where what came of it is, and where every row went.
  ADD COLUMN result jsonb,
  ADD FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions (tenant_id, id),
  ADD CONSTRAINT jobs_state_check CHECK (state IN
    ('QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'SCORING', 'EXPORTING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  ADD CONSTRAINT jobs_type_columns_check CHECK (CASE type
    WHEN 'TRAINING' THEN dataset_id IS NOT NULL AND configuration_id IS NOT NULL
    ELSE model_version_id IS NOT NULL AND format IS NOT NULL
         AND (dataset_id IS NULL) = (as_of IS NOT NULL) AND (as_of IS NULL) = (watermark IS NULL)
         AND (state = 'SUCCEEDED') = (result IS NOT NULL) END);

CREATE INDEX jobs_of_type ON jobs (tenant_id, type, sequence DESC);
CREATE INDEX jobs_own_lengths ON jobs (tenant_id, type, finished_at DESC) WHERE state = 'SUCCEEDED' AND attempt = 1;
CREATE INDEX jobs_lengths ON jobs (type, finished_at DESC) WHERE state = 'SUCCEEDED' AND attempt = 1;

-- Datasets that are only to be scored have no labels.
ALTER TABLE datasets ADD COLUMN is_labelled boolean NOT NULL DEFAULT true;
`;

const FUNCTIONS = `
-- Jobs that nobody executes and that may have no message in the queue, oldest first.
CREATE FUNCTION neglected_jobs(requeue_ms double precision, lease_ms double precision)
RETURNS TABLE (tenant_id uuid, job_id uuid, attempt integer, owner text, actor_id uuid, request_id text)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  SELECT job.tenant_id, job.id, job.attempt, job.lease_owner, job.requested_by, job.request_id
    FROM jobs job
   WHERE job.finished_at IS NULL
     AND CASE
           WHEN job.lease_owner IS NULL THEN
             job.enqueued_at IS NULL OR job.enqueued_at < now() - requeue_ms * interval '1 millisecond'
           -- After an outage of this server an execution that is alive gets time to renew its lease.
           ELSE job.lease_expires_at < now()
                AND pg_postmaster_start_time() < now() - lease_ms * interval '1 millisecond'
         END
   ORDER BY job.sequence
   LIMIT 200
$$;

-- How long a job of the tenant takes, in seconds: as its last ones of the type did, else as anybody's; NULL: unknown.
CREATE FUNCTION job_seconds(p_tenant uuid, p_type text) RETURNS double precision
LANGUAGE sql STABLE ${PATH} AS $$
  SELECT coalesce(
    (SELECT avg(extract(epoch FROM own.finished_at - own.started_at)) FROM (
       SELECT finished_at, started_at FROM jobs
        WHERE tenant_id = p_tenant AND type = p_type AND state = 'SUCCEEDED' AND attempt = 1
        ORDER BY finished_at DESC LIMIT 10) own),
    (SELECT avg(extract(epoch FROM any_one.finished_at - any_one.started_at)) FROM (
       SELECT finished_at, started_at FROM jobs
        WHERE type = p_type AND state = 'SUCCEEDED' AND attempt = 1 ORDER BY finished_at DESC LIMIT 20) any_one)
  )::double precision
$$;

-- What a job costs in virtual time. A length that nobody knows yet counts as a minute.
CREATE FUNCTION job_charge(p_seconds double precision, p_weight integer) RETURNS bigint
LANGUAGE sql IMMUTABLE ${PATH} AS $$
  SELECT greatest(1, round(coalesce(p_seconds, 60) * 1e6)::bigint / p_weight)
$$;

-- The virtual time: where the job began that began last.
CREATE FUNCTION job_clock() RETURNS bigint
LANGUAGE sql STABLE ${PATH} AS $$
  SELECT coalesce(max(virtual_start), 0) FROM job_turns
$$;

-- Each tenant's next job, in the order of turns; none of tenants that execute as many as they may. What had begun
-- already goes on before anything begins: its turn was charged.
CREATE FUNCTION job_turn_order()
RETURNS TABLE (tenant_id uuid, job_id uuid, begun boolean, virtual_start bigint, sequence bigint)
LANGUAGE sql STABLE ${PATH} AS $$
  WITH clock AS MATERIALIZED (SELECT job_clock() AS now)
  SELECT tenant.id, next.id, next.begun, greatest(turn.virtual_finish, clock.now), next.sequence
    FROM clock CROSS JOIN tenants tenant
   CROSS JOIN LATERAL (
           SELECT job.id, job.attempt > 0 AS begun, job.sequence FROM jobs job
            WHERE job.tenant_id = tenant.id AND ${WAITING}
            ORDER BY ${OWN_ORDER} LIMIT 1) next
    LEFT JOIN job_turns turn ON turn.tenant_id = tenant.id
   WHERE tenant.max_running_trainings IS NULL
      OR tenant.max_running_trainings > (
           SELECT count(*) FROM jobs job WHERE job.tenant_id = tenant.id AND job.lease_owner IS NOT NULL)
   ORDER BY 3 DESC, 4, 5
$$;

-- The job that would be taken now, if there is one.
CREATE FUNCTION next_job()
RETURNS TABLE (tenant_id uuid, job_id uuid, attempt integer, actor_id uuid, request_id text)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  SELECT job.tenant_id, job.id, job.attempt, job.requested_by, job.request_id
    FROM (SELECT turn.tenant_id, turn.job_id FROM job_turn_order() turn LIMIT 1) first
    JOIN jobs job ON job.tenant_id = first.tenant_id AND job.id = first.job_id
$$;

-- Gives the job whose turn it is to an execution. One decides at a time, so that turns and quotas are exact. A job
-- whose row is locked, as by somebody who cancels it, is passed over: nobody waits for a client.
CREATE FUNCTION take_job(p_owner text, p_lease_ms double precision)
RETURNS TABLE (tenant_id uuid, job_id uuid, attempt integer, actor_id uuid, request_id text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ${PATH} AS $$
#variable_conflict use_column
DECLARE
  candidate record;
  taken jobs%ROWTYPE;
BEGIN
  -- Asked again, because the answer was lost.
  RETURN QUERY SELECT job.tenant_id, job.id, job.attempt, job.requested_by, job.request_id
    FROM jobs job WHERE job.lease_owner = p_owner;
  IF FOUND THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(${LOCK});
  FOR candidate IN SELECT * FROM job_turn_order() LOOP
    UPDATE jobs chosen
       SET state = 'PREPARING', attempt = chosen.attempt + 1, started_at = coalesce(chosen.started_at, now()),
           lease_owner = p_owner, lease_expires_at = now() + p_lease_ms * interval '1 millisecond'
     WHERE chosen.tenant_id = candidate.tenant_id
       AND chosen.id = (
             SELECT job.id FROM jobs job
              WHERE job.tenant_id = candidate.tenant_id AND ${WAITING}
              ORDER BY ${OWN_ORDER} LIMIT 1
                FOR UPDATE SKIP LOCKED)
    RETURNING * INTO taken;
    CONTINUE WHEN NOT FOUND;
    IF taken.attempt = 1 THEN
      INSERT INTO job_turns AS turn
      SELECT tenant.id, candidate.virtual_start,
             candidate.virtual_start + job_charge(job_seconds(tenant.id, taken.type), tenant.training_weight)
        FROM tenants tenant WHERE tenant.id = taken.tenant_id
          ON CONFLICT ON CONSTRAINT job_turns_pkey
          DO UPDATE SET virtual_start = excluded.virtual_start, virtual_finish = excluded.virtual_finish;
    END IF;
    -- As every change of a job is announced.
    PERFORM pg_notify('training_progress', json_build_object('tenantId', taken.tenant_id, 'runId', taken.id)::text);
    RETURN QUERY SELECT taken.tenant_id, taken.id, taken.attempt, taken.requested_by, taken.request_id;
    RETURN;
  END LOOP;
END
$$;

-- Of open jobs of the transaction's tenant: how many jobs of all tenants come before it (NULL unless it waits), in how
-- many seconds it begins (NULL unless it waits), and in how many it ends, if nothing else is asked for. Seconds are NULL
-- where a length is not known that they depend on.
CREATE FUNCTION job_outlook(p_jobs uuid[])
RETURNS TABLE (job_id uuid, place bigint, starts_in double precision, ends_in double precision)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  WITH open_jobs AS MATERIALIZED (
    SELECT job.tenant_id, job.id, job.type, job.attempt > 0 AS begun, job.priority, job.sequence, job.started_at,
           job.lease_owner IS NOT NULL AS executed
      FROM jobs job
     WHERE job.finished_at IS NULL AND (job.lease_owner IS NOT NULL OR ${WAITING})
  ), lengths AS MATERIALIZED (
    SELECT kind.tenant_id, kind.type, job_seconds(kind.tenant_id, kind.type) AS seconds
      FROM (SELECT DISTINCT o.tenant_id, o.type FROM open_jobs o) kind
  ), clock AS MATERIALIZED (SELECT job_clock() AS now
  ), involved AS MATERIALIZED (
    SELECT tenant.id, greatest(turn.virtual_finish, clock.now) AS virtual_start, tenant.training_weight AS weight
      FROM clock CROSS JOIN tenants tenant LEFT JOIN job_turns turn ON turn.tenant_id = tenant.id
     WHERE tenant.id IN (SELECT o.tenant_id FROM open_jobs o)
  ), turns AS (
    SELECT o.*, l.seconds,
           i.virtual_start + coalesce(sum(job_charge(l.seconds, i.weight)) FILTER (WHERE NOT o.begun) OVER (
             PARTITION BY o.tenant_id ORDER BY o.begun DESC, o.priority DESC, o.sequence
             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS virtual_start
      FROM open_jobs o JOIN involved i ON i.id = o.tenant_id
      JOIN lengths l ON l.tenant_id = o.tenant_id AND l.type = o.type
     WHERE NOT o.executed
  ), waiting AS (
    SELECT t.*, row_number() OVER line - 1 AS place,
           CASE WHEN count(*) OVER line = count(t.seconds) OVER line THEN sum(t.seconds) OVER line - t.seconds END
             AS seconds_before
      FROM turns t WINDOW line AS (ORDER BY t.begun DESC, t.virtual_start, t.sequence ROWS UNBOUNDED PRECEDING)
  ), executed AS (
    SELECT o.*, CASE WHEN l.seconds IS NOT NULL
                     THEN greatest(0, l.seconds - extract(epoch FROM now() - o.started_at))::double precision END AS remaining
      FROM open_jobs o JOIN lengths l ON l.tenant_id = o.tenant_id AND l.type = o.type WHERE o.executed
  ), capacity AS (
    -- As many at a time as now; a queue that nobody works on is about to be worked on by one.
    SELECT greatest(1, count(*)) AS slots,
           CASE WHEN count(*) = count(e.remaining) THEN coalesce(sum(e.remaining), 0) END AS remaining FROM executed e
  ), outlook AS (
    SELECT w.tenant_id, w.id, w.place, (c.remaining + w.seconds_before) / c.slots AS starts_in,
           (c.remaining + w.seconds_before) / c.slots + w.seconds AS ends_in FROM waiting w CROSS JOIN capacity c
    UNION ALL
    SELECT e.tenant_id, e.id, NULL, NULL, e.remaining FROM executed e
  )
  SELECT o.id, o.place, o.starts_in, o.ends_in FROM outlook o
   WHERE o.id = ANY (p_jobs) AND o.tenant_id = ${CURRENT_TENANT}
$$;

REVOKE ALL ON FUNCTION
  neglected_jobs(double precision, double precision), job_seconds(uuid, text),
  job_charge(double precision, integer), job_clock(), job_turn_order(), next_job(), take_job(text, double precision),
  job_outlook(uuid[])
FROM PUBLIC;
`;

export class JobsOfAllTypes1700000046000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(FUNCTIONS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('scorings have no place among trainings: restore a backup instead'));
  }
}
