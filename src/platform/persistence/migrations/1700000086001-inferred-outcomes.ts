import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** Outcomes that follow from stored events: which are those, and how far each version's predictions were looked through. */
const TABLES = `
ALTER TABLE outcomes ADD COLUMN source text NOT NULL DEFAULT 'GIVEN' CHECK (source IN ('GIVEN', 'EVENTS'));
ALTER TABLE prediction_log_settings ADD COLUMN infer_outcomes boolean NOT NULL DEFAULT true;

CREATE TABLE outcome_watermarks (
  tenant_id uuid NOT NULL,
  model_version_id uuid NOT NULL,
  -- Predictions up to this one were looked through.
  after uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  -- How long after its moment an outcome is known; null: it does not follow from events.
  horizon_ms double precision CHECK (horizon_ms > 0),
  -- The kind of event that decides; '*': any.
  label_kind text COLLATE "C",
  PRIMARY KEY (tenant_id, model_version_id),
  FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions (tenant_id, id) ON DELETE CASCADE,
  CHECK ((horizon_ms IS NULL) = (label_kind IS NULL))
);

-- Predictions of a moment later than their answer: their turn is later than that of those beside them.
CREATE TABLE deferred_outcomes (
  tenant_id uuid NOT NULL,
  prediction_id uuid NOT NULL,
  model_version_id uuid NOT NULL,
  -- When the outcome is known.
  due_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, prediction_id),
  FOREIGN KEY (tenant_id, prediction_id) REFERENCES predictions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX deferred_outcomes_due ON deferred_outcomes (tenant_id, model_version_id, due_at);

-- One version of each tenant that has predictions whose outcomes should be known by now: the clock is that of the stored
-- events, since nothing is known of what comes after the last.
CREATE FUNCTION due_outcomes(allowance_ms double precision) RETURNS TABLE (tenant_id uuid, model_version_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT due.tenant_id, due.id FROM (
    SELECT DISTINCT ON (v.tenant_id) v.tenant_id, v.id
      FROM model_versions v
      LEFT JOIN outcome_watermarks w ON w.tenant_id = v.tenant_id AND w.model_version_id = v.id
      LEFT JOIN prediction_log_settings s ON s.tenant_id = v.tenant_id AND s.domain = v.kind
     CROSS JOIN LATERAL (
       SELECT least(now(), max(k.last_at)) - make_interval(secs => allowance_ms / 1000) AS known
         FROM event_kinds k WHERE k.tenant_id = v.tenant_id AND k.domain = v.kind AND k.count > 0) c
     WHERE coalesce(s.infer_outcomes, true) AND c.known IS NOT NULL
       AND CASE WHEN w.tenant_id IS NULL
                THEN EXISTS (SELECT FROM predictions p WHERE p.tenant_id = v.tenant_id AND p.model_version_id = v.id)
                WHEN w.horizon_ms IS NULL THEN false
                ELSE EXISTS (SELECT FROM event_kinds k WHERE k.tenant_id = v.tenant_id AND k.domain = v.kind
                                AND k.count > 0 AND w.label_kind IN ('*', k.kind))
                 AND (EXISTS (SELECT FROM predictions p
                               WHERE p.tenant_id = v.tenant_id AND p.model_version_id = v.id AND p.id > w.after
                                 AND p.id < first_prediction_id(c.known - make_interval(secs => w.horizon_ms / 1000)))
                   OR EXISTS (SELECT FROM deferred_outcomes d
                               WHERE d.tenant_id = v.tenant_id AND d.model_version_id = v.id AND d.due_at <= c.known)) END
     ORDER BY v.tenant_id, random()) due
   ORDER BY random() LIMIT 100
$$;
REVOKE ALL ON FUNCTION due_outcomes(double precision) FROM PUBLIC;
`;

export class InferredOutcomes1700000086001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['outcome_watermarks', 'deferred_outcomes'])
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
      DROP FUNCTION due_outcomes(double precision);
      DROP TABLE deferred_outcomes, outcome_watermarks;
      ALTER TABLE prediction_log_settings DROP COLUMN infer_outcomes;
      ALTER TABLE outcomes DROP COLUMN source;
    `);
  }
}
