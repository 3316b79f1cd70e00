import {
  createTestDatabase,
  createTestTenant,
  type TestDatabase,
  type TestTenant,
} from '../../../test/support/test-database';
import { TenantRow, tenantRow } from '../../../test/support/tenant-row.entity';
import { type Database } from './database';
import { isForeignKeyViolation, isUniqueViolation } from './database-errors';

let server: TestDatabase;
let database: Database;
let tenant: TestTenant;

beforeAll(async () => {
  server = await createTestDatabase();
  database = await server.connect([TenantRow]);
});
afterAll(() => server.drop());
beforeEach(async () => {
  tenant = await createTestTenant(database);
});

describe('TenantRepository', () => {
  it('stores a row as its tenant’s, whatever the values say, and returns it with its defaults', async () => {
    const other = await createTestTenant(database);
    const row = await database.inTenant(tenant.id, (scope) =>
      scope.repository(TenantRow).insert({ ...tenantRow('a'), ...{ tenantId: other.id }, rowCount: 2 ** 40 }),
    );
    expect(row).toMatchObject({ tenantId: tenant.id, name: 'a', rowCount: 2 ** 40 });
    expect(row.createdAt).toBeInstanceOf(Date);
  });

  it('finds, counts, locks and changes rows', async () => {
    await database.inTenant(tenant.id, async (scope) => {
      const rows = scope.repository(TenantRow);
      const [a, b] = [await rows.insert(tenantRow('a')), await rows.insert(tenantRow('b'))];
      expect(await rows.findOne({ name: 'b' })).toEqual(b);
      expect(
        (await rows.find(undefined, { order: { name: 'DESC' }, limit: 1 })).map(({ name }) => name),
      ).toEqual(['b']);
      expect((await rows.getForUpdate(a.id)).name).toBe('a');
      expect(await rows.update({ name: 'a' }, { rowCount: 3 })).toBe(1);
      expect((await rows.getOrThrow(a.id)).rowCount).toBe(3);
      expect(await rows.count({ kind: 'TEST' })).toBe(2);
    });
  });

  it.each(['', 'x', '1; DROP TABLE datasets', '00000000-0000-4000-8000-00000000000g'])(
    'answers the id %p as one that does not exist',
    async (id) => {
      await database.inTenant(tenant.id, async (scope) => {
        await expect(scope.repository(TenantRow).getOrThrow(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(scope.repository(TenantRow).getForUpdate(id)).rejects.toMatchObject({
          code: 'NOT_FOUND',
        });
      });
      await expect(database.inTenant(id, () => Promise.resolve(1))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    },
  );

  it('refuses a condition that is undefined instead of leaving it out', async () => {
    const where = { name: undefined } as unknown as { name: string };
    await database.inTenant(tenant.id, async (scope) => {
      await expect(scope.repository(TenantRow).find(where)).rejects.toThrow(/undefined/i);
    });
  });

  it.each(['ASC', 'DESC'] as const)(
    'pages through all rows once (%s), in one instant or many',
    async (direction) => {
      const names = Array.from({ length: 7 }, (_, index) => `row ${index}`);
      // Inside one transaction all rows have one creation time, to the microsecond.
      await database.inTenant(tenant.id, async (scope) => {
        for (const name of names.slice(0, 4)) await scope.repository(TenantRow).insert(tenantRow(name));
      });
      for (const name of names.slice(4)) {
        await database.inTenant(tenant.id, (scope) => scope.repository(TenantRow).insert(tenantRow(name)));
      }
      const seen: string[] = [];
      let after: string | null = null;
      for (let more = true; more;) {
        const page = await database.inTenant(tenant.id, (scope) =>
          scope
            .repository(TenantRow)
            .page({ first: 3, after }, { orderBy: 'createdAt', direction, where: { kind: 'TEST' } }),
        );
        seen.push(...page.items.map(({ name }) => name));
        ({ endCursor: after, hasNextPage: more } = page);
      }
      expect([...seen].sort()).toEqual(names);
      const late = direction === 'ASC' ? seen.slice(4) : seen.slice(0, 3).reverse();
      expect(late).toEqual(names.slice(4));
    },
  );

  it('gives an empty page without a cursor', async () => {
    const page = await database.inTenant(tenant.id, (scope) =>
      scope.repository(TenantRow).page({ first: 1 }, { orderBy: 'createdAt' }),
    );
    expect(page).toEqual({ items: [], endCursor: null, hasNextPage: false });
  });

  it.each([{ first: 0 }, { first: 101 }, { first: 1.5 }, { first: 1, after: 'x' }, { first: 1, after: '' }])(
    'refuses the page %p',
    async (request) => {
      await expect(
        database.inTenant(tenant.id, (scope) =>
          scope.repository(TenantRow).page(request, { orderBy: 'createdAt' }),
        ),
      ).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    },
  );
});

describe('a transaction', () => {
  it('leaves nothing behind when its work fails', async () => {
    const work = database.inTenant(tenant.id, async (scope) => {
      await scope.repository(TenantRow).insert(tenantRow('a'));
      throw new Error('on purpose');
    });
    await expect(work).rejects.toThrow('on purpose');
    expect(await database.inTenant(tenant.id, (scope) => scope.repository(TenantRow).count())).toBe(0);
  });

  it('tells which constraint was broken', async () => {
    const { id } = await database.inTenant(tenant.id, (scope) =>
      scope.repository(TenantRow).insert(tenantRow('a')),
    );
    const again = await database
      .inTenant(tenant.id, (scope) => scope.repository(TenantRow).insert({ ...tenantRow('b'), id }))
      .catch((error: unknown) => error);
    expect(isUniqueViolation(again)).toBe(true);
    expect(isUniqueViolation(again, 'datasets_pkey')).toBe(true);
    expect(isUniqueViolation(again, 'another')).toBe(false);
    expect(isForeignKeyViolation(again)).toBe(false);
    const orphan = await database
      .inTenant('00000000-0000-4000-8000-000000000000', (scope) =>
        scope.repository(TenantRow).insert(tenantRow('a')),
      )
      .catch((error: unknown) => error);
    expect(isForeignKeyViolation(orphan)).toBe(true);
  });

  it('reads integers as numbers and returned rows as rows', async () => {
    await database.inTenant(tenant.id, async (scope) => {
      await scope.repository(TenantRow).insert(tenantRow('a'));
      expect(await scope.query('SELECT count(*) AS n, (2^40)::bigint AS big FROM datasets')).toEqual([
        { n: 1, big: 2 ** 40 },
      ]);
      expect(await scope.query("UPDATE datasets SET name = 'b' RETURNING name")).toEqual([{ name: 'b' }]);
      expect(await scope.query("UPDATE datasets SET name = 'c' WHERE false RETURNING name")).toEqual([]);
    });
  });

  it('fails as unavailable when its connection is lost', async () => {
    const work = database.inTenant(tenant.id, (scope) =>
      scope.query('SELECT pg_terminate_backend(pg_backend_pid())'),
    );
    await expect(work).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    // The pool goes on with another.
    expect(await database.inTenant(tenant.id, (scope) => scope.query('SELECT 1 AS one'))).toEqual([
      { one: 1 },
    ]);
  });
});
