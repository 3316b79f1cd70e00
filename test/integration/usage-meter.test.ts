import fc from 'fast-check';
import { QuotaExceededError } from '../../src/platform/tenancy/quotas/quota';
import { setQuotaLimits } from '../../src/platform/tenancy/quotas/quota-limits';
import { UsageMeter } from '../../src/platform/tenancy/quotas/usage-meter';
import { type Database } from '../../src/platform/persistence/database';
import { createTestDatabase, createTestTenant, type TestDatabase } from '../support/test-database';

const NOON = Date.UTC(2025, 2, 21, 12);
const MIDNIGHT = Date.UTC(2025, 2, 22);

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await createTestDatabase();
  database = await server.connect();
});
afterAll(() => server.drop());

let now: number;
beforeEach(() => {
  now = NOON;
});
/** Of a process; nothing is written but what is asked for. */
const meter = (): UsageMeter => new UsageMeter(database, { now: () => now, flushMs: 0 });

async function tenant(limit: number | null): Promise<string> {
  const { id } = await createTestTenant(database, 'SERVICE');
  await limitTo(id, limit);
  return id;
}
const limitTo = (id: string, limit: number | null): Promise<void> =>
  database.inTenant(id, (scope) => setQuotaLimits(scope, new Map([['PREDICTIONS_PER_DAY', limit]])));

/** What PostgreSQL has, by the day. */
const stored = (id: string): Promise<{ day: string; used: number }[]> =>
  database.inTenant(id, (scope) =>
    scope.query(
      `SELECT to_char(period_start AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, used FROM quota_usage ORDER BY period_start`,
    ),
  );

/** Whether it was taken. */
const take = (by: UsageMeter, id: string, amount = 1): Promise<boolean> =>
  by.take(id, amount).then(
    () => true,
    (error: unknown) => {
      if (error instanceof QuotaExceededError) return false;
      throw error;
    },
  );

it('writes nothing for a prediction until it flushes, and all of it then', async () => {
  const id = await tenant(null);
  const one = meter();
  await one.take(id, 1);
  for (let count = 0; count < 1_000; count += 1) await one.take(id, 3);
  expect(await stored(id)).toEqual([{ day: '2025-03-21', used: 1 }]);
  expect(await one.take(id, 1)).toMatchObject({ limit: null, used: 3_002 });
  await one.close();
  expect(await stored(id)).toEqual([{ day: '2025-03-21', used: 3_002 }]);
});

it('refuses what does not fit as a whole, to several at once as to one', async () => {
  const id = await tenant(50);
  const one = meter();
  const taken = await Promise.all(Array.from({ length: 30 }, () => take(one, id, 4)));
  expect(taken.filter(Boolean)).toHaveLength(12);
  await expect(one.take(id, 3)).rejects.toMatchObject({
    code: 'QUOTA_EXCEEDED',
    quota: { kind: 'PREDICTIONS_PER_DAY', limit: 50, used: 48, resetsAt: new Date(MIDNIGHT) },
  });
  expect(await take(one, id, 2)).toBe(true);
});

it('never lets one process pass a limit, nor several by more than a hundredth each beside one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        limit: fc.integer({ min: 0, max: 1_000 }),
        // So much is left of it.
        left: fc.nat({ max: 60 }),
        processes: fc.integer({ min: 1, max: 4 }),
        steps: fc.array(
          fc.record({
            by: fc.nat({ max: 3 }),
            amount: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 100 })),
            flush: fc.boolean(),
          }),
          { minLength: 1, maxLength: 40 },
        ),
      }),
      async ({ limit, left, processes, steps }) => {
        const id = await tenant(limit);
        const meters = Array.from({ length: processes }, meter);
        let total = 0;
        for (const each of meters) {
          const amount = Math.floor(Math.max(0, limit - left) / processes);
          if (amount > 0 && (await take(each, id, amount))) total += amount;
        }
        for (const { by, amount, flush } of steps) {
          const asked = meters[by % processes]!;
          if (await take(asked, id, amount)) total += amount;
          if (flush) await asked.flush();
        }
        for (const each of meters) await each.close();
        expect(total).toBeLessThanOrEqual(limit + (processes - 1) * Math.floor(limit / 100));
        // Nothing is lost, nothing is counted twice.
        const [row] = await stored(id);
        expect(row?.used ?? 0).toBe(total);
      },
    ),
    { numRuns: 15 },
  );
});

it('starts again at midnight of UTC, and writes what was counted before into the day that it is of', async () => {
  const id = await tenant(1_000);
  const [one, another] = [meter(), meter()];
  for (const each of [one, another]) expect(await take(each, id, 400)).toBe(true);
  now = MIDNIGHT - 1;
  for (let count = 0; count < 5; count += 1) expect(await take(one, id)).toBe(true);
  now = MIDNIGHT;
  expect(await one.take(id, 1_000)).toMatchObject({ used: 1_000 });
  expect(await take(another, id, 1)).toBe(false);
  await one.close();
  await another.close();
  expect(await stored(id)).toEqual([
    { day: '2025-03-21', used: 805 },
    { day: '2025-03-22', used: 1_000 },
  ]);
});

it('goes by a limit that was changed within four seconds', async () => {
  const id = await tenant(null);
  const one = meter();
  expect(await take(one, id, 10)).toBe(true);
  await limitTo(id, 5);
  now += 4_001;
  expect(await take(one, id)).toBe(false);
  await limitTo(id, 11);
  expect(await take(one, id)).toBe(true);
});

it('keeps tenants apart', async () => {
  const [mine, theirs] = [await tenant(5), await tenant(5)];
  const one = meter();
  expect(await take(one, mine, 5)).toBe(true);
  expect(await take(one, mine)).toBe(false);
  expect(await take(one, theirs, 5)).toBe(true);
  expect(await stored(mine)).toEqual([{ day: '2025-03-21', used: 5 }]);
});

it('goes on without PostgreSQL where there is no limit, and loses nothing of it', async () => {
  const id = await tenant(null);
  const one = meter();
  await one.take(id, 1);
  const away = jest.spyOn(database, 'inTenant').mockRejectedValue(new Error('away'));
  now += 10_000;
  expect(await take(one, id, 2)).toBe(true);
  await one.flush();
  expect(await take(one, id, 3)).toBe(true);
  away.mockRestore();
  await one.close();
  expect(await stored(id)).toEqual([{ day: '2025-03-21', used: 6 }]);
});
