import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The first schema. Every tenant table has forced row-level security and composite foreign keys (tenant_id, id),
 * so that a row can only ever point at its own tenant's rows.
 */
const TABLES = `
CREATE TABLE tenants (
  id uuid PRIMARY KEY,
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- PLATFORM_ADMIN keys belong to no tenant.
CREATE TABLE api_keys (
  id uuid PRIMARY KEY,
  tenant_id uuid REFERENCES tenants (id) ON DELETE CASCADE,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('PLATFORM_ADMIN', 'TENANT_ADMIN', 'ANALYST', 'SERVICE')),
  -- The first characters of the key, so that a person can tell keys apart.
  prefix text NOT NULL,
  -- SHA-256 of the key. Keys are 256 random bits: no salt or slow hash is needed.
  hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  CHECK ((role = 'PLATFORM_ADMIN') = (tenant_id IS NULL))
);

-- Append-only: the newest version of a kind is in force.
CREATE TABLE domain_configurations (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  feature_spec jsonb NOT NULL,
  model_config jsonb NOT NULL,
  -- NULL: each model version's own recommended threshold.
  threshold double precision CHECK (threshold > 0 AND threshold < 1),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, kind, version)
);

CREATE TABLE datasets (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  state text NOT NULL CHECK (state IN ('AWAITING_UPLOAD', 'READY', 'REJECTED')),
  -- Content address in the object store, set when READY.
  sha256 text,
  bytes bigint,
  row_count bigint,
  quarantined_count bigint,
  columns jsonb,
  -- First quarantined rows with line and reason, and why a REJECTED file was refused.
  quarantine_sample jsonb,
  rejection jsonb,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  uploaded_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK ((state = 'READY') = (sha256 IS NOT NULL))
);

CREATE TABLE training_runs (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL,
  dataset_id uuid NOT NULL,
  configuration_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN
    ('QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'EXPORTING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  -- The order of requests; queue positions are read from it.
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  attempt integer NOT NULL DEFAULT 0,
  progress jsonb,
  epochs jsonb NOT NULL DEFAULT '[]',
  error_code text,
  error_message text,
  device text,
  cancel_requested_at timestamptz,
  -- Lease: who executes the run, and until when nobody else may.
  lease_owner text,
  lease_expires_at timestamptz,
  requested_by uuid NOT NULL,
  request_id text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id),
  FOREIGN KEY (tenant_id, configuration_id) REFERENCES domain_configurations (tenant_id, id),
  CHECK ((state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (finished_at IS NOT NULL))
);
CREATE INDEX training_runs_open ON training_runs (sequence) WHERE finished_at IS NULL;

CREATE TABLE model_versions (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  run_id uuid NOT NULL,
  artifact_sha256 text NOT NULL,
  artifact_bytes bigint NOT NULL,
  -- Content address of the held-out predictions (CSV: part, id, label, probability).
  predictions_sha256 text NOT NULL,
  feature_spec jsonb NOT NULL,
  evaluation jsonb NOT NULL,
  certificate jsonb NOT NULL,
  recommended_threshold double precision NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, kind, number),
  -- A run ends once: it can bring forth one version.
  UNIQUE (tenant_id, run_id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES training_runs (tenant_id, id)
);

-- Append-only history of what serves; the newest row of a kind is in force.
CREATE TABLE promotions (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  model_version_id uuid NOT NULL,
  action text NOT NULL CHECK (action IN ('PROMOTE', 'ROLLBACK')),
  promoted_by uuid NOT NULL,
  promoted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions (tenant_id, id)
);
CREATE INDEX promotions_current ON promotions (tenant_id, kind, sequence DESC);
`;

export class Initial1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('the first migration has no way back: restore a backup instead'));
  }
}
