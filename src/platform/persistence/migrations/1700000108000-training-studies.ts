import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** Trainings that belong together: the folds of a cross-validation, or the trials of a search and the refit of its winner. */
const TABLES = `
CREATE TABLE training_studies (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  method text NOT NULL CHECK (method IN ('CROSS_VALIDATION', 'SEARCH')),
  state text NOT NULL CHECK (state IN ('RUNNING', 'REFITTING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  dataset_id uuid NOT NULL,
  configuration_id uuid NOT NULL,
  -- What is tried, and how the best is found.
  plan jsonb NOT NULL,
  -- Of a search that has found it.
  best_trial integer,
  error_message text,
  requested_by uuid NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK ((state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (finished_at IS NOT NULL)),
  CHECK ((state = 'FAILED') = (error_message IS NOT NULL)),
  FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id),
  FOREIGN KEY (tenant_id, configuration_id) REFERENCES domain_configurations (tenant_id, id)
);
CREATE INDEX training_studies_latest ON training_studies (tenant_id, sequence DESC);
CREATE INDEX training_studies_open ON training_studies (tenant_id, id) WHERE finished_at IS NULL;

ALTER TABLE jobs
  ADD COLUMN study_id uuid,
  -- From 0; null of the refit.
  ADD COLUMN trial integer CHECK (trial >= 0),
  ADD COLUMN rung integer NOT NULL DEFAULT 0 CHECK (rung >= 0),
  -- In which it differs from its configuration.
  ADD COLUMN overrides jsonb,
  ADD FOREIGN KEY (tenant_id, study_id) REFERENCES training_studies (tenant_id, id),
  ADD CHECK (trial IS NULL OR study_id IS NOT NULL);
-- Whoever takes a step of a study twice, or beside another, asks for each training once.
CREATE UNIQUE INDEX jobs_of_study ON jobs (tenant_id, study_id, coalesce(trial, -1), rung) WHERE study_id IS NOT NULL;
CREATE INDEX jobs_open_of_study ON jobs (tenant_id, study_id) WHERE study_id IS NOT NULL AND finished_at IS NULL;

-- Studies of which every training so far has ended, so that something is to be decided.
CREATE FUNCTION due_studies() RETURNS TABLE (tenant_id uuid, study_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT s.tenant_id, s.id FROM training_studies s
   WHERE s.finished_at IS NULL
     AND NOT EXISTS (SELECT FROM jobs j
                      WHERE j.tenant_id = s.tenant_id AND j.study_id = s.id AND j.finished_at IS NULL)
   ORDER BY random() LIMIT 100
$$;
REVOKE ALL ON FUNCTION due_studies() FROM PUBLIC;
`;

export class TrainingStudies1700000108000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`${TABLES}
      ALTER TABLE training_studies ENABLE ROW LEVEL SECURITY;
      ALTER TABLE training_studies FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON training_studies
        USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
      CREATE POLICY owner ON training_studies TO CURRENT_USER USING (true) WITH CHECK (true);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION due_studies();
      DROP INDEX jobs_of_study, jobs_open_of_study;
      ALTER TABLE jobs DROP COLUMN study_id, DROP COLUMN trial, DROP COLUMN rung, DROP COLUMN overrides;
      DROP TABLE training_studies;
    `);
  }
}
