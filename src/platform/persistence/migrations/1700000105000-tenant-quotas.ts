import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

const secured = (table: string): string => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ${table} USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
`;

/** How much each tenant may use of what, and how much it has used of what is counted by the day or the month. */
export class TenantQuotas1700000105000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- No row: no limit.
      CREATE TABLE tenant_quotas (
        tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        kind text NOT NULL,
        amount bigint NOT NULL CHECK (amount >= 0),
        PRIMARY KEY (tenant_id, kind)
      );
      CREATE TABLE quota_usage (
        tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        kind text NOT NULL,
        period_start timestamptz NOT NULL,
        -- Seconds have fractions; whole numbers are exact up to 2^53.
        used double precision NOT NULL CHECK (used >= 0),
        PRIMARY KEY (tenant_id, kind, period_start)
      );
      ${secured('tenant_quotas')}
      ${secured('quota_usage')}
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE quota_usage, tenant_quotas');
  }
}
