import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * Files that are made of stored events. The row is the truth, as a training run's is: whoever writes the file holds a
 * lease on it, and the workers look for rows that nobody works on.
 */
const TABLE = `
CREATE TABLE event_snapshots (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  configuration_id uuid NOT NULL,
  from_at timestamptz,
  until_at timestamptz,
  -- It holds events up to this number.
  watermark bigint NOT NULL CHECK (watermark > 0),
  state text NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED')),
  -- The order of requests.
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  attempt integer NOT NULL DEFAULT 0,
  -- The number of the last event written, and how many were.
  position bigint NOT NULL DEFAULT 0,
  event_count bigint NOT NULL DEFAULT 0,
  error_code text,
  error_message text,
  dataset_id uuid,
  lease_owner text,
  lease_expires_at timestamptz,
  requested_by uuid NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, dataset_id),
  FOREIGN KEY (tenant_id, configuration_id) REFERENCES domain_configurations (tenant_id, id),
  FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id),
  CHECK ((state IN ('SUCCEEDED', 'FAILED')) = (finished_at IS NOT NULL)),
  CHECK ((state = 'SUCCEEDED') = (dataset_id IS NOT NULL))
);
CREATE INDEX event_snapshots_open ON event_snapshots (sequence) WHERE finished_at IS NULL;
ALTER TABLE event_snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_snapshots FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON event_snapshots
  USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
CREATE POLICY owner ON event_snapshots TO CURRENT_USER USING (true) WITH CHECK (true);

-- Snapshots that nobody works on: of each tenant the oldest, so that one with many keeps no other waiting.
CREATE FUNCTION waiting_event_snapshots() RETURNS TABLE (tenant_id uuid, snapshot_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT oldest.tenant_id, oldest.id FROM (
    SELECT DISTINCT ON (s.tenant_id) s.tenant_id, s.id, s.sequence FROM event_snapshots s
     WHERE s.finished_at IS NULL AND (s.lease_owner IS NULL OR s.lease_expires_at < now())
     ORDER BY s.tenant_id, s.sequence
  ) oldest
  ORDER BY oldest.sequence LIMIT 100
$$;
REVOKE ALL ON FUNCTION waiting_event_snapshots() FROM PUBLIC;
`;

export class EventSnapshots1700000016001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION waiting_event_snapshots(); DROP TABLE event_snapshots');
  }
}
