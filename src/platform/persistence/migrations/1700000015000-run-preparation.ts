import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What became of a dataset's rows in a run, and how its examples were split. */
export class RunPreparation1700000015000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE training_runs ADD COLUMN preparation jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE training_runs DROP COLUMN preparation`);
  }
}
