import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** What watches the models that serve: when next, what it found, and what changed. */
const TABLES = `
-- Whoever has the lease looks; the states are those that alerts were last raised of.
CREATE TABLE monitors (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  domain text NOT NULL,
  next_at timestamptz NOT NULL,
  leased_until timestamptz NOT NULL DEFAULT '-infinity',
  states jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, domain)
);

CREATE TABLE drift_reports (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  domain text NOT NULL,
  model_version_id uuid NOT NULL,
  from_at timestamptz NOT NULL,
  until_at timestamptz NOT NULL,
  predictions integer NOT NULL CHECK (predictions >= 0),
  state text NOT NULL CHECK (state IN ('UNKNOWN', 'STABLE', 'WATCH', 'DRIFTED')),
  inputs text NOT NULL CHECK (inputs IN ('UNKNOWN', 'STABLE', 'WATCH', 'DRIFTED')),
  -- Null: the version has nothing to compare with.
  report jsonb,
  computed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX drift_reports_latest ON drift_reports (tenant_id, domain, sequence DESC);
CREATE INDEX drift_reports_version ON drift_reports (tenant_id, model_version_id, sequence DESC);

CREATE TABLE alerts (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  -- In the order of commits: whoever raises one holds the tenant's lock.
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  domain text,
  kind text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  message text NOT NULL,
  model_version_id uuid,
  raised_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX alerts_latest ON alerts (tenant_id, sequence DESC);

-- Domains with a champion that are to be looked at.
CREATE FUNCTION due_monitors() RETURNS TABLE (tenant_id uuid, domain text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT p.tenant_id, p.kind
    FROM (SELECT DISTINCT tenant_id, kind FROM promotions) p
    LEFT JOIN monitors m ON m.tenant_id = p.tenant_id AND m.domain = p.kind
   WHERE m.next_at IS NULL OR (m.next_at <= now() AND m.leased_until < now())
   ORDER BY random() LIMIT 100
$$;
REVOKE ALL ON FUNCTION due_monitors() FROM PUBLIC;
`;

export class Monitoring1700000058000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['monitors', 'drift_reports', 'alerts'])
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION due_monitors(); DROP TABLE alerts, drift_reports, monitors');
  }
}
