import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** What became of what was predicted: of each shown prediction the latest that was told; and which predictions are to go. */
const TABLE = `
CREATE TABLE outcomes (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  prediction_id uuid NOT NULL,
  label boolean NOT NULL,
  -- When it was so.
  at timestamptz NOT NULL,
  -- What it was worth to the tenant.
  value double precision CHECK (value > '-Infinity' AND value < 'Infinity'),
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, prediction_id),
  FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE outcomes ENABLE ROW LEVEL SECURITY;
ALTER TABLE outcomes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outcomes
  USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON outcomes TO CURRENT_USER USING (true) WITH CHECK (true);

-- Versions of which predictions are kept longer than their tenants want, and the first id that may stay.
CREATE FUNCTION expired_predictions(default_days integer)
RETURNS TABLE (tenant_id uuid, model_version_id uuid, before uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT v.tenant_id, v.id, keep.first
    FROM model_versions v
    LEFT JOIN prediction_log_settings s ON s.tenant_id = v.tenant_id AND s.domain = v.kind
   CROSS JOIN LATERAL (
     SELECT first_prediction_id(now() - make_interval(days => coalesce(s.retention_days, default_days))) AS first
   ) keep
   WHERE EXISTS (SELECT FROM predictions p
                  WHERE p.tenant_id = v.tenant_id AND p.model_version_id = v.id AND p.id < keep.first)
   ORDER BY random() LIMIT 100
$$;
REVOKE ALL ON FUNCTION expired_predictions(integer) FROM PUBLIC;
`;

export class Outcomes1700000031000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION expired_predictions(integer); DROP TABLE outcomes');
  }
}
