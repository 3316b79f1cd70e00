import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** What is in a dataset, as one configuration reads it: computed once, kept in the object store. Append-only. */
const TABLE = `
CREATE TABLE dataset_profiles (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  dataset_id uuid NOT NULL,
  configuration_id uuid NOT NULL,
  -- The shape of the profile; one of another shape is computed again.
  format integer NOT NULL CHECK (format > 0),
  -- Content address of the profile, JSON.
  sha256 text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, dataset_id, configuration_id, format),
  FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, configuration_id) REFERENCES domain_configurations (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE dataset_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE dataset_profiles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON dataset_profiles
  USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON dataset_profiles TO CURRENT_USER USING (true) WITH CHECK (true);
`;

export class DatasetProfiles1700000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dataset_profiles');
  }
}
