import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** Data keys of tenants, each wrapped by a master key that is not in the database. */
const TABLES = `
CREATE TABLE tenant_keys (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  -- The newest seals.
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  -- AES-256-GCM: nonce, ciphertext, tag.
  wrapped bytea NOT NULL,
  master_key_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tenant_keys_newest ON tenant_keys (tenant_id, sequence DESC);
ALTER TABLE tenant_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenant_keys
  USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON tenant_keys TO CURRENT_USER USING (true) WITH CHECK (true);
`;

export class TenantKeys1700000092000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  down(): Promise<void> {
    return Promise.reject(
      new Error('what was sealed could not be opened without its keys: restore a backup'),
    );
  }
}
