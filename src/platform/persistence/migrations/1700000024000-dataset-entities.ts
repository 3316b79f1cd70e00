import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Files beside the rows or events: which entity a dataset holds, and which datasets a run was joined with. */
const UP = `
-- NULL: rows or events, of which examples are made.
ALTER TABLE datasets ADD COLUMN entity text CHECK (length(entity) BETWEEN 1 AND 63);
-- NULL: requested before there were entities.
ALTER TABLE training_runs ADD COLUMN entities jsonb;
`;

const DOWN = `
ALTER TABLE training_runs DROP COLUMN entities;
ALTER TABLE datasets DROP COLUMN entity;
`;

export class DatasetEntities1700000024000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
