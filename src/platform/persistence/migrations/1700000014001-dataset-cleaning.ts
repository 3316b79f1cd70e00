import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** What people decided about proposals to mend a dataset: the newest decision about a proposal is in force. Append-only. */
const UP = `
CREATE TABLE cleaning_decisions (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  dataset_id uuid NOT NULL,
  proposal_id text NOT NULL,
  -- The whole proposal: what was accepted is done, whatever is proposed later.
  proposal jsonb NOT NULL,
  decision text NOT NULL CHECK (decision IN ('ACCEPTED', 'REFUSED', 'OPEN')),
  decided_by uuid NOT NULL,
  decided_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX cleaning_decisions_in_force ON cleaning_decisions (tenant_id, dataset_id, proposal_id, sequence DESC);
ALTER TABLE cleaning_decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE cleaning_decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON cleaning_decisions
  USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON cleaning_decisions TO CURRENT_USER USING (true) WITH CHECK (true);

-- What a run mends; NULL: requested before proposals could be accepted.
ALTER TABLE training_runs ADD COLUMN cleaning jsonb;
-- Content address of all quarantined rows, CSV; NULL: profiled before they were kept.
ALTER TABLE dataset_profiles ADD COLUMN quarantine_sha256 text;
`;

const DOWN = `
ALTER TABLE dataset_profiles DROP COLUMN quarantine_sha256;
ALTER TABLE training_runs DROP COLUMN cleaning;
DROP TABLE cleaning_decisions;
`;

export class DatasetCleaning1700000014001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
