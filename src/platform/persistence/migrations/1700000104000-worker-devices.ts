import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

const WAITING = `job.state = 'QUEUED' AND job.lease_owner IS NULL AND job.cancel_requested_at IS NULL`;

/** The order among a tenant's own jobs. What had begun already goes on first, whatever its priority. */
const OWN_ORDER =
  '(job.attempt > 0) DESC, (CASE WHEN job.attempt > 0 THEN 0 ELSE job.priority END) DESC, job.sequence';

const PATH = 'SET search_path = pg_catalog, public, pg_temp';

/** "turn": the advisory lock that lets one worker at a time decide which job is next. */
const LOCK = 0x7475726e;

/** A worker that is heard of every five seconds. */
const LIVES = `heartbeat_at > now() - interval '20 s'`;
/** Scorings are computed on the CPU. */
const WANTED = `CASE job.type WHEN 'TRAINING' THEN job.requested_device ELSE 'CPU' END`;
const MAY_TAKE = `may_take(p_worker, ${WANTED}, job.minimum_memory, job.requested_at)`;

/**
 * Who executes jobs, and on what. Workers with a GPU and workers without are two classes, and tenants take turns in each by
 * itself: what a tenant has on GPUs delays nobody's job on a CPU.
 */
const TABLES = `
-- Nothing in it is a tenant's. Only the functions below reach it.
CREATE TABLE workers (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  version text NOT NULL,
  -- [{"device", "name", "memoryBytes"}], as the worker found them.
  devices jsonb NOT NULL,
  gpu boolean NOT NULL,
  -- What one job may take there; NULL: not known.
  cpu_bytes bigint,
  gpu_bytes bigint,
  concurrency integer NOT NULL CHECK (concurrency > 0),
  draining boolean NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE jobs
  ADD COLUMN requested_device text NOT NULL DEFAULT 'AUTO' CHECK (requested_device IN ('AUTO', 'CPU', 'GPU')),
  -- Only a worker that is known to have as much takes it; NULL: any.
  ADD COLUMN minimum_memory bigint CHECK (minimum_memory > 0),
  -- The worker that executes it, or executed it last. Workers are forgotten sooner than jobs.
  ADD COLUMN worker_id uuid;
CREATE INDEX jobs_of_worker ON jobs (worker_id) WHERE lease_owner IS NOT NULL;

ALTER TABLE job_turns
  ADD COLUMN device text NOT NULL DEFAULT 'CPU' CHECK (device IN ('CPU', 'GPU')),
  DROP CONSTRAINT job_turns_pkey,
  ADD CONSTRAINT job_turns_pkey PRIMARY KEY (tenant_id, device);
DROP INDEX job_turns_latest;
CREATE INDEX job_turns_latest ON job_turns (device, virtual_start DESC);
`;

