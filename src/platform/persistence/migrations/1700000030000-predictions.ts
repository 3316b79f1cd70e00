import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * The log of predictions: one row per version that scored an example. Ids are UUIDv7, so that the primary key grows at
 * each tenant's end, and a span of time is a span of ids: of a version's rows by the second index, of all by the first.
 */
const TABLES = `
CREATE TABLE predictions (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  domain text NOT NULL,
  -- The subject's id, or the digest of one that is too long or cannot be stored.
  subject text COLLATE "C" CHECK (length(subject) BETWEEN 1 AND 200),
  -- The moment of prediction.
  at timestamptz NOT NULL,
  model_version_id uuid NOT NULL,
  artifact_sha256 bytea NOT NULL CHECK (length(artifact_sha256) = 32),
  role text NOT NULL CHECK (role IN ('CHAMPION', 'CHALLENGER')),
  -- Of a score that was not shown: the prediction that was, of the same example.
  shadow_of uuid,
  threshold double precision NOT NULL,
  probability double precision NOT NULL,
  logit double precision NOT NULL,
  -- Values of categorical features by name: what slices are made by.
  categories jsonb NOT NULL,
  -- The example as the model saw it.
  snapshot bytea NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE predictions ALTER COLUMN snapshot SET STORAGE EXTERNAL;
CREATE INDEX predictions_version ON predictions (tenant_id, model_version_id, id);
CREATE INDEX predictions_subject ON predictions (tenant_id, domain, subject, at DESC, id DESC)
  WHERE subject IS NOT NULL;
CREATE INDEX predictions_shadow ON predictions (tenant_id, shadow_of) WHERE shadow_of IS NOT NULL;

-- What is recorded without being asked for, and for how long all is kept. No row: nothing, and the default.
CREATE TABLE prediction_log_settings (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  domain text NOT NULL,
  share double precision NOT NULL CHECK (share BETWEEN 0 AND 1),
  retention_days integer NOT NULL CHECK (retention_days BETWEEN 1 AND 3650),
  PRIMARY KEY (tenant_id, domain)
);

-- The least id that can be made at a moment.
CREATE FUNCTION first_prediction_id(at timestamptz) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;
`;

export class Predictions1700000030000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['predictions', 'prediction_log_settings'])
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION first_prediction_id; DROP TABLE prediction_log_settings, predictions');
  }
}
