import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What a model version's inputs, scores and labels were in training; null for those that were trained before. */
export class DriftReferences1700000057000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE model_versions ADD COLUMN drift_reference_sha256 text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE model_versions DROP COLUMN drift_reference_sha256`);
  }
}