const WORKERS = `
CREATE FUNCTION announce_worker(p_worker jsonb) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER ${PATH} AS $$
  DELETE FROM workers WHERE heartbeat_at < now() - interval '1 day';
  INSERT INTO workers AS known (id, name, version, devices, gpu, cpu_bytes, gpu_bytes, concurrency, draining)
  SELECT told.id, told.name, told.version, told.devices, told.gpu, told."cpuBytes", told."gpuBytes", told.concurrency,
         told.draining
    FROM jsonb_to_record(p_worker) AS told (id uuid, name text, version text, devices jsonb, gpu boolean,
           "cpuBytes" bigint, "gpuBytes" bigint, concurrency integer, draining boolean)
      ON CONFLICT (id) DO UPDATE
     SET heartbeat_at = now(), draining = excluded.draining, devices = excluded.devices, gpu = excluded.gpu,
         cpu_bytes = excluded.cpu_bytes, gpu_bytes = excluded.gpu_bytes
$$;

-- For platform administrators: every worker that was heard of within a day, and the ids of what it executes.
CREATE FUNCTION list_workers()
RETURNS TABLE (id uuid, name text, version text, devices jsonb, concurrency integer, draining boolean,
               started_at timestamptz, heartbeat_at timestamptz, alive boolean, executing jsonb)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  SELECT worker.id, worker.name, worker.version, worker.devices, worker.concurrency, worker.draining,
         worker.started_at, worker.heartbeat_at, worker.${LIVES},
         coalesce((SELECT jsonb_agg(jsonb_build_object('tenantId', job.tenant_id, 'jobId', job.id) ORDER BY job.sequence)
                     FROM jobs job WHERE job.worker_id = worker.id AND job.lease_owner IS NOT NULL), '[]')
    FROM workers worker WHERE worker.heartbeat_at > now() - interval '1 day'
   ORDER BY worker.started_at DESC, worker.id
$$;

-- For tenants: how many workers there are and how many jobs more they could execute. Sums over all tenants alone.
CREATE FUNCTION training_capacity() RETURNS TABLE (device text, workers bigint, free bigint)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  SELECT kind.device, count(worker.id), coalesce(sum(greatest(0, worker.concurrency - worker.executing)), 0)::bigint
    FROM (VALUES ('CPU', false), ('GPU', true)) kind (device, gpu)
    LEFT JOIN (SELECT known.*, (SELECT count(*) FROM jobs job
                                 WHERE job.worker_id = known.id AND job.lease_owner IS NOT NULL) AS executing
                 FROM workers known WHERE known.${LIVES} AND NOT known.draining) worker ON worker.gpu = kind.gpu
   GROUP BY kind.device ORDER BY kind.device
$$;

-- Whether a worker of this kind can execute the job at all. What is not known is no hindrance.
CREATE FUNCTION worker_fits(p_worker workers, p_wanted text, p_minimum bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE ${PATH} AS $$
  SELECT CASE WHEN p_wanted = 'GPU' AND NOT p_worker.gpu THEN false
              ELSE coalesce((CASE WHEN p_worker.gpu AND p_wanted <> 'CPU' THEN p_worker.gpu_bytes
                                  ELSE p_worker.cpu_bytes END) >= p_minimum, true) END
$$;

-- Whether the worker may take such a job now. One without a GPU leaves a job for any device to a GPU that is free, for ten
-- seconds; one with a GPU leaves jobs for the CPU to workers without. A worker that never announced itself (NULL: of a
-- version before this one) is one without a GPU whose memory is not known.
CREATE FUNCTION may_take(p_worker uuid, p_wanted text, p_minimum bigint, p_requested timestamptz) RETURNS boolean
LANGUAGE sql STABLE ${PATH} AS $$
  SELECT CASE WHEN p_worker IS NULL THEN p_wanted <> 'GPU' AND p_minimum IS NULL ELSE EXISTS (
    SELECT FROM workers me
     WHERE me.id = p_worker AND NOT me.draining AND worker_fits(me, p_wanted, p_minimum)
       AND CASE p_wanted
             WHEN 'GPU' THEN true
             WHEN 'CPU' THEN NOT me.gpu OR NOT EXISTS (
               SELECT FROM workers other
                WHERE NOT other.gpu AND other.${LIVES} AND NOT other.draining AND worker_fits(other, p_wanted, p_minimum))
             ELSE me.gpu OR p_requested < now() - interval '10 s' OR NOT EXISTS (
               SELECT FROM workers other
                WHERE other.gpu AND other.${LIVES} AND NOT other.draining AND worker_fits(other, p_wanted, p_minimum)
                  AND other.concurrency > (SELECT count(*) FROM jobs job
                                            WHERE job.worker_id = other.id AND job.lease_owner IS NOT NULL))
           END) END
$$;

-- Whose turns a worker's jobs are charged to.
CREATE FUNCTION device_class(p_worker uuid) RETURNS text
LANGUAGE sql STABLE ${PATH} AS $$
  SELECT CASE WHEN EXISTS (SELECT FROM workers WHERE id = p_worker AND gpu) THEN 'GPU' ELSE 'CPU' END
$$;
`;

