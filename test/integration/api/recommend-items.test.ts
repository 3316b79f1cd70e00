import { shopModel } from '../../support/api/shop-model';
import { at, ingest, type SentEvent } from '../../support/api/stored-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

/** Rows that the model was asked about. */
let rows = 0;

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({
    prediction: shopModel(
      () => 0.5,
      (count) => (rows += count),
    ),
  });
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

interface Answer {
  readonly __typename: string;
  readonly items: ReadonlyArray<{
    readonly itemId: string;
    readonly probability: number | null;
    readonly share: number;
    readonly expectedMargin: number | null;
    readonly category: string | null;
    readonly known: boolean;
    readonly reason: string;
    readonly reasonText: string;
  }>;
  readonly intent: number | null;
  readonly alreadyBought: readonly string[];
  readonly evidence: { readonly events: number; readonly items: number; readonly ownEvents: number };
  readonly modelVersion: { readonly number: number } | null;
  readonly issues: ReadonlyArray<{ readonly path: string; readonly message: string }>;
}

const QUERY = `query ($input: RecommendItemsInput!) { recommendItems(input: $input) {
  __typename
  ... on RecommendedItems {
    items { itemId probability share margin expectedMargin category brand price known reason reasonText withItemId }
    intent visit { probability decision subjectId interval { level } modelVersion { number } } policyVersion
    modelVersion { number } weighed alreadyBought evidence { events items purchases ownEvents }
  }
  ... on InvalidFeatures { code issues { path message } }
} }`;

async function recommend(input: object, { caller } = owner): Promise<Answer> {
  return (await caller.data<{ recommendItems: Answer }>(QUERY, { input })).recommendItems;
}

let nextId = 0;
const sent = (subjectId: string, minute: number, kind: string, item?: string): SentEvent => ({
  id: `e${nextId++}`,
  subjectId,
  at: at(minute),
  kind,
  values:
    item === undefined
      ? []
      : [
          { name: 'item_id', text: item },
          { name: 'category', text: item.split('-')[0]! },
          { name: 'price', number: 20 },
        ],
});
const idsOf = ({ items }: Answer): string[] => items.map(({ itemId }) => itemId);
const NOW = at(10_000);

