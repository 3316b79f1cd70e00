import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** When a domain is trained again, and what became of it each time. */
const TABLES = `
CREATE TABLE retraining_schedules (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  domain text NOT NULL,
  cron text,
  time_zone text NOT NULL,
  on_drift boolean NOT NULL,
  cool_down_hours integer NOT NULL CHECK (cool_down_hours BETWEEN 1 AND 8760),
  -- Null: a snapshot of the stored events.
  dataset_id uuid,
  promote text NOT NULL CHECK (promote IN ('NEVER', 'IF_BETTER')),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  next_at timestamptz,
  last_started_at timestamptz,
  leased_until timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, domain),
  CHECK (cron IS NOT NULL OR on_drift),
  CHECK ((cron IS NULL) = (next_at IS NULL)),
  FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id)
);

CREATE TABLE retrainings (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  schedule_id uuid NOT NULL,
  reason text NOT NULL CHECK (reason IN ('CRON', 'DRIFT')),
  state text NOT NULL CHECK (state IN ('PREPARING', 'TRAINING', 'SUCCEEDED', 'FAILED')),
  snapshot_id uuid,
  run_id uuid,
  model_version_id uuid,
  promoted boolean NOT NULL DEFAULT false,
  detail text,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, schedule_id) REFERENCES retraining_schedules (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX retrainings_latest ON retrainings (tenant_id, schedule_id, sequence DESC);
-- One at a time.
CREATE UNIQUE INDEX retrainings_open ON retrainings (tenant_id, schedule_id) WHERE state IN ('PREPARING', 'TRAINING');

-- Schedules that something is to be done for, and why; those that nobody works on.
CREATE FUNCTION due_retrainings() RETURNS TABLE (tenant_id uuid, schedule_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT s.tenant_id, s.id FROM retraining_schedules s
    LEFT JOIN LATERAL (
      SELECT d.state, d.computed_at FROM drift_reports d
       WHERE d.tenant_id = s.tenant_id AND d.domain = s.domain ORDER BY d.sequence DESC LIMIT 1) d ON s.on_drift
   WHERE s.leased_until < now()
     AND (s.next_at <= now()
          OR (d.state = 'DRIFTED' AND d.computed_at > greatest(s.created_at, s.last_started_at)
              AND (s.last_started_at IS NULL OR s.last_started_at <= now() - make_interval(hours => s.cool_down_hours)))
          OR EXISTS (SELECT FROM retrainings r
                      WHERE r.tenant_id = s.tenant_id AND r.schedule_id = s.id AND r.state IN ('PREPARING', 'TRAINING')))
   ORDER BY random() LIMIT 100
$$;
REVOKE ALL ON FUNCTION due_retrainings() FROM PUBLIC;
`;

export class RetrainingSchedules1700000060000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['retraining_schedules', 'retrainings'])
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION due_retrainings(); DROP TABLE retrainings, retraining_schedules');
  }
}
