import { type MigrationInterface, type QueryRunner } from 'typeorm';

const PATH = 'SET search_path = pg_catalog, public, pg_temp';

/**
 * What jobs use of their tenant's quotas. The database writes it down with the change itself, so that nothing is missed and nothing
 * counted twice, whoever ends an execution: the worker, the reconciler after the worker was lost, or a person.
 */
const METER = `
ALTER TABLE jobs
  -- When the running execution began, and on what.
  ADD COLUMN leased_at timestamptz,
  ADD COLUMN lease_device text CHECK (lease_device IN ('CPU', 'GPU'));

CREATE FUNCTION use_quota(p_tenant uuid, p_kind text, p_start timestamptz, p_amount double precision) RETURNS void
LANGUAGE sql VOLATILE ${PATH} AS $$
  INSERT INTO quota_usage AS usage (tenant_id, kind, period_start, used)
  VALUES (p_tenant, p_kind, p_start, p_amount)
      ON CONFLICT (tenant_id, kind, period_start) DO UPDATE SET used = usage.used + excluded.used
$$;

-- Of a worker that was lost, the seconds after its lease are nobody's.
CREATE FUNCTION meter_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER ${PATH} AS $$
BEGIN
  IF NEW.lease_owner IS NOT DISTINCT FROM OLD.lease_owner THEN RETURN NEW; END IF;
  IF OLD.lease_owner IS NOT NULL AND OLD.leased_at IS NOT NULL AND OLD.type = 'TRAINING' THEN
    PERFORM use_quota(
      OLD.tenant_id, OLD.lease_device || '_TRAINING_SECONDS_PER_MONTH', date_trunc('month', clock_timestamp(), 'UTC'),
      greatest(0, extract(epoch FROM least(clock_timestamp(), OLD.lease_expires_at) - OLD.leased_at))::double precision);
  END IF;
  IF NEW.type = 'SCORING' AND NEW.state = 'SUCCEEDED' THEN
    PERFORM use_quota(
      NEW.tenant_id, 'SCORED_ROWS_PER_DAY', date_trunc('day', clock_timestamp(), 'UTC'),
      coalesce((NEW.result #>> '{accounting,scored}')::double precision, 0));
  END IF;
  NEW.leased_at := CASE WHEN NEW.lease_owner IS NOT NULL THEN clock_timestamp() END;
  NEW.lease_device := CASE WHEN NEW.lease_owner IS NULL THEN NULL
                           WHEN NEW.type <> 'TRAINING' OR NEW.requested_device = 'CPU' THEN 'CPU'
                           ELSE device_class(NEW.worker_id) END;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION use_quota(uuid, text, timestamptz, double precision), meter_job() FROM PUBLIC;

CREATE TRIGGER jobs_meter BEFORE UPDATE OF lease_owner ON jobs FOR EACH ROW EXECUTE FUNCTION meter_job();
`;

export class MeteredJobs1700000105001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(METER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER jobs_meter ON jobs;
      DROP FUNCTION meter_job(), use_quota(uuid, text, timestamptz, double precision);
      ALTER TABLE jobs DROP COLUMN lease_device, DROP COLUMN leased_at;
    `);
  }
}