describe('recommendItems', () => {
  it('chooses from the events of the tenant, without what was bought, and says why', async () => {
    await ingest(owner.caller, [
      sent('u1', 8_000, 'view', 'garden-1'),
      sent('u1', 8_001, 'view', 'garden-1'),
      sent('u1', 8_002, 'purchase', 'garden-2'),
      sent('u2', 1, 'purchase', 'books-1'),
      sent('u1', 20_000, 'view', 'later-1'),
    ]);
    await ingest((await test.tenant()).caller, [sent('u1', 2, 'view', 'theirs-1')]);
    rows = 0;
    const answer = await recommend({ userId: 'u1', at: NOW });
    expect(rows).toBe(1);
    expect(idsOf(answer)).toEqual(['garden-1', 'books-1']);
    expect(answer).toMatchObject({
      intent: 0.5,
      modelVersion: { number: 3 },
      alreadyBought: ['garden-2'],
      evidence: { events: 4, items: 3, ownEvents: 3 },
    });
    expect(answer.items[0]).toMatchObject({
      category: 'garden',
      known: true,
      reason: 'LOOKED_AT',
      reasonText: 'looked at twice in the last seven days',
      expectedMargin: null,
    });
    for (const { probability, share } of answer.items) expect(probability).toBe(0.5 * share);
  });

  it('has an event of the customer from its acknowledgement on', async () => {
    await ingest(owner.caller, [sent('u2', 1, 'purchase', 'books-1'), sent('u3', 2, 'view', 'toys-1')]);
    expect(idsOf(await recommend({ userId: 'u1', at: NOW }))).toEqual(['books-1', 'toys-1']);
    await ingest(owner.caller, [sent('u1', 9_000, 'cart', 'toys-1')]);
    const { items } = await recommend({ userId: 'u1', at: NOW });
    expect(items[0]).toMatchObject({
      itemId: 'toys-1',
      reason: 'IN_BASKET',
      reasonText: 'in the basket since 2025-03-07',
    });
    await ingest(owner.caller, [sent('u1', 9_001, 'purchase', 'toys-1')]);
    expect(idsOf(await recommend({ userId: 'u1', at: NOW }))).toEqual(['books-1']);
  });

  it('ranks given candidates by what they earn, known or not', async () => {
    await ingest(owner.caller, [sent('u2', 1, 'purchase', 'books-1')]);
    const candidates = [
      { itemId: 'books-1', margin: 0.01 },
      { itemId: 'unheard-of', margin: 100, category: 'toys' },
    ];
    const answer = await recommend({ userId: 'u1', at: NOW, candidates });
    expect(idsOf(answer)).toEqual(['unheard-of', 'books-1']);
    expect(answer.items[0]).toMatchObject({ known: false, category: 'toys', reason: 'POPULAR' });
    expect(idsOf(await recommend({ userId: 'u1', at: NOW, candidates, first: 1 }))).toEqual(['unheard-of']);
  });

  it('knows nothing in a store without events, and before the first of them', async () => {
    expect(await recommend({ userId: 'u1' })).toMatchObject({
      items: [],
      intent: 0.5,
      evidence: { events: 0, items: 0, ownEvents: 0 },
    });
    await ingest(owner.caller, [sent('u1', 1, 'view', 'books-1')]);
    expect((await recommend({ userId: 'u1', at: '1970-01-01T00:00:00Z' })).items).toEqual([]);
  });

  it('takes a customer with very many events: the latest count', async () => {
    for (let batch = 0; batch < 2; batch++)
      await ingest(
        owner.caller,
        Array.from({ length: 1000 }, (_, i) => sent('u1', batch * 1000 + i, 'view', `toys-${i % 50}`)),
      );
    const { evidence, items } = await recommend({ userId: 'u1', at: NOW, first: 100 });
    expect(evidence).toMatchObject({ events: 2000, ownEvents: 1000 });
    expect(items).toHaveLength(50);
  });

  it('decides by the policy in force', async () => {
    await ingest(owner.caller, [
      sent('u1', 1, 'purchase', 'books-1'),
      sent('u2', 2, 'purchase', 'toys-1'),
      sent('u2', 3, 'purchase', 'toys-2'),
    ]);
    expect(idsOf(await recommend({ userId: 'u1', at: NOW })).sort()).toEqual(['toys-1', 'toys-2']);
    const { draftShopPolicy } = await owner.caller.data<{ draftShopPolicy: { policy: { id: string } } }>(
      `mutation ($policy: ShopPolicyInput!) { draftShopPolicy(input: { policy: $policy }) {
        ... on DraftShopPolicySuccess { policy { id } } } }`,
      {
        policy: {
          recommendations: { rebuyAfterDays: 0, maxPerCategory: 1 },
          margins: { rate: 0.1, categories: [{ category: 'books', rate: 0.5 }] },
        },
      },
    );
    await owner.caller.data(
      'mutation ($id: ID!) { activatePolicy(input: { policyId: $id }) { __typename } }',
      { id: draftShopPolicy.policy.id },
    );
    const answer = await recommend({ userId: 'u1', at: NOW });
    expect(answer.alreadyBought).toEqual([]);
    expect(answer.items.map(({ category }) => category)).toEqual(['books', 'toys']);
    for (const { expectedMargin, probability, category } of answer.items)
      expect(expectedMargin).toBeCloseTo(probability! * (category === 'books' ? 10 : 2), 9);
  });

  it('says what is wrong with an input, each with its path', async () => {
    const pathsOf = async (input: object) => {
      const answer = await recommend({ userId: 'u1', ...input });
      expect(answer.__typename).toBe('InvalidFeatures');
      return answer.issues.map(({ path }) => path);
    };
    const item = { itemId: 'a' };
    expect(await pathsOf({ userId: '', first: 0, at: '2500-01-01T00:00:00Z' })).toEqual([
      'userId',
      'first',
      'at',
    ]);
    expect(await pathsOf({ candidates: [] })).toEqual(['candidates']);
    expect(
      await pathsOf({ candidates: Array.from({ length: 501 }, (_, i) => ({ itemId: String(i) })) }),
    ).toEqual(['candidates']);
    expect(
      await pathsOf({
        candidates: [item, { itemId: 'b', margin: -1 }, item, { itemId: 'c', price: -2 }, { itemId: 'a\0' }],
      }),
    ).toEqual(['candidates.1.margin', 'candidates.2.itemId', 'candidates.3.price', 'candidates.4.itemId']);
    expect(await pathsOf({ features: [{ name: 'shoeSize', number: 44 }] })).toEqual(['features.shoeSize']);
    const { issues } = await recommend({ userId: 'u1', candidates: [item, item] });
    expect(issues[0]?.message).toBe('repeats candidates.0.itemId: give each item once');
  });
});

describe('before the first promotion', () => {
  it('items are ranked without an intent', async () => {
    const bare = await startTestApi();
    try {
      const tenant = await bare.tenant('SERVICE');
      await ingest(tenant.caller, [sent('u2', 1, 'purchase', 'books-1')]);
      const answer = await recommend({ userId: 'u1', at: NOW }, tenant);
      expect(answer).toMatchObject({
        intent: null,
        modelVersion: null,
        items: [{ itemId: 'books-1', probability: null, expectedMargin: null }],
      });
      expect(answer.items[0]?.share).toBeGreaterThan(0);
    } finally {
      await bare.close();
    }
  });
});
