import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What explains a model version's answers, with its certificate; null for those that were trained before. */
export class Explainers1700000034000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE model_versions ADD COLUMN explainer jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE model_versions DROP COLUMN explainer`);
  }
}
