import { randomUUID } from 'node:crypto';
import { type Database } from '../../src/platform/persistence/database';
import { withOwner } from '../../src/platform/persistence/owner-connection';
import { generateKey, hashKey } from '../../src/platform/tenancy/api-key';
import {
  createTestDatabase,
  createTestTenant,
  type TestDatabase,
  type TestTenant,
} from '../support/test-database';
import { TenantRow, tenantRow } from '../support/tenant-row.entity';

const ROLE = 'propensity_app';
let server: TestDatabase;
let database: Database;
let ours: TestTenant;
let theirs: TestTenant;
let theirRow: TenantRow;

beforeAll(async () => {
  server = await createTestDatabase();
  database = await server.connect([TenantRow]);
  ours = await createTestTenant(database);
  theirs = await createTestTenant(database);
  theirRow = await database.inTenant(theirs.id, (scope) =>
    scope.repository(TenantRow).insert(tenantRow('theirs')),
  );
});
afterAll(() => server.drop());

const asUs = (sql: string, parameters: unknown[] = []): Promise<unknown[]> =>
  database.inTenant(ours.id, (scope) => scope.query(sql, parameters));

const catalogue = (sql: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> =>
  withOwner(
    server.ownerUrl,
    async (owner) => (await owner.query<Record<string, unknown>>(sql, parameters)).rows,
  );

describe('row-level security', () => {
  it.each([
    ['taking the owner’s role', 'SET ROLE $owner'],
    ['becoming the owner', 'SET SESSION AUTHORIZATION $owner'],
    ['disabling it', 'ALTER TABLE datasets DISABLE ROW LEVEL SECURITY'],
    ['not forcing it', 'ALTER TABLE datasets NO FORCE ROW LEVEL SECURITY'],
    ['dropping a policy', 'DROP POLICY tenant ON datasets'],
    ['adding a policy', 'CREATE POLICY mine ON datasets USING (true)'],
    ['taking a table', `ALTER TABLE datasets OWNER TO ${ROLE}`],
    ['bypassing it by role', `ALTER ROLE ${ROLE} BYPASSRLS`],
    ['making a function of its own', "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
    ['making a table of its own', 'CREATE TABLE mine (v int)'],
    ['changing a function', 'ALTER FUNCTION list_tenants(uuid, integer) SECURITY INVOKER'],
    ['reading roles’ passwords', 'SELECT * FROM pg_authid'],
    ['reading a file', "SELECT pg_read_file('postmaster.pid')"],
    ['running a program', "COPY datasets TO PROGRAM 'cat'"],
    ['reading the migrations', 'SELECT * FROM schema_migrations'],
    ['deleting rows', 'DELETE FROM datasets'],
    ['emptying a table', 'TRUNCATE datasets'],
    ['rewriting the history of promotions', 'UPDATE promotions SET kind = kind'],
    ['rewriting a configuration', 'UPDATE domain_configurations SET kind = kind'],
    ['rewriting a model version', 'UPDATE model_versions SET kind = kind'],
    ['rewriting an event', 'UPDATE events SET kind = kind'],
    ['rewriting a prediction', 'UPDATE predictions SET probability = 1'],
    ['rewriting a decision', 'UPDATE prediction_decisions SET policy_version = 1'],
    ['raising the role of a key', "UPDATE api_keys SET role = 'TENANT_ADMIN'"],
    ['renaming a tenant', "UPDATE tenants SET name = 'x'"],
  ])('does not let the application role get around it by %s', async (_, sql) => {
    await expect(asUs(sql.replace('$owner', new URL(server.ownerUrl).username))).rejects.toThrow(
      /permission denied|must be owner|must be able to SET ROLE|must be superuser|must have/,
    );
  });

  it('lets the application role grant itself nothing', async () => {
    // PostgreSQL answers this with a warning.
    await asUs(`GRANT DELETE ON promotions TO ${ROLE}`);
    await expect(asUs('DELETE FROM promotions')).rejects.toThrow(/permission denied/);
  });

  it('refuses to be switched off for a query', async () => {
    await expect(
      database.inTenant(ours.id, async (scope) => {
        await scope.query('SET LOCAL row_security = off');
        await scope.query('SELECT * FROM datasets');
      }),
    ).rejects.toThrow(/would be affected by row-level security/);
  });

  it('keeps rows from being written into, or moved to, another tenant', async () => {
    const insert = `INSERT INTO datasets (tenant_id, id, kind, name, state, created_by)
                    VALUES ($1, $2, 'TEST', 'x', 'AWAITING_UPLOAD', $2)`;
    await expect(asUs(insert, [theirs.id, randomUUID()])).rejects.toThrow(/violates row-level security/);
    await asUs(insert, [ours.id, randomUUID()]);
    await expect(asUs('UPDATE datasets SET tenant_id = $1', [theirs.id])).rejects.toThrow(
      /violates row-level security/,
    );
  });

  it('keeps rows from pointing at another tenant’s', async () => {
    await expect(
      asUs(
        `INSERT INTO jobs (tenant_id, id, kind, dataset_id, configuration_id, state, requested_by, request_id)
         VALUES ($1, $2, 'TEST', $3, $2, 'QUEUED', $2, 'r')`,
        [ours.id, randomUUID(), theirRow.id],
      ),
    ).rejects.toThrow(/violates foreign key/);
  });

  it('answers another tenant’s row as one that does not exist', async () => {
    await database.inTenant(ours.id, async (scope) => {
      const rows = scope.repository(TenantRow);
      expect(await rows.get(theirRow.id)).toBeNull();
      await expect(rows.getOrThrow(theirRow.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(rows.getForUpdate(theirRow.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await rows.update({ id: theirRow.id }, { name: 'x' })).toBe(0);
      await expect(
        rows.page(
          { first: 1, after: Buffer.from(theirRow.id).toString('base64url') },
          { orderBy: 'createdAt' },
        ),
      ).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    });
  });

  it('shows nothing to a transaction without a tenant, also on a connection that had one', async () => {
    await asUs('SELECT 1');
    const tables = await catalogue('SELECT c.relname AS name FROM pg_class c WHERE c.relrowsecurity');
    expect(tables.length).toBeGreaterThanOrEqual(7);
    for (const { name } of tables) {
      const rows = await database.asPlatform((scope) => scope.query(`SELECT 1 FROM ${String(name)}`));
      expect(rows).toEqual([]);
    }
  });

  it('gives the application the choice of the tenant: it guards against forgetting, not against the application', async () => {
    await database.inTenant(ours.id, async (scope) => {
      await scope.query("SELECT set_config('app.tenant_id', $1, true)", [theirs.id]);
      expect(await scope.query('SELECT name FROM datasets')).toEqual([{ name: 'theirs' }]);
    });
  });

  it('lets no object of the caller stand in for one that a function means', async () => {
    const key = generateKey();
    const found = await database.asPlatform(async (scope) => {
      await scope.query(
        'CREATE TEMP TABLE api_keys (id uuid, tenant_id uuid, role text, hash bytea, revoked_at timestamptz, expires_at timestamptz, last_used_at timestamptz) ON COMMIT DROP',
      );
      await scope.query("INSERT INTO pg_temp.api_keys (id, role, hash) VALUES ($1, 'PLATFORM_ADMIN', $2)", [
        randomUUID(),
        hashKey(key),
      ]);
      return scope.query('SELECT * FROM authenticate_api_key($1)', [hashKey(key)]);
    });
    expect(found).toEqual([]);
  });
});
