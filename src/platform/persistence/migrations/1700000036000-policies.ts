import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** What tenants decide with: numbered documents that never change, and the decisions about which is in force. Append-only. */
const UP = `
CREATE TABLE policies (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  document jsonb NOT NULL,
  note text CHECK (length(note) BETWEEN 1 AND 500),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, kind, version),
  UNIQUE (tenant_id, kind, id)
);
CREATE TABLE policy_activations (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  -- NULL: the domain's own default.
  policy_id uuid,
  action text NOT NULL CHECK (action IN ('ACTIVATE', 'ROLLBACK')),
  decided_by uuid NOT NULL,
  decided_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CHECK (policy_id IS NOT NULL OR action = 'ROLLBACK'),
  FOREIGN KEY (tenant_id, kind, policy_id) REFERENCES policies (tenant_id, kind, id)
);
CREATE INDEX policy_activations_current ON policy_activations (tenant_id, kind, sequence DESC);
`;

const secured = (table: string): string => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ${table}
  USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
`;

export class Policies1700000036000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP + secured('policies') + secured('policy_activations'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE policy_activations; DROP TABLE policies;');
  }
}
