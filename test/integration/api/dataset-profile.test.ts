import { readdir } from 'node:fs/promises';
import { type ApiCaller } from '../../support/api/api-caller';
import { announceDataset, KIND, readyDataset } from '../../support/api/table-dataset';
import { startTestApi, type TestApi } from '../../support/api/test-api';

const PROFILE = `query ($id: ID!, $first: Int! = 20, $after: String) { dataset(id: $id) { profile {
  __typename
  ... on DatasetProfile {
    configuration { version } createdAt rowCount unreadableCount quarantinedCount columnCount
    duplicates { count examples { line copies } }
    label { count positives rate censored overTime { unit buckets { from count positives rate } } }
    drift { firstUntil lastFrom firstCount lastCount }
    leaks { kind column auc count message }
    columns(first: $first, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        name role type missingCount emptyCount givenCount distinctCount auc presenceAuc
        missingMarkers { value count } frequentValues { value count } readsAs { numbers booleans moments }
        numbers { count mean standardDeviation min max quantiles { p value } outliers { low high count }
          histogram { bins { from to count } below above } }
        moments { earliest latest } sentinels { value count reason }
        invalid { count examples { line value reason } } drift { psi psiByChance level }
      }
    }
  }
  ... on UnreadableDataset { code message issues { path message } }
  ... on MappingUnconfirmed { code issues { path message } }
  ... on ProfilePending { retryAfterSeconds }
  ... on Conflict { code }
} } }`;

/** `paid` is the label in another guise; the price has a hole, a code and a cell that is no number. */
const SPEC = {
  shape: 'TABLE',
  label: { column: 'bought' },
  timeColumn: 'at',
  features: [
    { type: 'numeric', name: 'price' },
    { type: 'numeric', name: 'paid' },
  ],
};
const CSV = [
  'at,price,paid,bought',
  ...Array.from({ length: 90 }, (_, i) => {
    const bought = (i * 7) % 3 === 0;
    const price = i === 3 ? '' : i % 30 === 4 ? -1 : i === 5 ? 'free' : 10 + ((i * 31) % 40);
    return `2024-01-${String(1 + Math.floor(i / 3)).padStart(2, '0')},${price},${bought ? 9 : 0},${bought ? 1 : 0}`;
  }),
  '2024-01-30,10,0,0',
  '2024-01-30,10,0,0',
].join('\n');

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

interface Profile {
  readonly __typename: string;
  readonly columns: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    readonly nodes: readonly { readonly name: string }[];
  };
}

async function profileOf(caller: ApiCaller, id: string, variables: object = {}): Promise<Profile> {
  const { dataset } = await caller.data<{ dataset: { profile: Profile } }>(PROFILE, { id, ...variables });
  return dataset.profile;
}

async function configure(caller: ApiCaller, featureSpec: object): Promise<void> {
  const { configureDomain } = await caller.data<{ configureDomain: object }>(
    `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }`,
    { input: { kind: KIND, featureSpec, preset: 'TINY' } },
  );
  expect(configureDomain).toEqual({ __typename: 'ConfigureDomainSuccess' });
}

async function upload(caller: ApiCaller): Promise<string> {
  await configure(caller, SPEC);
  const { id, uploadUrl } = await announceDataset(caller);
  const { status } = await caller.http(uploadUrl, { method: 'PUT', body: CSV });
  expect(status).toBe(200);
  return id;
}

