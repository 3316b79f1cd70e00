import { limitTo as giveLimits, seenQuota as seen, SET_QUOTAS as SET } from '../../support/api/quotas';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const input = { userId: 'u', at: '2025-03-21T19:40:00Z', device: 'desktop', source: 'email' };
const PREDICT = `query ($inputs: [PurchaseIntentInput!]!) {
  purchaseIntents(inputs: $inputs) {
    __typename
    ... on UserError { code message }
    ... on QuotaExceeded { kind limit used resetsAt }
  }
}`;
const many = (count: number) => ({ inputs: Array.from({ length: count }, () => input) });

let test: TestApi;
let other: TestApi;
beforeAll(async () => {
  test = await startTestApi();
  // A second API process on the same database.
  other = await startTestApi({ beside: test });
});
afterAll(async () => {
  await other.close();
  await test.close();
});

const limitTo = (tenant: ApiTenant, kind: string, limit: number | null) =>
  giveLimits(test, tenant, { [kind]: limit });

describe('setTenantQuotas', () => {
  it('is what the tenant sees and nobody else has, until it is taken away', async () => {
    const [owner, stranger] = [await test.tenant(), await test.tenant('SERVICE')];
    expect(await limitTo(owner, 'PREDICTIONS_PER_DAY', 100)).toMatchObject({
      setTenantQuotas: {
        quotas: expect.arrayContaining([
          { kind: 'PREDICTIONS_PER_DAY', limit: 100, used: 0, remaining: 100 },
        ]) as unknown,
      },
    });
    expect(await seen(owner.caller, 'PREDICTIONS_PER_DAY')).toMatchObject({ limit: 100, period: 'DAY' });
    expect(await seen(stranger.caller, 'PREDICTIONS_PER_DAY')).toMatchObject({
      limit: null,
      used: 0,
      remaining: null,
    });
    expect(
      await test.platform.data('query ($id: ID!) { tenantQuotas(tenantId: $id) { kind limit } }', {
        id: owner.id,
      }),
    ).toMatchObject({
      tenantQuotas: expect.arrayContaining([{ kind: 'PREDICTIONS_PER_DAY', limit: 100 }]) as unknown,
    });
    await limitTo(owner, 'PREDICTIONS_PER_DAY', null);
    expect(await seen(owner.caller, 'PREDICTIONS_PER_DAY')).toMatchObject({ limit: null, remaining: null });
  });

  it('is refused out of bounds, twice for a kind, for nobody, and to a tenant', async () => {
    const { id, caller } = await test.tenant();
    const kind = 'PREDICTIONS_PER_DAY';
    const quotas = [
      { kind, limit: -1 },
      { kind, limit: 3 },
    ];
    expect(await test.platform.data(SET, { input: { tenantId: id, quotas } })).toEqual({
      setTenantQuotas: {
        code: 'BAD_USER_INPUT',
        issues: [{ path: 'quotas.0.limit' }, { path: 'quotas.1.kind' }],
      },
    });
    expect(await test.platform.data(SET, { input: { tenantId: id, quotas: [] } })).toMatchObject({
      setTenantQuotas: { issues: [{ path: 'quotas' }] },
    });
    const one = [{ kind, limit: 3 }];
    const nobody = { tenantId: '00000000-0000-4000-8000-000000000000', quotas: one };
    expect(await test.platform.code(SET, { input: nobody })).toBe('NOT_FOUND');
    expect(await caller.code(SET, { input: { tenantId: id, quotas: one } })).toBe('FORBIDDEN');
    expect(await seen(caller, kind)).toMatchObject({ limit: null });
  });
});

describe('predictions of a day', () => {
  it('beyond the limit are QuotaExceeded, in every place, and nothing of the request is taken', async () => {
    const owner = await test.tenant();
    await limitTo(owner, 'PREDICTIONS_PER_DAY', 10);
    const first = await owner.caller.send(PREDICT, many(7));
    expect(first.headers.get('ratelimit-policy')).toContain('"predictions-per-day";q=10;w=86400');
    expect(first.headers.get('ratelimit')).toMatch(/"predictions-per-day";r=3;t=\d+/);
    expect(first.headers.get('retry-after')).toBeNull();
    const second = await owner.caller.send(PREDICT, many(4));
    expect(second.data).toEqual({
      purchaseIntents: Array.from({ length: 4 }, () => ({
        __typename: 'QuotaExceeded',
        code: 'QUOTA_EXCEEDED',
        message: expect.stringMatching(
          /^Your tenant may have 10 predictions of this day, and 7 are used; this takes 4\. Send fewer inputs, wait until /,
        ) as unknown,
        kind: 'PREDICTIONS_PER_DAY',
        limit: 10,
        used: 7,
        resetsAt: expect.stringMatching(/T00:00:00\.000Z$/) as unknown,
      })),
    });
    expect(second.headers.get('retry-after')).toMatch(/^\d+$/);
    const third = await owner.caller.send(PREDICT, many(3));
    expect(third.data).toMatchObject({ purchaseIntents: [{ code: 'MODEL_NOT_READY' }, {}, {}] });
    expect(await seen(owner.caller, 'PREDICTIONS_PER_DAY')).toMatchObject({ used: 10, remaining: 0 });
  });

  it('are an error of the operation where the answer has no place for one', async () => {
    const owner = await test.tenant();
    await limitTo(owner, 'PREDICTIONS_PER_DAY', 0);
    const refused = await owner.caller.send('query ($id: ID!) { replayPrediction(id: $id) { __typename } }', {
      id: '0a0a0a0a-0000-4000-8000-000000000000',
    });
    expect(refused.errors).toMatchObject([
      { extensions: { code: 'QUOTA_EXCEEDED', kind: 'PREDICTIONS_PER_DAY', limit: 0, used: 0 } },
    ]);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  it('are those of all API processes together', async () => {
    const owner = await test.tenant();
    const twin = owner.caller.at(other.url);
    await limitTo(owner, 'PREDICTIONS_PER_DAY', 10);
    await owner.caller.send(PREDICT, many(6));
    const beyond = await twin.send(PREDICT, many(5));
    expect(beyond.data).toMatchObject({ purchaseIntents: [{ used: 6 }, {}, {}, {}, {}] });
    await twin.send(PREDICT, many(4));
    expect(await seen(owner.caller, 'PREDICTIONS_PER_DAY')).toMatchObject({ used: 10 });
  });
});
