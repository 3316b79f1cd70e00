import { seededRandom } from '../../../src/learning/training/random';
import { type AdPrediction, adVersion } from '../../support/api/ad-version';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const QUERY = `query ($input: PlacementPlanInput!) { placementPlan(input: $input) {
  __typename
  ... on PlacementPlan {
    spend marginal results { estimate low high } modelVersion { id }
    shares { name spend impressions rate marginal inventory cpm marginalCpm results { estimate low high } curve { spend results marginal } }
    returns { spend results marginal }
  }
  ... on InvalidInput { issues { path message } }
  ... on UserError { code }
} }`;

interface Answer {
  readonly __typename: string;
  readonly spend: number;
  readonly marginal: number;
  readonly results: { readonly estimate: number; readonly low: number; readonly high: number };
  readonly modelVersion: { readonly id: string } | null;
  readonly shares: ReadonlyArray<{
    readonly spend: number;
    readonly rate: number;
    readonly marginal: number;
    readonly inventory: number;
    readonly cpm: number;
    readonly curve: readonly object[];
  }>;
  readonly returns: ReadonlyArray<{ readonly spend: number; readonly results: number }>;
  readonly issues?: ReadonlyArray<{ readonly path: string; readonly message: string }>;
}

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant('ANALYST');
});
afterAll(() => test.close());

const plan = async (input: object): Promise<Answer> =>
  (await owner.caller.data<{ placementPlan: Answer }>(QUERY, { input })).placementPlan;

const recorded = { impressions: 100_000, clicks: 2_000 };
const feed = { name: 'feed', inventory: 1_000_000, cpm: 5, recorded };
const sidebar = { name: 'sidebar', inventory: 500_000, cpm: 1, recorded: { ...recorded, clicks: 300 } };

function predictions(): AdPrediction[] {
  const random = seededRandom(3);
  return Array.from({ length: 4000 }, (_, n) => {
    const placement = n % 4 === 0 ? 'sidebar' : 'feed';
    const probability = placement === 'sidebar' ? 0.05 : 0.2;
    const part = n % 2 === 0 ? 'test' : 'validation';
    return { part, id: `i${n}`, probability, placement, label: random() < probability ? 1 : 0, subject: n };
  });
}

describe('placementPlan', () => {
  it('brings the marginal returns together, and shows them as curves', async () => {
    const { spend, marginal, results, shares, returns, modelVersion } = await plan({
      budget: 3000,
      options: [feed, sidebar],
    });
    expect(spend).toBeCloseTo(3000, 6);
    expect(modelVersion).toBeNull();
    for (const share of shares) {
      expect(share.marginal).toBeCloseTo(marginal, 9);
      expect(share.curve).toHaveLength(21);
    }
    expect(results.low).toBeLessThan(results.estimate);
    expect(results.high).toBeGreaterThan(results.estimate);
    expect(returns.map((point) => Math.round(point.spend))).toEqual([
      750, 1500, 2250, 3000, 3750, 4500, 6000,
    ]);
    expect(returns[3]?.results).toBeCloseTo(results.estimate, 6);
  });

  it('takes click rates of the version that serves where none were recorded', async () => {
    const of = (placement: string) => ({ name: placement, placement, inventory: 100_000, cpm: 5 });
    const input = { budget: 100, options: [of('feed'), of('sidebar')] };
    expect((await plan(input)).__typename).toBe('ModelNotReady');
    const { id } = await adVersion(test, await admin(), predictions());
    const { modelVersion, shares } = await plan(input);
    expect(modelVersion?.id).toBe(id);
    expect(shares[0]?.rate).toBeCloseTo(0.2, 1);
    expect(shares[1]?.rate).toBeCloseTo(0.05, 1);
    const options = [
      of('feed'),
      of('moon'),
      { ...of('sidebar'), slice: [{ feature: 'colour', values: ['red'] }] },
    ];
    expect((await plan({ budget: 100, options })).issues?.map(({ path }) => path)).toEqual([
      'options.1.placement',
    ]);
    expect((await plan({ budget: 100, options: options.slice(2) })).issues?.map(({ path }) => path)).toEqual([
      'options.0.slice.0.feature',
    ]);
  });

  it('fits inventory and price to what was bought', async () => {
    const observations = [100, 400, 1600].map((spend) => ({
      spend,
      impressions: 200_000 * (1 - Math.exp(-spend / 1000)),
    }));
    const { shares } = await plan({ budget: 500, options: [{ name: 'feed', observations, recorded }] });
    expect(shares[0]?.inventory).toBeCloseTo(200_000, -2);
    expect(shares[0]?.cpm).toBeCloseTo(5, 2);
  });

  it('plans for conversions, keeps to bounds, and leaves what is not worthwhile', async () => {
    const converting = { ...recorded, conversions: 100 };
    const { shares, spend } = await plan({
      budget: 2000,
      objective: 'CONVERSIONS',
      maximumCost: 6,
      options: [
        { ...feed, recorded: converting, maximumSpend: 200 },
        { ...sidebar, recorded: { ...converting, clicks: 300 }, minimumSpend: 50 },
      ],
    });
    expect(shares[0]?.rate).toBeCloseTo((2000.5 / 100_001) * (100.5 / 2001), 9);
    expect(shares[0]?.spend).toBeLessThanOrEqual(200);
    expect(shares[1]?.spend).toBeGreaterThanOrEqual(50);
    // Of the sidebar until the next conversion costs 6: e^(s / 500) times what the first one does.
    expect(spend).toBeCloseTo(200 + 500 * Math.log(6 * ((shares[1]?.rate ?? 0) / 0.001)), 6);
  });

  it.each([
    ['a budget of nothing', { budget: 0, options: [feed] }, ['budget']],
    ['no options', { budget: 1, options: [] }, ['options']],
    ['two of a name', { budget: 1, options: [feed, feed] }, ['options.1.name']],
    ['no price', { budget: 1, options: [{ name: 'x', recorded }] }, ['options.0.inventory', 'options.0.cpm']],
    [
      'negative prices',
      { budget: 1, options: [{ ...feed, cpm: -5, inventory: -1 }] },
      ['options.0.inventory', 'options.0.cpm'],
    ],
    [
      'one observation',
      { budget: 1, options: [{ name: 'x', recorded, observations: [{ spend: 1, impressions: -1 }] }] },
      ['options.0.observations', 'options.0.observations.0.impressions'],
    ],
    [
      'more clicks than impressions',
      { budget: 1, options: [{ ...feed, recorded: { impressions: 1, clicks: 2 } }] },
      ['options.0.recorded.clicks'],
    ],
    [
      'conversions unknown',
      { budget: 1, objective: 'CONVERSIONS', options: [feed] },
      ['options.0.recorded.conversions'],
    ],
    [
      'bounds that cross',
      { budget: 1, options: [{ ...feed, minimumSpend: 3, maximumSpend: 2 }] },
      ['options.0.maximumSpend', 'budget'],
    ],
  ])('refuses %s, with the place', async (_what, input, paths) => {
    const answer = await plan(input);
    expect(answer.__typename).toBe('InvalidInput');
    expect(answer.issues?.map(({ path }) => path)).toEqual(paths);
  });
});

/** The same tenant's administrator: what trains and promotes. */
async function admin(): Promise<ApiTenant> {
  owner = await test.tenant();
  return owner;
}
