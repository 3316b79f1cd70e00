import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * Versions that are tried out beside their champions. A trial is a challenger under one mode, share and champion: what is
 * compared is never mixed over two of them.
 */
const TABLES = `
CREATE TABLE challengers (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  model_version_id uuid NOT NULL,
  -- How often a challenger that is not worse may be ended as if it were, at most.
  alpha double precision NOT NULL CHECK (alpha > 0 AND alpha < 1),
  min_outcomes integer NOT NULL CHECK (min_outcomes > 0),
  -- Predictions count from this age on.
  outcome_delay_hours double precision NOT NULL CHECK (outcome_delay_hours >= 0),
  end_when_worse boolean NOT NULL,
  started_by uuid NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  -- The trial that runs, or ran last.
  trial_id uuid NOT NULL,
  ended_at timestamptz,
  ending text CHECK (ending IN ('ENDED', 'PROMOTED', 'ROLLED_BACK')),
  -- NULL: the platform itself.
  ended_by uuid,
  reason text CHECK (length(reason) BETWEEN 1 AND 500),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions (tenant_id, id) ON DELETE CASCADE,
  CHECK ((ended_at IS NULL) = (ending IS NULL))
);
CREATE UNIQUE INDEX challengers_running ON challengers (tenant_id, kind) WHERE ended_at IS NULL;
CREATE INDEX challengers_latest ON challengers (tenant_id, kind, sequence DESC);

CREATE TABLE challenger_trials (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  challenger_id uuid NOT NULL,
  -- 1, 2, 3 … of the challenger.
  number integer NOT NULL CHECK (number > 0),
  champion_version_id uuid NOT NULL,
  mode text NOT NULL CHECK (mode IN ('SHADOW', 'CANARY')),
  share double precision NOT NULL CHECK (share > 0 AND share <= 1),
  started_at timestamptz NOT NULL DEFAULT now(),
  -- What was found when it was last looked at.
  figures jsonb,
  judged_at timestamptz,
  -- A trial that takes long to be looked at is looked at less often.
  look_ms double precision NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, challenger_id, number),
  FOREIGN KEY (tenant_id, challenger_id) REFERENCES challengers (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, champion_version_id) REFERENCES model_versions (tenant_id, id) ON DELETE CASCADE
);

-- How often each side was asked in a trial, and what came of it. API processes add to it.
CREATE TABLE challenger_counts (
  tenant_id uuid NOT NULL,
  trial_id uuid NOT NULL,
  role text NOT NULL CHECK (role IN ('CHAMPION', 'CHALLENGER')),
  answered bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  timed_out bigint NOT NULL DEFAULT 0,
  not_finite bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  dropped bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, trial_id, role),
  FOREIGN KEY (tenant_id, trial_id) REFERENCES challenger_trials (tenant_id, id) ON DELETE CASCADE
);

-- The trial that a prediction counts in, on either side.
ALTER TABLE predictions ADD COLUMN trial_id uuid;
CREATE INDEX predictions_trial ON predictions (tenant_id, trial_id, id) WHERE trial_id IS NOT NULL;

-- Trials that run and were not looked at for so many seconds, nor for fifty times what the last look took.
CREATE FUNCTION due_trials(seconds double precision)
RETURNS TABLE (tenant_id uuid, challenger_id uuid, trial_id uuid, judged_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT t.tenant_id, t.challenger_id, t.id, t.judged_at
    FROM challengers c
    JOIN challenger_trials t ON t.tenant_id = c.tenant_id AND t.id = c.trial_id
   WHERE c.ended_at IS NULL
     AND (t.judged_at IS NULL
          OR t.judged_at <= now() - make_interval(secs => greatest(seconds, t.look_ms / 20)))
   ORDER BY t.judged_at NULLS FIRST LIMIT 200
$$;
REVOKE ALL ON FUNCTION due_trials(double precision) FROM PUBLIC;
`;

const TENANT_TABLES = ['challengers', 'challenger_trials', 'challenger_counts'];

export class Challengers1700000054000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of TENANT_TABLES)
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION due_trials(double precision);
      ALTER TABLE predictions DROP COLUMN trial_id;
      DROP TABLE challenger_counts, challenger_trials, challengers;
    `);
  }
}