describe('the profile of a dataset', () => {
  it('says what is in the file and what is wrong with it', async () => {
    const { caller } = await test.tenant();
    const profile = await profileOf(caller, await upload(caller));
    expect(profile).toMatchObject({
      __typename: 'DatasetProfile',
      configuration: { version: 1 },
      rowCount: 92,
      unreadableCount: 0,
      quarantinedCount: 1,
      columnCount: 4,
      duplicates: { count: 1, examples: [{ line: 92, copies: 1 }] },
      label: { count: 91, positives: 30, rate: 30 / 91, censored: 0, overTime: { unit: 'DAY' } },
      drift: { firstUntil: '2024-01-11T00:00:00.000Z', lastFrom: '2024-01-22T00:00:00.000Z' },
      leaks: [{ kind: 'FEATURE_ORDERS_LABEL', column: 'paid', auc: 1 }],
    });
    const [at, price, paid, bought] = profile.columns.nodes;
    expect(at).toMatchObject({
      role: 'TIME',
      type: 'MOMENT',
      moments: { earliest: '2024-01-01T00:00:00.000Z', latest: '2024-01-30T00:00:00.000Z' },
      drift: null,
    });
    expect(price).toMatchObject({
      role: 'FEATURE',
      type: 'NUMERIC',
      missingCount: 1,
      sentinels: [{ value: '-1', count: 3, reason: 'no other value is negative' }],
      invalid: { count: 1, examples: [{ line: 7, value: 'free' }] },
      numbers: { count: 90, min: -1 },
      drift: { level: 'NONE' },
    });
    expect(paid).toMatchObject({ distinctCount: 2, auc: 1 });
    expect(bought).toMatchObject({ role: 'LABEL', auc: null });
  });

  it('is made once for each configuration', async () => {
    const { caller, id: tenantId } = await test.tenant();
    const id = await upload(caller);
    const both = await Promise.all([profileOf(caller, id), profileOf(caller, id)]);
    expect(both[1]).toEqual(both[0]);
    expect(await profileOf(caller, id)).toEqual(both[0]);
    const records = () =>
      test.database.inTenant(tenantId, (scope) => scope.query('SELECT sha256 FROM dataset_profiles'));
    expect(await records()).toHaveLength(1);
    await configure(caller, { ...SPEC, features: [{ type: 'numeric', name: 'price' }] });
    const again = await profileOf(caller, id);
    expect(again).toMatchObject({ configuration: { version: 2 } });
    expect(again.columns.nodes[2]).toMatchObject({ name: 'paid', role: 'UNUSED' });
    expect(await records()).toHaveLength(2);
  });

  it('shows its columns page by page', async () => {
    const { caller } = await test.tenant();
    const id = await upload(caller);
    const { columns: first } = await profileOf(caller, id, { first: 3 });
    expect(first.nodes.map(({ name }) => name)).toEqual(['at', 'price', 'paid']);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const { columns: rest } = await profileOf(caller, id, { first: 3, after: first.pageInfo.endCursor });
    expect(rest.nodes.map(({ name }) => name)).toEqual(['bought']);
    expect(rest.pageInfo.hasNextPage).toBe(false);
    expect(await caller.code(PROFILE, { id, after: 'bm9uZQ' })).toBe('BAD_USER_INPUT');
    expect(await caller.code(PROFILE, { id, first: 101 })).toBe('BAD_USER_INPUT');
  });

  it('is a conflict before the file is there', async () => {
    const { caller } = await test.tenant();
    const { id } = await announceDataset(caller);
    expect(await profileOf(caller, id)).toEqual({ __typename: 'Conflict', code: 'CONFLICT' });
  });

  it('says what is wrong when the configuration no longer fits, every time it is asked', async () => {
    const { caller } = await test.tenant();
    const id = await upload(caller);
    await configure(caller, { ...SPEC, features: [{ type: 'numeric', name: 'weight' }] });
    for (let i = 0; i < 2; i++)
      expect(await profileOf(caller, id)).toMatchObject({
        __typename: 'MappingUnconfirmed',
        code: 'MAPPING_UNCONFIRMED',
        issues: [{ path: 'weight', message: 'is not in the header' }],
      });
    await configure(caller, { ...SPEC, features: [{ type: 'numeric', name: 'hour', column: 'at' }] });
    for (let i = 0; i < 2; i++)
      expect(await profileOf(caller, id)).toMatchObject({
        __typename: 'UnreadableDataset',
        code: 'INVALID_DATA',
      });
  });

  it('is nobody else’s', async () => {
    const owner = await test.tenant();
    const id = await upload(owner.caller);
    await profileOf(owner.caller, id);
    const stranger = await test.tenant();
    expect(await stranger.caller.code(PROFILE, { id })).toBe('NOT_FOUND');
    const seen = await test.database.inTenant(stranger.id, (scope) =>
      scope.query('SELECT 1 FROM dataset_profiles'),
    );
    expect(seen).toEqual([]);
    const service = await test.tenant('SERVICE');
    expect(await service.caller.code(PROFILE, { id })).toBe('FORBIDDEN');
  });

  it('is shown to an analyst, and leaves no files behind', async () => {
    const { caller } = await test.tenant();
    expect((await profileOf(caller, await readyDataset(caller))).__typename).toBe('DatasetProfile');
    expect(await readdir(test.uploads)).toEqual([]);
  });
});
