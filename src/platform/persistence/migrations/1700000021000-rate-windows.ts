import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** How much of a rate each tenant has taken in the running minute: one row that starts again with every minute. */
export class RateWindows1700000021000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE rate_windows (
        tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        rate text NOT NULL,
        minute timestamptz NOT NULL,
        taken bigint NOT NULL CHECK (taken >= 0),
        PRIMARY KEY (tenant_id, rate)
      );
      ALTER TABLE rate_windows ENABLE ROW LEVEL SECURITY;
      ALTER TABLE rate_windows FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON rate_windows
        USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
      CREATE POLICY owner ON rate_windows TO CURRENT_USER USING (true) WITH CHECK (true);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rate_windows');
  }
}
