import { shopModel } from '../../support/api/shop-model';
import { at, ingest, view } from '../../support/api/stored-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

/** Customers without events are cold, with one lukewarm, with more sure to buy. */
const PROBABILITIES = [0.02, 0.4, 0.95];

let test: TestApi;
let owner: ApiTenant;
let rows = 0;
beforeAll(async () => {
  const prediction = shopModel(
    (events) => PROBABILITIES[Math.min(events, 2)]!,
    (count) => (rows += count),
  );
  test = await startTestApi({ prediction });
  owner = await test.tenant();
  await ingest(owner.caller, [
    view('e1', { subjectId: 'warm' }),
    view('e2', { subjectId: 'sure' }),
    view('e3', { subjectId: 'sure', at: at(1) }),
  ]);
});
afterAll(() => test.close());

interface Answer {
  readonly __typename: string;
  readonly assignments: ReadonlyArray<{
    readonly userId: string;
    readonly offerId: string;
    readonly probability: number;
    readonly offeredProbability: number;
    readonly expectedCost: number;
  }>;
  readonly expectedCost: number;
  readonly value: number;
  readonly bound: number;
  readonly conversions: { readonly expected: number; readonly low: number; readonly high: number };
  readonly conversionsWithoutOffers: { readonly expected: number };
  readonly issues: ReadonlyArray<{ readonly path: string }>;
}

async function plan(input: object, from = owner): Promise<Answer> {
  const { campaignPlan } = await from.caller.data<{ campaignPlan: Answer }>(
    `query ($input: CampaignPlanInput!) { campaignPlan(input: $input) {
      __typename
      ... on CampaignPlan {
        assignments { userId offerId probability offeredProbability expectedCost addedProfit }
        expectedCost addedProfit value bound shadowPrice
        conversions { expected low high method } conversionsWithoutOffers { expected }
        modelVersion { number }
      }
      ... on InvalidFeatures { issues { path message } }
      ... on ModelNotReady { code }
    } }`,
    { input },
  );
  return campaignPlan;
}

const mail = { id: 'mail', cost: 0.1, oddsMultiplier: 1.1 };
const coupon = { id: 'coupon', cost: 0.1, discount: 5, oddsMultiplier: 2.5 };
const asked = { userIds: ['cold', 'sure', 'warm'], offers: [mail, coupon], budget: 100, margin: 30 };

describe('campaignPlan', () => {
  it('gives the undecided the dear offer and those who buy anyway none that costs more than it brings', async () => {
    rows = 0;
    const answer = await plan(asked);
    expect(rows).toBe(3);
    const offers = Object.fromEntries(answer.assignments.map(({ userId, offerId }) => [userId, offerId]));
    expect(offers['warm']).toBe('coupon');
    expect(offers['sure']).not.toBe('coupon');
    const warm = answer.assignments.find(({ userId }) => userId === 'warm')!;
    expect(warm.probability).toBeCloseTo(0.4, 6);
    expect(warm.offeredProbability).toBeCloseTo((2.5 * 0.4) / (0.6 + 2.5 * 0.4), 6);
    expect(warm.expectedCost).toBeCloseTo(0.1 + 5 * warm.offeredProbability, 6);
    expect(answer.conversionsWithoutOffers.expected).toBeCloseTo(0.02 + 0.4 + 0.95, 5);
    expect(answer.conversions).toMatchObject({ low: 1, high: 3 });
    expect(answer.value).toBeCloseTo(answer.bound, 9);
  });

  it('keeps the budget, and makes only free offers of none', async () => {
    const { expectedCost, assignments } = await plan({ ...asked, budget: 0.15, objective: 'CONVERSIONS' });
    expect(expectedCost).toBeLessThanOrEqual(0.15);
    expect(assignments).toMatchObject([{ userId: 'warm', offerId: 'mail' }]);
    const free = { id: 'free', cost: 0, oddsMultiplier: 1.05 };
    const nothing = await plan({ ...asked, budget: 0, offers: [mail, free] });
    expect(nothing.assignments.map(({ offerId }) => offerId)).toEqual(['free', 'free', 'free']);
    expect(nothing.expectedCost).toBe(0);
  });

  it('says what is wrong with an input, each with its path', async () => {
    const pathsOf = async (change: object) =>
      (await plan({ ...asked, ...change })).issues.map(({ path }) => path);
    expect(await pathsOf({ userIds: [] })).toEqual(['userIds']);
    expect(await pathsOf({ userIds: ['a', 'b', 'a', ''] })).toEqual(['userIds.2', 'userIds.3']);
    expect(await pathsOf({ offers: [mail, mail] })).toEqual(['offers.1.id']);
    expect(await pathsOf({ budget: -1, margin: -2, at: '2300-01-01T00:00:00Z' })).toEqual([
      'budget',
      'margin',
      'at',
    ]);
    expect(
      await pathsOf({ offers: [{ id: 'x', cost: -1, discount: -1, oddsMultiplier: 0 }], budget: 2e9 }),
    ).toEqual(['offers.0.cost', 'offers.0.discount', 'offers.0.oddsMultiplier', 'budget']);
  });

  it('needs a model', async () => {
    const bare = await startTestApi();
    try {
      expect(await plan(asked, await bare.tenant())).toMatchObject({ __typename: 'ModelNotReady' });
    } finally {
      await bare.close();
    }
  });
});
