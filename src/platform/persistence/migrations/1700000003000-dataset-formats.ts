import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** How a dataset's file is written: as its owner said beforehand, and as it was found out. */
export class DatasetFormats1700000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE datasets ADD COLUMN declared_format jsonb, ADD COLUMN format jsonb`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE datasets DROP COLUMN declared_format, DROP COLUMN format`);
  }
}
