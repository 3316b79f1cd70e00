import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

const WAITING = `run.state = 'QUEUED' AND run.lease_owner IS NULL AND run.cancel_requested_at IS NULL`;

/** The order among a tenant's own runs. What had begun already goes on first, whatever its priority. */
const OWN_ORDER =
  '(run.attempt > 0) DESC, (CASE WHEN run.attempt > 0 THEN 0 ELSE run.priority END) DESC, run.sequence';

const PATH = 'SET search_path = pg_catalog, public, pg_temp';

/** "turn": the advisory lock that lets one worker at a time decide which run is next. */
const LOCK = 0x7475726e;

/**
 * Whose run is next: start-time fair queueing (Goyal, Vin and Cheng, 1996) between tenants. Each run that a tenant begins
 * moves the tenant's virtual time on by the run's predicted length over the tenant's weight, and the tenant whose
 * next run would start earliest in virtual time has its turn. A tenant that asked for nothing comes back at the virtual
 * time of the run that began last: it is neither punished for what it used nor paid for what it did not.
 */
const TABLES = `
ALTER TABLE tenants
  ADD COLUMN training_weight integer NOT NULL DEFAULT 1 CHECK (training_weight BETWEEN 1 AND 1000),
  -- NULL: as many as there are workers for.
  ADD COLUMN max_running_trainings integer CHECK (max_running_trainings BETWEEN 0 AND 10000);

-- Before the others of its tenant: 1; after them: -1.
ALTER TABLE training_runs ADD COLUMN priority smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1 AND 1);

CREATE INDEX training_runs_waiting ON training_runs (tenant_id, ${OWN_ORDER.replaceAll('run.', '')})
  WHERE state = 'QUEUED' AND lease_owner IS NULL AND cancel_requested_at IS NULL;
CREATE INDEX training_runs_executed ON training_runs (tenant_id, lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX training_runs_own_lengths ON training_runs (tenant_id, finished_at DESC)
  WHERE state = 'SUCCEEDED' AND attempt = 1;
CREATE INDEX training_runs_lengths ON training_runs (finished_at DESC) WHERE state = 'SUCCEEDED' AND attempt = 1;

-- In microseconds of training at weight 1: where the run began that the tenant began last, and where its next may.
CREATE TABLE training_turns (
  tenant_id uuid PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
  virtual_start bigint NOT NULL,
  virtual_finish bigint NOT NULL
);
CREATE INDEX training_turns_latest ON training_turns (virtual_start DESC);
ALTER TABLE training_turns ENABLE ROW LEVEL SECURITY;
ALTER TABLE training_turns FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON training_turns
  USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON training_turns TO CURRENT_USER USING (true) WITH CHECK (true);
`;

