import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What a model version is to be worth more than, null for those that were trained before it was asked; and why one serves, or is
 * tried out, that is not.
 */
export class Baselines1700000096000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE model_versions ADD COLUMN baseline jsonb;
      ALTER TABLE promotions
        ADD COLUMN baseline_override text CHECK (length(baseline_override) BETWEEN 1 AND 500);
      ALTER TABLE challengers
        ADD COLUMN baseline_override text CHECK (length(baseline_override) BETWEEN 1 AND 500);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE challengers DROP COLUMN baseline_override;
      ALTER TABLE promotions DROP COLUMN baseline_override;
      ALTER TABLE model_versions DROP COLUMN baseline;
    `);
  }
}
