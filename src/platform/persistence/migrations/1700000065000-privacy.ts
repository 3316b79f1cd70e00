import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * What people ask of the data about them. A request's row is the truth, as a snapshot's is: whoever works on it holds a
 * lease, and the workers look for rows that nobody works on. It knows whom it is about only until it has ended.
 */
const TABLES = `
CREATE TABLE subject_requests (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  type text NOT NULL CHECK (type IN ('EXPORT', 'ERASURE')),
  domains text[] NOT NULL CHECK (cardinality(domains) > 0),
  -- The subject's id, until the request has ended.
  subject text,
  pseudonym text NOT NULL,
  -- What is to become of the models that were trained on the subject.
  models text CHECK (models IN ('KEEP', 'RETIRE', 'RETRAIN')),
  legal_ground text CHECK (length(legal_ground) BETWEEN 1 AND 1000),
  state text NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED')),
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  attempt integer NOT NULL DEFAULT 0,
  -- What is done so far.
  progress jsonb,
  result jsonb,
  error_code text,
  error_message text,
  -- Not to be taken up before.
  wake_at timestamptz,
  lease_owner text,
  lease_expires_at timestamptz,
  requested_by uuid NOT NULL,
  request_id text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  -- Of an export: when its file goes.
  expires_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK ((state IN ('SUCCEEDED', 'FAILED')) = (finished_at IS NOT NULL)),
  CHECK ((finished_at IS NULL) = (subject IS NOT NULL)),
  CHECK (type = 'EXPORT' OR models IS NOT NULL),
  CHECK (models <> 'KEEP' OR legal_ground IS NOT NULL)
);
CREATE INDEX subject_requests_open ON subject_requests (sequence) WHERE finished_at IS NULL;
CREATE INDEX subject_requests_pseudonym ON subject_requests (tenant_id, pseudonym);
CREATE INDEX subject_requests_expiring ON subject_requests (expires_at) WHERE expires_at IS NOT NULL;

-- Who is not to come back, by what only the holder of a key can compute of an id.
CREATE TABLE erased_subjects (
  tenant_id uuid NOT NULL,
  domain text NOT NULL,
  pseudonym text NOT NULL,
  -- Of the key that the pseudonyms are made with.
  key_id text NOT NULL,
  request_id uuid NOT NULL,
  erased_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, domain, pseudonym),
  FOREIGN KEY (tenant_id, request_id) REFERENCES subject_requests (tenant_id, id) ON DELETE CASCADE
);

-- The file as it came, where rows of erased subjects were taken out of it: the same file may be sent again.
ALTER TABLE datasets ADD COLUMN received_sha256 text, ADD COLUMN received_bytes bigint;

ALTER TABLE model_versions
  -- From then on it may not be promoted.
  ADD COLUMN retired_at timestamptz,
  ADD COLUMN retired_by uuid,
  -- It serves on for as long as no other is promoted.
  ADD COLUMN serves_until_replaced boolean NOT NULL DEFAULT false,
  ADD FOREIGN KEY (tenant_id, retired_by) REFERENCES subject_requests (tenant_id, id);

-- Requests that nobody works on, of each tenant the oldest.
CREATE FUNCTION waiting_subject_requests() RETURNS TABLE (tenant_id uuid, request_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT oldest.tenant_id, oldest.id FROM (
    SELECT DISTINCT ON (r.tenant_id) r.tenant_id, r.id, r.sequence FROM subject_requests r
     WHERE r.finished_at IS NULL AND (r.lease_owner IS NULL OR r.lease_expires_at < now())
       AND (r.wake_at IS NULL OR r.wake_at <= now())
     ORDER BY r.tenant_id, r.sequence
  ) oldest
  ORDER BY oldest.sequence LIMIT 100
$$;
REVOKE ALL ON FUNCTION waiting_subject_requests() FROM PUBLIC;
`;

export class Privacy1700000065000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['subject_requests', 'erased_subjects'])
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
      DROP FUNCTION waiting_subject_requests();
      ALTER TABLE model_versions
        DROP COLUMN retired_at, DROP COLUMN retired_by, DROP COLUMN serves_until_replaced;
      ALTER TABLE datasets DROP COLUMN received_sha256, DROP COLUMN received_bytes;
      DROP TABLE erased_subjects, subject_requests;
    `);
  }
}
