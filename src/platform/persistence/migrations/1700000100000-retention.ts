import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** For how long a tenant keeps what, and objects whose rows are gone already. */
const TABLES = `
-- What has no row is kept for ever, but for exports.
CREATE TABLE retention_periods (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
  days integer NOT NULL CHECK (days BETWEEN 1 AND 3650),
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, kind)
);

-- Written down with the removal of what had the object: whoever finds it here removes the object, however often it takes.
CREATE TABLE object_garbage (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  sha256 text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, sha256)
);

CREATE INDEX alerts_raised ON alerts (tenant_id, raised_at);
CREATE INDEX drift_reports_computed ON drift_reports (tenant_id, computed_at);

-- Tenants of which something may have to go.
CREATE FUNCTION retention_tenants() RETURNS TABLE (tenant_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT DISTINCT found.tenant_id FROM (
    SELECT p.tenant_id FROM retention_periods p
    UNION ALL SELECT g.tenant_id FROM object_garbage g
    UNION ALL SELECT r.tenant_id FROM subject_requests r WHERE r.expires_at <= now()
  ) found
$$;
REVOKE ALL ON FUNCTION retention_tenants() FROM PUBLIC;
`;

export class Retention1700000100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['retention_periods', 'object_garbage'])
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION retention_tenants();
      DROP INDEX alerts_raised, drift_reports_computed;
      DROP TABLE object_garbage, retention_periods;
    `);
  }
}
