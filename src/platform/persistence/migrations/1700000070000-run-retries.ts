import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Which run a run repeats; and of failed runs, whether their checkpoints are still kept for that. */
export class RunRetries1700000070000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE jobs
        ADD COLUMN retry_of uuid,
        ADD COLUMN checkpoint_removed boolean NOT NULL DEFAULT false,
        ADD FOREIGN KEY (tenant_id, retry_of) REFERENCES jobs (tenant_id, id);
      CREATE INDEX jobs_kept_checkpoints ON jobs (tenant_id, finished_at)
        WHERE type = 'TRAINING' AND state = 'FAILED' AND NOT checkpoint_removed;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX jobs_kept_checkpoints;
      ALTER TABLE jobs DROP COLUMN retry_of, DROP COLUMN checkpoint_removed;
    `);
  }
}
