import {
  createTestDatabase,
  createTestTenant,
  type TestDatabase,
  type TestTenant,
} from '../../../test/support/test-database';
import { until } from '../../../test/support/training/until';
import { type Database } from './database';
import { Notifications } from './notifications';
import { withOwner } from './owner-connection';

let server: TestDatabase;
let database: Database;
let tenant: TestTenant;
const open: Notifications[] = [];

beforeAll(async () => {
  server = await createTestDatabase();
  database = await server.connect();
  tenant = await createTestTenant(database);
});
afterEach(() => Promise.all(open.splice(0).map((notifications) => notifications.close())));
afterAll(() => server.drop());

function notifications(options: ConstructorParameters<typeof Notifications>[1] = {}): Notifications {
  const made = new Notifications(database.applicationUrl, options);
  open.push(made);
  return made;
}

const announce = (channel: string, payload: object): Promise<void> =>
  database.inTenant(tenant.id, (scope) => scope.notify(channel, payload));

const received = (list: unknown[], count: number): Promise<number> =>
  until(
    () => Promise.resolve(list.length),
    (length) => length >= count,
  );

describe('Notifications', () => {
  it('deliver what a transaction announced once it has committed, and nothing of one that has not', async () => {
    const got: unknown[] = [];
    await notifications().listen('runs', (payload) => got.push(payload));
    await database
      .inTenant(tenant.id, async (scope) => {
        await scope.notify('runs', { id: 'lost' });
        throw new Error('on purpose');
      })
      .catch(() => undefined);
    await announce('others', { id: 0 });
    await announce('runs', { id: 1 });
    await received(got, 1);
    expect(got).toEqual([{ id: 1 }]);
  });

  it('reach every listener of a channel until it no longer listens', async () => {
    const source = notifications();
    const [first, second]: unknown[][] = [[], []];
    const forget = await source.listen('runs', (payload) => first?.push(payload));
    const forgetSecond = await source.listen('runs', (payload) => second?.push(payload));
    await announce('runs', { id: 1 });
    await received(second ?? [], 1);
    await forget();
    await announce('runs', { id: 2 });
    await received(second ?? [], 2);
    expect(first).toEqual([{ id: 1 }]);
    await forgetSecond();
    await forgetSecond();
  });

  it('go on after the connection was lost, and say that something may have been missed', async () => {
    const got: unknown[] = [];
    const resyncs: number[] = [];
    const errors: unknown[] = [];
    const source = notifications({ onResync: () => resyncs.push(1), onError: (error) => errors.push(error) });
    await source.listen('runs', (payload) => got.push(payload));
    await withOwner(server.ownerUrl, (owner) =>
      owner.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'propensity-notifications' AND datname = current_database()",
      ),
    );
    await received(resyncs, 1);
    expect(errors).not.toEqual([]);
    await announce('runs', { id: 2 });
    await received(got, 1);
    expect(got).toEqual([{ id: 2 }]);
  });

  it('fail to begin where there is no server', async () => {
    const nowhere = new Notifications('postgres://x:y@127.0.0.1:1/z');
    await expect(nowhere.listen('runs', () => undefined)).rejects.toThrow(/ECONNREFUSED/);
    await nowhere.close();
    await expect(nowhere.listen('runs', () => undefined)).rejects.toThrow(/closed/);
  });

  it('refuse a payload that PostgreSQL would refuse', async () => {
    await expect(announce('runs', { text: 'x'.repeat(8_000) })).rejects.toThrow(/7999 bytes/);
  });
});