const TURNS = `
DROP FUNCTION job_turn_order();

-- The virtual time of a class: where the job began that began last there.
CREATE FUNCTION job_clock(p_device text) RETURNS bigint
LANGUAGE sql STABLE ${PATH} AS $$
  SELECT coalesce(max(virtual_start), 0) FROM job_turns WHERE device = p_device
$$;

-- Each tenant's next job of those that the worker may take, in the order of the turns of its class; none of tenants that
-- execute as many as they may. What had begun already goes on before anything begins: its turn was charged.
CREATE FUNCTION job_turn_order(p_worker uuid)
RETURNS TABLE (tenant_id uuid, job_id uuid, begun boolean, virtual_start bigint, sequence bigint)
LANGUAGE sql STABLE ${PATH} AS $$
  WITH class AS MATERIALIZED (SELECT device_class(p_worker) AS device),
  clock AS MATERIALIZED (SELECT class.device, job_clock(class.device) AS now FROM class)
  SELECT tenant.id, next.id, next.begun, greatest(turn.virtual_finish, clock.now), next.sequence
    FROM clock CROSS JOIN tenants tenant
   CROSS JOIN LATERAL (
           SELECT job.id, job.attempt > 0 AS begun, job.sequence FROM jobs job
            WHERE job.tenant_id = tenant.id AND ${WAITING} AND ${MAY_TAKE}
            ORDER BY ${OWN_ORDER} LIMIT 1) next
    LEFT JOIN job_turns turn ON turn.tenant_id = tenant.id AND turn.device = clock.device
   WHERE tenant.max_running_trainings IS NULL
      OR tenant.max_running_trainings > (
           SELECT count(*) FROM jobs job WHERE job.tenant_id = tenant.id AND job.lease_owner IS NOT NULL)
   ORDER BY 3 DESC, 4, 5
$$;

-- The job that the worker would be given now, if there is one.
CREATE FUNCTION next_job(p_worker uuid)
RETURNS TABLE (tenant_id uuid, job_id uuid, attempt integer, actor_id uuid, request_id text)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  SELECT job.tenant_id, job.id, job.attempt, job.requested_by, job.request_id
    FROM (SELECT turn.tenant_id, turn.job_id FROM job_turn_order(p_worker) turn LIMIT 1) first
    JOIN jobs job ON job.tenant_id = first.tenant_id AND job.id = first.job_id
$$;

-- Workers of versions before this one ask so while they are replaced.
CREATE OR REPLACE FUNCTION next_job()
RETURNS TABLE (tenant_id uuid, job_id uuid, attempt integer, actor_id uuid, request_id text)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  SELECT * FROM next_job(NULL::uuid)
$$;

-- Gives the job whose turn it is to an execution. One decides at a time, so that turns and quotas are exact. A job
-- whose row is locked, as by somebody who cancels it, is passed over: nobody waits for a client.
CREATE FUNCTION take_job(p_owner text, p_lease_ms double precision, p_worker uuid)
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
  FOR candidate IN SELECT * FROM job_turn_order(p_worker) LOOP
    UPDATE jobs chosen
       SET state = 'PREPARING', attempt = chosen.attempt + 1, started_at = coalesce(chosen.started_at, now()),
           lease_owner = p_owner, lease_expires_at = now() + p_lease_ms * interval '1 millisecond', worker_id = p_worker
     WHERE chosen.tenant_id = candidate.tenant_id
       AND chosen.id = (
             SELECT job.id FROM jobs job
              WHERE job.tenant_id = candidate.tenant_id AND ${WAITING} AND ${MAY_TAKE}
              ORDER BY ${OWN_ORDER} LIMIT 1
                FOR UPDATE SKIP LOCKED)
    RETURNING * INTO taken;
    CONTINUE WHEN NOT FOUND;
    IF taken.attempt = 1 THEN
      INSERT INTO job_turns AS turn (tenant_id, device, virtual_start, virtual_finish)
      SELECT tenant.id, device_class(p_worker), candidate.virtual_start,
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

CREATE OR REPLACE FUNCTION take_job(p_owner text, p_lease_ms double precision)
RETURNS TABLE (tenant_id uuid, job_id uuid, attempt integer, actor_id uuid, request_id text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ${PATH} AS $$
BEGIN
  RETURN QUERY SELECT * FROM take_job(p_owner, p_lease_ms, NULL::uuid);
END
$$;
`;

