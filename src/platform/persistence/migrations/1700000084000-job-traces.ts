import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The trace of the request that asked for a job, as W3C Trace Context writes it: each of its executions goes on with it. */
export class JobTraces1700000084000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE jobs ADD COLUMN traceparent text
        CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE jobs DROP COLUMN traceparent');
  }
}
