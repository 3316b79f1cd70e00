import { withOwner } from '../../src/platform/persistence/owner-connection';
import { type Check, type Findings, readTenantCatalogue } from '../support/tenant-catalogue';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const ROLE = 'propensity_app';

/** What is as it is for a reason. Whoever adds a line says why; all else has to be empty. */
const ALLOWED: Findings = {
  // Keys of platform administrators belong to no tenant; the policy shows them to none.
  'tenant columns that may be empty': ['api_keys'],
  // Found before the tenant is known: tenants by id and slug, keys by id and hash, invitations by hash. The slug is taken by
  // platform administrators alone.
  'unique indexes over all tenants': [
    'api_keys_hash_key',
    'api_keys_pkey',
    'member_invitations_hash_key',
    'tenants_pkey',
    'tenants_slug_key',
  ],
  'functions with their owner’s rights': [
    // A worker tells of itself.
    'announce_worker(p_worker jsonb)',
    // Who calls, before the tenant is known.
    'authenticate_api_key(p_hash bytea)',
    // The next number and the hash before, which the application may not set.
    'chain_audit_entry()',
    // Platform administration.
    'create_tenant(p_id uuid, p_slug text, p_name text)',
    // Which tenant has work that is due: ids, never content.
    'due_monitors()',
    'due_outcomes(allowance_ms double precision)',
    'due_retrainings()',
    'due_studies()',
    'due_trials(seconds double precision)',
    'due_webhook_deliveries(per_tenant integer)',
    'expired_predictions(default_days integer)',
    // A place in the queue and times, of the caller's own jobs.
    'job_outlook(p_jobs uuid[])',
    'list_tenants(p_after uuid, p_limit integer)',
    'list_workers()',
    // What a job used, into its own tenant's count; a trigger, which nobody can call.
    'meter_job()',
    // One of the caller's own jobs, whose lease the caller holds.
    'move_job(p_job uuid, p_owner text, p_bytes bigint)',
    'neglected_jobs(requeue_ms double precision, lease_ms double precision)',
    'next_job()',
    'next_job(p_worker uuid)',
    // Who is invited, by the hash of a secret that only they have; ids alone.
    'open_invitation(p_hash bytea)',
    // Ids alone, of tenants of which something may have to go.
    'retention_tenants()',
    'set_training_share(p_tenant uuid, p_weight integer, p_max_running integer)',
    // Of the caller's own jobs, what no worker has.
    'stranded_jobs(p_jobs uuid[])',
    'take_job(p_owner text, p_lease_ms double precision)',
    'take_job(p_owner text, p_lease_ms double precision, p_worker uuid)',
    'tenant_exists(p_id uuid)',
    // Sums over all workers.
    'training_capacity()',
    // Whose token this may be, before its signature is checked: of one named tenant, and only by an issuer that it trusts.
    'trusted_issuer(p_tenant uuid, p_slug text, p_issuer text)',
    'waiting_event_indexes()',
    'waiting_event_snapshots()',
    'waiting_subject_requests()',
  ],
  // Names of migrations, to be read only: readiness compares them with its own.
  'tables in reach of the application role that belong to no tenant': ['schema_migrations'],
  // The job queue makes its own tables, which hold ids of tenants and jobs and no content.
  'schemas in reach of the application role': ['bullmq: use, create', 'public: use'],
};

let server: TestDatabase;

beforeAll(async () => {
  server = await createTestDatabase();
  await server.connect();
});
afterAll(() => server.drop());

it('has nothing against the isolation of tenants, besides what has a reason', async () => {
  const found = await readTenantCatalogue(server.ownerUrl, ROLE);
  const checks = Object.keys(found) as Check[];
  expect(found).toEqual(Object.fromEntries(checks.map((check) => [check, ALLOWED[check] ?? []])));
});

it('gives the application role no power, no possession and no membership', async () => {
  const { rows } = await withOwner(server.ownerUrl, (owner) =>
    owner.query(
      `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin,
              (SELECT count(*)::int FROM pg_shdepend d WHERE d.refobjid = r.oid AND d.deptype = 'o') AS possessions,
              (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS memberships
         FROM pg_roles r WHERE rolname = $1`,
      [ROLE],
    ),
  );
  expect(rows).toEqual([
    {
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      rolcanlogin: true,
      possessions: 0,
      memberships: 0,
    },
  ]);
});