const OUTLOOK = `
-- Of open jobs of the transaction's tenant: how many jobs of all tenants come before it (NULL unless it waits), in how
-- many seconds it begins (NULL unless it waits), and in how many it ends, if nothing else is asked for. Seconds are NULL
-- where a length is not known that they depend on. GPUs have a line of their own, which is everybody's where every worker
-- has a GPU.
CREATE OR REPLACE FUNCTION job_outlook(p_jobs uuid[])
RETURNS TABLE (job_id uuid, place bigint, starts_in double precision, ends_in double precision)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  WITH all_gpu AS MATERIALIZED (
    SELECT coalesce(bool_and(gpu), false) AS yes FROM workers WHERE ${LIVES} AND NOT draining
  ), open_jobs AS MATERIALIZED (
    SELECT job.tenant_id, job.id, job.type, job.attempt > 0 AS begun, job.priority, job.sequence, job.started_at,
           job.lease_owner IS NOT NULL AS executed,
           CASE WHEN job.lease_owner IS NOT NULL THEN device_class(job.worker_id)
                WHEN ${WANTED} = 'GPU' OR all_gpu.yes THEN 'GPU' ELSE 'CPU' END AS device
      FROM jobs job CROSS JOIN all_gpu
     WHERE job.finished_at IS NULL AND (job.lease_owner IS NOT NULL OR ${WAITING})
  ), lengths AS MATERIALIZED (
    SELECT kind.tenant_id, kind.type, job_seconds(kind.tenant_id, kind.type) AS seconds
      FROM (SELECT DISTINCT o.tenant_id, o.type FROM open_jobs o) kind
  ), clocks AS MATERIALIZED (
    SELECT kind.device, job_clock(kind.device) AS now FROM (VALUES ('CPU'), ('GPU')) kind (device)
  ), involved AS MATERIALIZED (
    SELECT tenant.id, clock.device, greatest(turn.virtual_finish, clock.now) AS virtual_start,
           tenant.training_weight AS weight
      FROM clocks clock CROSS JOIN tenants tenant
      LEFT JOIN job_turns turn ON turn.tenant_id = tenant.id AND turn.device = clock.device
     WHERE tenant.id IN (SELECT o.tenant_id FROM open_jobs o)
  ), turns AS (
    SELECT o.*, l.seconds,
           i.virtual_start + coalesce(sum(job_charge(l.seconds, i.weight)) FILTER (WHERE NOT o.begun) OVER (
             PARTITION BY o.tenant_id, o.device ORDER BY o.begun DESC, o.priority DESC, o.sequence
             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS virtual_start
      FROM open_jobs o JOIN involved i ON i.id = o.tenant_id AND i.device = o.device
      JOIN lengths l ON l.tenant_id = o.tenant_id AND l.type = o.type
     WHERE NOT o.executed
  ), waiting AS (
    SELECT t.*, row_number() OVER line - 1 AS place,
           CASE WHEN count(*) OVER line = count(t.seconds) OVER line THEN sum(t.seconds) OVER line - t.seconds END
             AS seconds_before
      FROM turns t
    WINDOW line AS (PARTITION BY t.device ORDER BY t.begun DESC, t.virtual_start, t.sequence ROWS UNBOUNDED PRECEDING)
  ), executed AS (
    SELECT o.*, CASE WHEN l.seconds IS NOT NULL
                     THEN greatest(0, l.seconds - extract(epoch FROM now() - o.started_at))::double precision END AS remaining
      FROM open_jobs o JOIN lengths l ON l.tenant_id = o.tenant_id AND l.type = o.type WHERE o.executed
  ), capacity AS (
    -- As many at a time as now; a queue that nobody works on is about to be worked on by one.
    SELECT clock.device, greatest(1, count(e.id)) AS slots,
           CASE WHEN count(e.id) = count(e.remaining) THEN coalesce(sum(e.remaining), 0) END AS remaining
      FROM clocks clock LEFT JOIN executed e ON e.device = clock.device GROUP BY clock.device
  ), outlook AS (
    SELECT w.tenant_id, w.id, w.place, (c.remaining + w.seconds_before) / c.slots AS starts_in,
           (c.remaining + w.seconds_before) / c.slots + w.seconds AS ends_in
      FROM waiting w JOIN capacity c ON c.device = w.device
    UNION ALL
    SELECT e.tenant_id, e.id, NULL, NULL, e.remaining FROM executed e
  )
  SELECT o.id, o.place, o.starts_in, o.ends_in FROM outlook o
   WHERE o.id = ANY (p_jobs) AND o.tenant_id = ${CURRENT_TENANT}
$$;

DROP FUNCTION job_clock();

REVOKE ALL ON FUNCTION
  announce_worker(jsonb), list_workers(), training_capacity(), worker_fits(workers, text, bigint),
  may_take(uuid, text, bigint, timestamptz), device_class(uuid), job_clock(text), job_turn_order(uuid), next_job(uuid),
  take_job(text, double precision, uuid)
FROM PUBLIC;
`;

export class WorkerDevices1700000104000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const part of [TABLES, WORKERS, TURNS, OUTLOOK]) await runner.query(part);
  }

  down(): Promise<void> {
    return Promise.reject(
      new Error('turns of two classes cannot be made into one: restore a backup instead'),
    );
  }
}
