import fc from 'fast-check';
import { type Database } from '../../src/platform/persistence/database';
import {
  createTestDatabase,
  createTestTenant,
  type TestDatabase,
  type TestTenant,
} from '../support/test-database';
import { TenantRow, tenantRow } from '../support/tenant-row.entity';

const TENANTS = 5;
let server: TestDatabase;
let database: Database;
let tenants: TestTenant[];

beforeAll(async () => {
  server = await createTestDatabase();
  database = await server.connect([TenantRow], 6);
  tenants = await Promise.all(Array.from({ length: TENANTS }, () => createTestTenant(database)));
});
afterAll(() => server.drop());

/** What one transaction does; it works for the tenant at `tenant`. */
const step = fc.record({
  tenant: fc.nat(TENANTS - 1),
  other: fc.nat(TENANTS - 1),
  kind: fc.constantFrom('insert', 'read', 'fail', 'update-all', 'read-other', 'platform'),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function run({ tenant, other, kind }: Step): Promise<void> {
  const { id: tenantId } = tenants[tenant]!;
  const otherId = tenants[other]!.id;
  if (kind === 'platform') {
    const rows = await database.asPlatform((scope) => scope.query('SELECT * FROM datasets'));
    expect(rows).toEqual([]);
    return;
  }
  const work = database.inTenant(tenantId, async (scope) => {
    const rows = scope.repository(TenantRow);
    if (kind === 'insert' || kind === 'fail') await rows.insert(tenantRow(tenantId));
    if (kind === 'fail') throw new Error('on purpose');
    // Statements that forgot the tenant: the database does not.
    if (kind === 'update-all') await scope.query('UPDATE datasets SET kind = kind');
    const seen = await scope.query<{ tenant_id: string; name: string }>(
      'SELECT tenant_id, name FROM datasets',
    );
    expect(seen.filter((row) => row.tenant_id !== tenantId || row.name !== tenantId)).toEqual([]);
    if (kind === 'read-other' && otherId !== tenantId) {
      expect(await scope.query('SELECT * FROM datasets WHERE tenant_id = $1', [otherId])).toEqual([]);
      expect(await scope.query('SELECT * FROM tenants WHERE id = $1', [otherId])).toEqual([]);
    }
    // Others of the same tenant may have committed meanwhile.
    expect(await rows.count()).toBeGreaterThanOrEqual(seen.length);
  });
  if (kind === 'fail') await expect(work).rejects.toThrow('on purpose');
  else await work;
}

describe('tenant isolation', () => {
  it('holds over concurrent transactions of any tenants on shared connections', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
        await Promise.all(steps.map(run));
      }),
      { numRuns: 8 },
    );
  });
});