const FUNCTIONS = `
-- How long a run of the tenant takes, in seconds: as its last ones did, else as anybody's last ones; NULL: unknown.
CREATE FUNCTION training_seconds(p_tenant uuid) RETURNS double precision
LANGUAGE sql STABLE ${PATH} AS $$
  SELECT coalesce(
    (SELECT avg(extract(epoch FROM own.finished_at - own.started_at)) FROM (
       SELECT finished_at, started_at FROM training_runs
        WHERE tenant_id = p_tenant AND state = 'SUCCEEDED' AND attempt = 1 ORDER BY finished_at DESC LIMIT 10) own),
    (SELECT avg(extract(epoch FROM any_one.finished_at - any_one.started_at)) FROM (
       SELECT finished_at, started_at FROM training_runs
        WHERE state = 'SUCCEEDED' AND attempt = 1 ORDER BY finished_at DESC LIMIT 20) any_one)
  )::double precision
$$;

-- What a run costs in virtual time. A length that nobody knows yet counts as a minute.
CREATE FUNCTION training_charge(p_seconds double precision, p_weight integer) RETURNS bigint
LANGUAGE sql IMMUTABLE ${PATH} AS $$
  SELECT greatest(1, round(coalesce(p_seconds, 60) * 1e6)::bigint / p_weight)
$$;

-- The virtual time: where the run began that began last.
CREATE FUNCTION training_clock() RETURNS bigint
LANGUAGE sql STABLE ${PATH} AS $$
  SELECT coalesce(max(virtual_start), 0) FROM training_turns
$$;

-- Each tenant's next run, in the order of turns; none of tenants that execute as many as they may. What had begun
-- already goes on before anything begins: its turn was charged.
CREATE FUNCTION training_turn_order()
RETURNS TABLE (tenant_id uuid, run_id uuid, begun boolean, virtual_start bigint, sequence bigint)
LANGUAGE sql STABLE ${PATH} AS $$
  WITH clock AS MATERIALIZED (SELECT training_clock() AS now)
  SELECT tenant.id, next.id, next.begun, greatest(turn.virtual_finish, clock.now), next.sequence
    FROM clock CROSS JOIN tenants tenant
   CROSS JOIN LATERAL (
           SELECT run.id, run.attempt > 0 AS begun, run.sequence FROM training_runs run
            WHERE run.tenant_id = tenant.id AND ${WAITING}
            ORDER BY ${OWN_ORDER} LIMIT 1) next
    LEFT JOIN training_turns turn ON turn.tenant_id = tenant.id
   WHERE tenant.max_running_trainings IS NULL
      OR tenant.max_running_trainings > (
           SELECT count(*) FROM training_runs run WHERE run.tenant_id = tenant.id AND run.lease_owner IS NOT NULL)
   ORDER BY 3 DESC, 4, 5
$$;

-- The run that would be taken now, if there is one.
CREATE FUNCTION next_training_run()
RETURNS TABLE (tenant_id uuid, run_id uuid, attempt integer, actor_id uuid, request_id text)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  SELECT run.tenant_id, run.id, run.attempt, run.requested_by, run.request_id
    FROM (SELECT turn.tenant_id, turn.run_id FROM training_turn_order() turn LIMIT 1) first
    JOIN training_runs run ON run.tenant_id = first.tenant_id AND run.id = first.run_id
$$;

-- Gives the run whose turn it is to an execution. One decides at a time, so that turns and quotas are exact. A run
-- whose row is locked, as by somebody who cancels it, is passed over: nobody waits for a client.
CREATE FUNCTION take_training_run(p_owner text, p_lease_ms double precision)
RETURNS TABLE (tenant_id uuid, run_id uuid, attempt integer, actor_id uuid, request_id text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ${PATH} AS $$
#variable_conflict use_column
DECLARE
  candidate record;
  taken training_runs%ROWTYPE;
BEGIN
  -- Asked again, because the answer was lost.
  RETURN QUERY SELECT run.tenant_id, run.id, run.attempt, run.requested_by, run.request_id
    FROM training_runs run WHERE run.lease_owner = p_owner;
  IF FOUND THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(${LOCK});
  FOR candidate IN SELECT * FROM training_turn_order() LOOP
    UPDATE training_runs chosen
       SET state = 'PREPARING', attempt = chosen.attempt + 1, started_at = coalesce(chosen.started_at, now()),
           lease_owner = p_owner, lease_expires_at = now() + p_lease_ms * interval '1 millisecond'
     WHERE chosen.tenant_id = candidate.tenant_id
       AND chosen.id = (
             SELECT run.id FROM training_runs run
              WHERE run.tenant_id = candidate.tenant_id AND ${WAITING}
              ORDER BY ${OWN_ORDER} LIMIT 1
                FOR UPDATE SKIP LOCKED)
    RETURNING * INTO taken;
    CONTINUE WHEN NOT FOUND;
    IF taken.attempt = 1 THEN
      INSERT INTO training_turns AS turn
      SELECT tenant.id, candidate.virtual_start,
             candidate.virtual_start + training_charge(training_seconds(tenant.id), tenant.training_weight)
        FROM tenants tenant WHERE tenant.id = taken.tenant_id
          ON CONFLICT ON CONSTRAINT training_turns_pkey
          DO UPDATE SET virtual_start = excluded.virtual_start, virtual_finish = excluded.virtual_finish;
    END IF;
    -- As every change of a run is announced.
    PERFORM pg_notify('training_progress', json_build_object('tenantId', taken.tenant_id, 'runId', taken.id)::text);
    RETURN QUERY SELECT taken.tenant_id, taken.id, taken.attempt, taken.requested_by, taken.request_id;
    RETURN;
  END LOOP;
END
$$;

-- Of open runs of the transaction's tenant: how many runs of all tenants come before it (NULL unless it waits), in how
-- many seconds it begins (NULL unless it waits), and in how many it ends, if nothing else is asked for.
CREATE FUNCTION training_run_outlook(p_runs uuid[])
RETURNS TABLE (run_id uuid, place bigint, starts_in double precision, ends_in double precision)
LANGUAGE sql STABLE SECURITY DEFINER ${PATH} AS $$
  WITH open_runs AS MATERIALIZED (
    SELECT run.tenant_id, run.id, run.attempt > 0 AS begun, run.priority, run.sequence, run.started_at,
           run.lease_owner IS NOT NULL AS executed
      FROM training_runs run
     WHERE run.finished_at IS NULL AND (run.lease_owner IS NOT NULL OR ${WAITING})
  ), clock AS MATERIALIZED (SELECT training_clock() AS now
  ), involved AS MATERIALIZED (
    SELECT tenant.id, greatest(turn.virtual_finish, clock.now) AS virtual_start, tenant.training_weight AS weight,
           training_seconds(tenant.id) AS seconds
      FROM clock CROSS JOIN tenants tenant LEFT JOIN training_turns turn ON turn.tenant_id = tenant.id
     WHERE tenant.id IN (SELECT o.tenant_id FROM open_runs o)
  ), turns AS (
    SELECT o.*, i.seconds,
           i.virtual_start + training_charge(i.seconds, i.weight) * count(*) FILTER (WHERE NOT o.begun) OVER (
             PARTITION BY o.tenant_id ORDER BY o.begun DESC, o.priority DESC, o.sequence
             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS virtual_start
      FROM open_runs o JOIN involved i ON i.id = o.tenant_id WHERE NOT o.executed
  ), waiting AS (
    SELECT t.*, row_number() OVER line - 1 AS place, sum(t.seconds) OVER line - t.seconds AS seconds_before
      FROM turns t WINDOW line AS (ORDER BY t.begun DESC, t.virtual_start, t.sequence ROWS UNBOUNDED PRECEDING)
  ), executed AS (
    SELECT o.*, greatest(0, i.seconds - extract(epoch FROM now() - o.started_at))::double precision AS remaining
      FROM open_runs o JOIN involved i ON i.id = o.tenant_id WHERE o.executed
  ), capacity AS (
    -- As many at a time as now; a queue that nobody works on is about to be worked on by one.
    SELECT greatest(1, count(*)) AS slots, coalesce(sum(e.remaining), 0) AS remaining FROM executed e
  ), outlook AS (
    SELECT w.tenant_id, w.id, w.place, (c.remaining + w.seconds_before) / c.slots AS starts_in,
           (c.remaining + w.seconds_before) / c.slots + w.seconds AS ends_in FROM waiting w CROSS JOIN capacity c
    UNION ALL
    SELECT e.tenant_id, e.id, NULL, NULL, e.remaining FROM executed e
  )
  SELECT o.id, o.place, o.starts_in, o.ends_in FROM outlook o
   WHERE o.id = ANY (p_runs) AND o.tenant_id = ${CURRENT_TENANT}
$$;

-- How a tenant shares the workers with the others.
CREATE FUNCTION set_training_share(p_tenant uuid, p_weight integer, p_max_running integer) RETURNS SETOF tenants
LANGUAGE sql VOLATILE SECURITY DEFINER ${PATH} AS $$
  UPDATE tenants SET training_weight = p_weight, max_running_trainings = p_max_running
   WHERE id = p_tenant RETURNING *;
$$;

REVOKE ALL ON FUNCTION
  training_seconds(uuid), training_charge(double precision, integer), training_clock(), training_turn_order(),
  next_training_run(), take_training_run(text, double precision), training_run_outlook(uuid[]),
  set_training_share(uuid, integer, integer)
FROM PUBLIC;
`;

export class FairTrainingQueue1700000022000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(FUNCTIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION
        set_training_share(uuid, integer, integer), training_run_outlook(uuid[]),
        take_training_run(text, double precision), next_training_run(), training_turn_order(), training_clock(),
        training_charge(double precision, integer), training_seconds(uuid);
      DROP TABLE training_turns;
      DROP INDEX training_runs_waiting, training_runs_executed, training_runs_own_lengths, training_runs_lengths;
      ALTER TABLE training_runs DROP COLUMN priority;
      ALTER TABLE tenants DROP COLUMN training_weight, DROP COLUMN max_running_trainings;
    `);
  }
}
