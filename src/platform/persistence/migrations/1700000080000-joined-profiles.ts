import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** A profile of rows or events is also of the files of entities that they were joined with. */
const UP = `
-- Each as name:dataset:sha256:version of the mapping, separated by blanks; empty where nothing was joined.
ALTER TABLE dataset_profiles ADD COLUMN joined text NOT NULL DEFAULT '';
ALTER TABLE dataset_profiles DROP CONSTRAINT dataset_profiles_made_once;
ALTER TABLE dataset_profiles
  ADD CONSTRAINT dataset_profiles_made_once
  UNIQUE (tenant_id, dataset_id, configuration_id, mapping_version, format, joined);
`;

const DOWN = `
DELETE FROM dataset_profiles WHERE joined <> '';
ALTER TABLE dataset_profiles DROP CONSTRAINT dataset_profiles_made_once;
ALTER TABLE dataset_profiles
  ADD CONSTRAINT dataset_profiles_made_once
  UNIQUE (tenant_id, dataset_id, configuration_id, mapping_version, format);
ALTER TABLE dataset_profiles DROP COLUMN joined;
`;

export class JoinedProfiles1700000080000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