/** A table as every other is made, and then something that is not. */
const GOOD = `
  CREATE TABLE notes (tenant_id uuid NOT NULL REFERENCES tenants (id), id uuid NOT NULL, dataset_id uuid,
                      PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets (tenant_id, id));
  ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
  ALTER TABLE notes FORCE ROW LEVEL SECURITY;
  CREATE POLICY tenant ON notes USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
  CREATE POLICY owner ON notes TO CURRENT_USER USING (true) WITH CHECK (true);`;

describe('a new table', () => {
  it.each<[string, string, Check, string]>([
    [
      'without row-level security',
      'ALTER TABLE notes DISABLE ROW LEVEL SECURITY',
      'tables without forced row-level security',
      'notes',
    ],
    [
      'whose owner is not held by it',
      'ALTER TABLE notes NO FORCE ROW LEVEL SECURITY',
      'tables without forced row-level security',
      'notes',
    ],
    [
      'without a policy',
      'DROP POLICY tenant ON notes',
      'tables whose policies are not the two of every table',
      'notes',
    ],
    [
      'whose policy does not check what is written',
      'ALTER POLICY tenant ON notes WITH CHECK (true)',
      'tables whose policies are not the two of every table',
      'notes',
    ],
    [
      'whose policy is of another column',
      "ALTER POLICY tenant ON notes USING (id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)",
      'tables whose policies are not the two of every table',
      'notes',
    ],
    [
      'with a policy more',
      'CREATE POLICY readers ON notes FOR SELECT USING (true)',
      'tables whose policies are not the two of every table',
      'notes',
    ],
    [
      'whose owner’s policy is everybody’s',
      'ALTER POLICY owner ON notes TO PUBLIC',
      'tables whose policies are not the two of every table',
      'notes',
    ],
    [
      'whose tenant may be empty',
      'ALTER TABLE notes DROP CONSTRAINT notes_pkey, ALTER tenant_id DROP NOT NULL',
      'tenant columns that may be empty',
      'notes',
    ],
    [
      'that refers to a row of any tenant',
      'ALTER TABLE datasets ADD UNIQUE (id); ALTER TABLE notes ADD CONSTRAINT loose FOREIGN KEY (dataset_id) REFERENCES datasets (id)',
      'references between tenants’ tables that do not pair the tenants',
      'notes: loose',
    ],
    [
      'that pairs its tenant with another column',
      'ALTER TABLE notes ADD CONSTRAINT crossed FOREIGN KEY (dataset_id, tenant_id) REFERENCES datasets (tenant_id, id)',
      'references between tenants’ tables that do not pair the tenants',
      'notes: crossed',
    ],
    [
      'that is tied to nothing',
      'ALTER TABLE notes DROP CONSTRAINT notes_tenant_id_fkey, DROP CONSTRAINT notes_tenant_id_dataset_id_fkey',
      'tables of tenants that nothing ties to a tenant',
      'notes',
    ],
    [
      'unique over all tenants',
      'CREATE UNIQUE INDEX oracle ON notes (dataset_id)',
      'unique indexes over all tenants',
      'oracle',
    ],
    [
      'of no tenant, in reach',
      `CREATE TABLE prices (v int); GRANT SELECT (v) ON prices TO ${ROLE}`,
      'tables in reach of the application role that belong to no tenant',
      'prices',
    ],
    [
      'behind a view',
      'CREATE VIEW all_notes AS SELECT * FROM notes',
      'views, materialised views and foreign tables',
      'all_notes',
    ],
    [
      'kept as a view',
      'CREATE MATERIALIZED VIEW old_notes AS SELECT * FROM notes',
      'views, materialised views and foreign tables',
      'old_notes',
    ],
    [
      'with a function that reads all of it',
      "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM notes'",
      'functions with their owner’s rights',
      'peek()',
    ],
    [
      'with such a function for everybody',
      "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS 'SELECT count(*) FROM notes'",
      'functions with their owner’s rights whose names the caller may redirect, or that are open to the public',
      'peek',
    ],
    [
      'in a schema of its own',
      `CREATE SCHEMA extra; GRANT USAGE ON SCHEMA extra TO ${ROLE}`,
      'schemas in reach of the application role',
      'extra: use',
    ],
  ])('is found %s', async (_, change, check, name) => {
    const spoilt = await createTestDatabase();
    try {
      await spoilt.connect();
      await withOwner(spoilt.ownerUrl, (owner) => owner.query(GOOD));
      const before = await readTenantCatalogue(spoilt.ownerUrl, ROLE);
      expect(before[check]).not.toContain(name);
      await withOwner(spoilt.ownerUrl, (owner) => owner.query(change));
      const after = await readTenantCatalogue(spoilt.ownerUrl, ROLE);
      expect(after[check]).toContain(name);
    } finally {
      await spoilt.drop();
    }
  });
});
