import { withOwner } from '../../src/platform/persistence/owner-connection';

/** What PostgreSQL's catalogue says against the isolation of tenants; a table that is made tomorrow is in it as well. */
export type Check = keyof typeof CHECKS;
export type Findings = Readonly<Partial<Record<Check, readonly string[]>>>;

/** The tenant that a policy means, as PostgreSQL writes it back. */
const CURRENT_TENANT = `(NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::uuid`;

/** Every table of ours with the column that says whose a row is; NULL where it has none. */
const TABLES = `
  SELECT c.oid, c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced, c.relowner AS owner,
         CASE WHEN c.relname = 'tenants' THEN 'id'
              ELSE (SELECT a.attname FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) END AS tenant
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')`;

/** Each answers with what is wrong, one text a finding. Names in \`$1\` are the application role's. */
const CHECKS = {
  'tables without forced row-level security': `
    SELECT name AS found FROM (${TABLES}) t WHERE tenant IS NOT NULL AND NOT forced`,

  'tables whose policies are not the two of every table': `
    SELECT name AS found FROM (${TABLES}) t
     WHERE tenant IS NOT NULL AND (
       -- The tenant's own rows, for everybody, whatever is done with them.
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid AND p.polroles = '{0}' AND p.polcmd = '*'
           AND pg_get_expr(p.polqual, p.polrelid) = format('(%s = ${CURRENT_TENANT})', tenant)
           AND pg_get_expr(p.polwithcheck, p.polrelid) = format('(%s = ${CURRENT_TENANT})', tenant)) <> 1
       -- All rows, for the owner alone, whose rights the functions across tenants borrow.
       OR (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid AND p.polroles <> '{0}'
             AND p.polroles = ARRAY[t.owner]) <> 1
       OR (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid) <> 2)`,

  'tables in reach of the application role that belong to no tenant': `
    SELECT name AS found FROM (${TABLES}) t
     WHERE tenant IS NULL AND has_any_column_privilege($1, oid, 'SELECT, INSERT, UPDATE, REFERENCES')`,

  'tenant columns that may be empty': `
    SELECT t.name AS found FROM (${TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = t.tenant
     WHERE NOT a.attnotnull`,

  'references between tenants’ tables that do not pair the tenants': `
    SELECT format('%s: %s', t.name, con.conname) AS found
      FROM pg_constraint con JOIN (${TABLES}) t ON t.oid = con.conrelid JOIN (${TABLES}) o ON o.oid = con.confrelid
     WHERE con.contype = 'f' AND (t.tenant IS NOT NULL OR o.tenant IS NOT NULL)
       AND NOT EXISTS (
         SELECT FROM unnest(con.conkey, con.confkey) AS pair (here, there)
           JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = pair.here AND a.attname = t.tenant
           JOIN pg_attribute b ON b.attrelid = con.confrelid AND b.attnum = pair.there AND b.attname = o.tenant)`,

  'tables of tenants that nothing ties to a tenant': `
    WITH RECURSIVE tied AS (
      SELECT oid FROM (${TABLES}) t WHERE name = 'tenants'
      UNION
      SELECT con.conrelid FROM pg_constraint con JOIN tied ON tied.oid = con.confrelid WHERE con.contype = 'f')
    SELECT name AS found FROM (${TABLES}) t WHERE tenant IS NOT NULL AND oid NOT IN (SELECT oid FROM tied)`,

  'unique indexes over all tenants': `
    SELECT i.indexrelid::regclass::text AS found FROM pg_index i JOIN (${TABLES}) t ON t.oid = i.indrelid
     WHERE i.indisunique AND t.tenant IS NOT NULL AND NOT EXISTS (
       SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (i.indkey::int2[]) AND a.attname = 'tenant_id')`,

  // A view reads with its owner's rights, a materialised one has no policies at all.
  'views, materialised views and foreign tables': `
    SELECT c.relname AS found FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm', 'f')`,

  'functions with their owner’s rights': `
    SELECT format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS found
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.prosecdef AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`,

  'functions with their owner’s rights whose names the caller may redirect, or that are open to the public': `
    SELECT p.proname AS found FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.prosecdef AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND (
       coalesce(p.proconfig::text, '') NOT LIKE '%search_path=pg_catalog, public, pg_temp%'
       OR EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0))`,

  'schemas in reach of the application role': `
    SELECT format('%s: %s', n.nspname, concat_ws(', ',
             CASE WHEN has_schema_privilege($1, n.oid, 'USAGE') THEN 'use' END,
             CASE WHEN has_schema_privilege($1, n.oid, 'CREATE') THEN 'create' END)) AS found
      FROM pg_namespace n
     WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
       AND (has_schema_privilege($1, n.oid, 'USAGE') OR has_schema_privilege($1, n.oid, 'CREATE'))`,
} as const;

/** What is found by each check, in alphabetical order. */
export async function readTenantCatalogue(ownerUrl: string, role: string): Promise<Findings> {
  return withOwner(ownerUrl, async (owner) => {
    const findings: { [C in Check]?: readonly string[] } = {};
    for (const check of Object.keys(CHECKS) as Check[]) {
      const sql = CHECKS[check];
      const { rows } = await owner.query<{ found: string }>(sql, sql.includes('$1') ? [role] : []);
      findings[check] = rows.map(({ found }) => found).sort();
    }
    return findings;
  });
}
