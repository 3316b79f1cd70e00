import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Which version's weights a training starts from, what came of it, and the weights that a version leaves to start from. What
 * was learned from a subject that was erased is nothing to start from.
 */
export class WarmStarts1700000086000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE jobs
        ADD COLUMN start_version_id uuid,
        ADD COLUMN warm_start jsonb,
        ADD FOREIGN KEY (tenant_id, start_version_id) REFERENCES model_versions (tenant_id, id);
      CREATE INDEX jobs_started_from ON jobs (tenant_id, start_version_id) WHERE start_version_id IS NOT NULL;
      ALTER TABLE model_versions
        ADD COLUMN weights_sha256 text,
        ADD COLUMN trained_on_erased boolean NOT NULL DEFAULT false;
      ALTER TABLE retraining_schedules
        ADD COLUMN start_from text NOT NULL DEFAULT 'NOTHING' CHECK (start_from IN ('CHAMPION', 'NOTHING'));
      ALTER TABLE retraining_schedules ALTER COLUMN start_from DROP DEFAULT;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE retraining_schedules DROP COLUMN start_from;
      ALTER TABLE model_versions DROP COLUMN weights_sha256, DROP COLUMN trained_on_erased;
      DROP INDEX jobs_started_from;
      ALTER TABLE jobs DROP COLUMN start_version_id, DROP COLUMN warm_start;
    `);
  }
}
