import { type Client } from 'pg';

/** What the application role may do, table by table; the rest it may not. Histories are appended to, never changed. */
const TABLE_PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  tenants: ['SELECT'],
  // Which migrations were applied.
  schema_migrations: ['SELECT (name)'],
  // The hash can be written and never read.
  api_keys: [
    'SELECT (id, tenant_id, name, role, prefix, created_at, expires_at, revoked_at, last_used_at, replaced_by, operations)',
    'INSERT',
    'UPDATE (revoked_at, expires_at, replaced_by)',
  ],
  identity_providers: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  members: ['SELECT', 'INSERT', 'UPDATE'],
  // The hash can be written and never read.
  member_invitations: [
    'SELECT (tenant_id, id, role, email, invited_by, created_at, expires_at, accepted_at, member_id, revoked_at)',
    'INSERT',
    'UPDATE (accepted_at, member_id, revoked_at)',
  ],
  domain_configurations: ['SELECT', 'INSERT'],
  datasets: ['SELECT', 'INSERT', 'UPDATE'],
  dataset_profiles: ['SELECT', 'INSERT', 'DELETE'],
  dataset_mappings: ['SELECT', 'INSERT'],
  cleaning_decisions: ['SELECT', 'INSERT', 'UPDATE (proposal)'],
  jobs: ['SELECT', 'INSERT', 'UPDATE'],
  training_studies: ['SELECT', 'INSERT', 'UPDATE (state, best_trial, error_message, finished_at)'],
  job_turns: ['SELECT'],
  // What is said is said: the line that counts what was left out is written again.
  job_log_lines: ['SELECT', 'INSERT', 'UPDATE (at, message)', 'DELETE'],
  // When one begins and ends is written by the database, with the rights of whoever changes the job.
  job_attempts: [
    'SELECT',
    'INSERT',
    'UPDATE (ended_at, ending, device, code_version, processor_seconds, peak_memory_bytes, measured_at)',
  ],
  model_versions: [
    'SELECT',
    'INSERT',
    'UPDATE (predictions_sha256, retired_at, retired_by, serves_until_replaced, trained_on_erased)',
  ],
  promotions: ['SELECT', 'INSERT'],
  challengers: ['SELECT', 'INSERT', 'UPDATE'],
  challenger_trials: ['SELECT', 'INSERT', 'UPDATE'],
  challenger_counts: ['SELECT', 'INSERT', 'UPDATE'],
  policies: ['SELECT', 'INSERT'],
  policy_activations: ['SELECT', 'INSERT'],
  event_stores: ['SELECT', 'INSERT', 'UPDATE'],
  event_kinds: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  // Never changed. Erased where a subject is, and where they are kept too long.
  events: ['SELECT', 'INSERT', 'DELETE'],
  event_rates: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  event_snapshots: ['SELECT', 'INSERT', 'UPDATE'],
  predictions: ['SELECT', 'INSERT', 'DELETE'],
  prediction_decisions: ['SELECT', 'INSERT', 'DELETE'],
  prediction_log_settings: ['SELECT', 'INSERT', 'UPDATE'],
  outcomes: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  event_indexes: ['SELECT', 'INSERT', 'UPDATE (done, used_at, retired_at)', 'DELETE'],
  outcome_watermarks: ['SELECT', 'INSERT', 'UPDATE (after)'],
  deferred_outcomes: ['SELECT', 'INSERT', 'DELETE'],
  monitors: ['SELECT', 'INSERT', 'UPDATE'],
  drift_reports: ['SELECT', 'INSERT', 'DELETE'],
  alerts: ['SELECT', 'INSERT', 'DELETE'],
  webhooks: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  // A wrapped key is wrapped again; a key that sealed something is never deleted.
  tenant_keys: ['SELECT', 'INSERT', 'UPDATE (wrapped, master_key_id)'],
  webhook_deliveries: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  retraining_schedules: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  retrainings: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  event_index_entries: ['SELECT', 'INSERT', 'DELETE'],
  event_index_counts: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  subject_requests: ['SELECT', 'INSERT', 'UPDATE'],
  erased_subjects: ['SELECT', 'INSERT', 'DELETE'],
  retention_periods: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  object_garbage: ['SELECT', 'INSERT', 'DELETE'],
  rate_windows: ['SELECT', 'INSERT', 'UPDATE'],
  tenant_quotas: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  quota_usage: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  // What numbers and chains the entries runs as the owner.
  audit_entries: ['SELECT', 'INSERT'],
  audit_heads: ['SELECT'],
};

const FUNCTIONS = [
  'authenticate_api_key(bytea)',
  'trusted_issuer(uuid, text, text)',
  'open_invitation(bytea)',
  'create_tenant(uuid, text, text)',
  'tenant_exists(uuid)',
  'list_tenants(uuid, integer)',
  'neglected_jobs(double precision, double precision)',
  'next_job()',
  'take_job(text, double precision)',
  'next_job(uuid)',
  'take_job(text, double precision, uuid)',
  'announce_worker(jsonb)',
  'list_workers()',
  'training_capacity()',
  'stranded_jobs(uuid[])',
  'move_job(uuid, text, bigint)',
  'job_outlook(uuid[])',
  'set_training_share(uuid, integer, integer)',
  'waiting_event_snapshots()',
  'expired_predictions(integer)',
  'due_outcomes(double precision)',
  'waiting_event_indexes()',
  'due_monitors()',
  'due_retrainings()',
  'due_studies()',
  'due_webhook_deliveries(integer)',
  'due_trials(double precision)',
  'waiting_subject_requests()',
  'retention_tenants()',
];

/** The job queue keeps its own tables and makes sequences in its schema. Only the owner's own objects can be granted. */
const QUEUE_GRANTS = `
DO $$
DECLARE relation record;
BEGIN
  FOR relation IN
    SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
     WHERE c.relnamespace = 'bullmq'::regnamespace AND c.relkind IN ('r', 'p', 'S')
       AND pg_has_role(c.relowner, 'USAGE')
  LOOP
    EXECUTE format(
      'GRANT %s ON %s %s TO %I',
      CASE relation.relkind WHEN 'S' THEN 'USAGE, SELECT, UPDATE' ELSE 'SELECT, INSERT, UPDATE, DELETE' END,
      CASE relation.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
      relation.name,
      current_setting('app.role'));
  END LOOP;
END $$`;

/** Gives the application role exactly what stands here, in one transaction. */
export async function grantAccess(client: Client, role: string): Promise<void> {
  const name = client.escapeIdentifier(role);
  const statements = [
    `GRANT USAGE ON SCHEMA public TO ${name}`,
    `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${name}`,
    ...Object.entries(TABLE_PRIVILEGES).map(
      ([table, privileges]) => `GRANT ${privileges.join(', ')} ON ${table} TO ${name}`,
    ),
    `GRANT EXECUTE ON FUNCTION ${FUNCTIONS.join(', ')} TO ${name}`,
    `GRANT USAGE, CREATE ON SCHEMA bullmq TO ${name}`,
  ];
  await client.query('BEGIN');
  try {
    await client.query("SELECT set_config('app.role', $1, true)", [role]);
    await client.query(statements.join(';\n'));
    await client.query(QUEUE_GRANTS);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
