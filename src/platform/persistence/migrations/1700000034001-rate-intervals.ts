import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Within what bounds the rates of a model version's probabilities lie; null for those that were trained before. */
export class RateIntervals1700000034001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE model_versions ADD COLUMN rate_intervals jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE model_versions DROP COLUMN rate_intervals`);
  }
}
