import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The tenant of the running transaction; NULL, which equals no row's tenant, when there is none. */
const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** Each table with the column that says whose the row is. */
const TENANT_COLUMNS = {
  tenants: 'id',
  api_keys: 'tenant_id',
  domain_configurations: 'tenant_id',
  datasets: 'tenant_id',
  training_runs: 'tenant_id',
  model_versions: 'tenant_id',
  promotions: 'tenant_id',
} as const;

/**
 * What crosses tenants, and nothing else does. Each function runs as the owner, whose rights it lends for this one
 * purpose; names are qualified or found along a fixed path, so that nobody can slip another object under it.
 */
const FUNCTIONS = `
CREATE FUNCTION authenticate_api_key(p_hash bytea)
RETURNS TABLE (id uuid, tenant_id uuid, role text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE api_keys SET last_used_at = now()
   WHERE hash = p_hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
     AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
  SELECT api_keys.id, api_keys.tenant_id, api_keys.role FROM api_keys
   WHERE hash = p_hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());
$$;

CREATE FUNCTION create_tenant(p_id uuid, p_slug text, p_name text) RETURNS SETOF tenants
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO tenants (id, slug, name) VALUES (p_id, p_slug, p_name) RETURNING *;
$$;

CREATE FUNCTION tenant_exists(p_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM tenants WHERE id = p_id);
$$;

-- Newest first; p_after is the last tenant of the page before, or NULL.
CREATE FUNCTION list_tenants(p_after uuid, p_limit integer) RETURNS SETOF tenants
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT * FROM tenants
   WHERE p_after IS NULL OR (created_at, id) < (SELECT created_at, id FROM tenants WHERE id = p_after)
   ORDER BY created_at DESC, id DESC LIMIT p_limit;
$$;

-- How many queued runs, of all tenants, were requested before: a number, and nothing about whose they are.
CREATE FUNCTION queued_training_runs_before(p_sequence bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT count(*) FROM training_runs WHERE finished_at IS NULL AND state = 'QUEUED' AND sequence < p_sequence;
$$;

REVOKE ALL ON FUNCTION
  authenticate_api_key(bytea), create_tenant(uuid, text, text), tenant_exists(uuid), list_tenants(uuid, integer),
  queued_training_runs_before(bigint)
FROM PUBLIC;
`;

/**
 * Isolation by the database. Security is forced, so that it holds for the owner as well when it is no superuser; the
 * owner's own policy is what lets the functions above see across tenants.
 */
export class RowLevelSecurity1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, column] of Object.entries(TENANT_COLUMNS)) {
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (${column} = ${CURRENT_TENANT}) WITH CHECK (${column} = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
    }
    await runner.query(FUNCTIONS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('isolation has no way back: restore a backup instead'));
  }
}
