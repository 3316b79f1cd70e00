import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** Which columns of a file are those that a configuration reads: what it was guessed from, and what people said. Append-only. */
const TABLES = `
CREATE TABLE dataset_mappings (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  decisions jsonb NOT NULL,
  decided_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, dataset_id, version),
  FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE dataset_mappings ENABLE ROW LEVEL SECURITY;
ALTER TABLE dataset_mappings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON dataset_mappings
  USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON dataset_mappings TO CURRENT_USER USING (true) WITH CHECK (true);

ALTER TABLE datasets ADD COLUMN column_sketches jsonb;
-- NULL: requested before mappings were recorded, when all names had to be equal.
ALTER TABLE training_runs ADD COLUMN mapping jsonb;
ALTER TABLE dataset_profiles ADD COLUMN mapping_version integer NOT NULL DEFAULT 0;
-- The database named it itself.
DO $$ BEGIN
  EXECUTE format('ALTER TABLE dataset_profiles DROP CONSTRAINT %I',
    (SELECT conname FROM pg_constraint WHERE conrelid = 'dataset_profiles'::regclass AND contype = 'u'));
END $$;
ALTER TABLE dataset_profiles
  ADD CONSTRAINT dataset_profiles_made_once
  UNIQUE (tenant_id, dataset_id, configuration_id, mapping_version, format);
`;

const BACK = `
DELETE FROM dataset_profiles WHERE mapping_version > 0;
ALTER TABLE dataset_profiles DROP CONSTRAINT dataset_profiles_made_once;
ALTER TABLE dataset_profiles DROP COLUMN mapping_version;
ALTER TABLE dataset_profiles
  ADD UNIQUE (tenant_id, dataset_id, configuration_id, format);
ALTER TABLE training_runs DROP COLUMN mapping;
ALTER TABLE datasets DROP COLUMN column_sketches;
DROP TABLE dataset_mappings;
`;

export class DatasetMappings1700000014000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(BACK);
  }
}
