import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** What was decided about recorded predictions under a policy. It goes with the prediction. */
const TABLE = `
CREATE TABLE prediction_decisions (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  prediction_id uuid NOT NULL,
  -- 0: the domain's default.
  policy_version integer NOT NULL CHECK (policy_version >= 0),
  -- What the decision depends on beside the prediction and the policy.
  circumstances jsonb NOT NULL,
  decision jsonb NOT NULL,
  PRIMARY KEY (tenant_id, prediction_id),
  FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE prediction_decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE prediction_decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON prediction_decisions
  USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON prediction_decisions TO CURRENT_USER USING (true) WITH CHECK (true);
`;

export class PredictionDecisions1700000063000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE prediction_decisions');
  }
}
