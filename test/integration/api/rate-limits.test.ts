import { RateLimiter } from '../../../src/platform/tenancy/rate-limiter';
import { startTestApi, type TestApi } from '../../support/api/test-api';

const REQUESTS = 40;
const PREDICTIONS = 10;
const input = { userId: 'u', at: '2025-03-21T19:40:00Z', device: 'desktop', source: 'email' };
const BATCH = `query ($inputs: [PurchaseIntentInput!]!) {
  purchaseIntents(inputs: $inputs) { __typename }
}`;
const many = (count: number) => ({ inputs: Array.from({ length: count }, () => input) });

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi({
    config: { requestsPerMinute: REQUESTS, predictionsPerMinute: PREDICTIONS },
  });
});
afterAll(() => test.close());

/** Waits for a minute with room in it: what is counted here must not fall into two. */
async function earlyInAMinute(): Promise<void> {
  const seconds = async (): Promise<number> => {
    const [row] = await test.database.asPlatform((scope) =>
      scope.query<{ s: number }>('SELECT extract(second FROM clock_timestamp())::float8 AS s'),
    );
    return row!.s;
  };
  while ((await seconds()) > 45) await new Promise((resolve) => setTimeout(resolve, 250));
}

describe('requests', () => {
  it('beyond the limit are RATE_LIMITED, of this tenant alone, on every route', async () => {
    await earlyInAMinute();
    const [{ caller }, other] = [await test.tenant(), await test.tenant()];
    const answers = await Promise.all(
      Array.from({ length: REQUESTS + 5 }, () => caller.send('{ __typename }')),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(REQUESTS);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0]?.errors).toMatchObject([
      { extensions: { code: 'RATE_LIMITED', limit: REQUESTS, remaining: 0 } },
    ]);
    const wait = Number(refused[0]?.headers.get('retry-after'));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
    const download = await caller.http('/downloads/datasets/0a0a0a0a-0000-4000-8000-000000000000');
    expect(download.status).toBe(429);
    expect(await download.json()).toMatchObject({ code: 'RATE_LIMITED' });
    expect((await other.caller.send('{ __typename }')).status).toBe(200);
    expect((await test.platform.send('{ __typename }')).headers.get('ratelimit')).toBeNull();
  });

  it('say what is left', async () => {
    await earlyInAMinute();
    const { caller } = await test.tenant();
    await caller.send('{ __typename }');
    const { headers } = await caller.send('{ __typename }');
    expect(headers.get('ratelimit-policy')).toBe(`"requests";q=${REQUESTS};w=60`);
    expect(headers.get('ratelimit')).toMatch(new RegExp(`^"requests";r=${REQUESTS - 2};t=\\d+$`));
    expect(headers.get('retry-after')).toBeNull();
  });
});

describe('predictions', () => {
  it('are counted by their inputs', async () => {
    await earlyInAMinute();
    const { caller } = await test.tenant();
    const first = await caller.send(BATCH, many(7));
    expect([first.status, first.errors]).toEqual([200, []]);
    expect(first.headers.get('ratelimit')).toContain('"predictions";r=3');
    const second = await caller.send(BATCH, many(4));
    expect(second.status).toBe(429);
    expect(second.errors).toMatchObject([
      { extensions: { code: 'RATE_LIMITED', limit: PREDICTIONS, remaining: 3 } },
    ]);
    expect(second.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await caller.send(BATCH, many(3))).status).toBe(200);
    expect(await caller.code(BATCH, many(PREDICTIONS + 1))).toBe('BAD_USER_INPUT');
  });
});

describe('several processes', () => {
  it('never let more through together than one would, and use all but what another holds', async () => {
    await earlyInAMinute();
    const { id } = await test.tenant();
    const limits = { requests: 1_000, predictions: 100 };
    const processes = Array.from({ length: 3 }, () => new RateLimiter(test.database, limits));
    const taken = await Promise.all(
      Array.from({ length: 150 }, (_, index) =>
        processes[index % 3]!.take(id, 'predictions', 1).then(
          () => 1,
          () => 0,
        ),
      ),
    );
    const total = taken.reduce<number>((sum, one) => sum + one, 0);
    expect(total).toBeLessThanOrEqual(100);
    expect(total).toBeGreaterThanOrEqual(100 - 2 * (100 / 20));
  });

  it('start again with every minute', async () => {
    await earlyInAMinute();
    const { id } = await test.tenant();
    const take = () =>
      new RateLimiter(test.database, { requests: 5, predictions: 5 }).take(id, 'requests', 5);
    await take();
    await expect(take()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await test.database.inTenant(id, (scope) =>
      scope.query("UPDATE rate_windows SET minute = minute - interval '1 minute'"),
    );
    expect(await take()).toMatchObject({ limit: 5, remaining: 0 });
  });
});
