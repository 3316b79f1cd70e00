import { withOddsFactor } from '../../../src/learning/evaluation/segment-calibration';
import { seededRandom } from '../../../src/learning/training/random';
import { ad, adModel, adPredictions, rankAds } from '../../support/api/ad-model';
import { type AdPrediction, adVersion } from '../../support/api/ad-version';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ prediction: adPredictions });
});
beforeEach(async () => {
  owner = await test.tenant();
  adModel.reset();
});
afterAll(() => test.close());

const DRAFT = `mutation ($input: DraftAdPolicyInput!) { draftAdPolicy(input: $input) {
  __typename ... on DraftAdPolicySuccess { policy { id } } ... on InvalidPolicy { issues { path message } }
} }`;
interface Drafted {
  readonly draftAdPolicy: { readonly policy?: { readonly id: string }; readonly issues?: { path: string }[] };
}
const draft = (policy: object) => owner.caller.data<Drafted>(DRAFT, { input: { policy } });

async function activate(policy: object): Promise<void> {
  const { draftAdPolicy } = await draft(policy);
  await owner.caller.data(
    `mutation ($input: ActivatePolicyInput!) { activatePolicy(input: $input) { ... on ActivatePolicySuccess { policy { version } } } }`,
    { input: { policyId: draftAdPolicy.policy?.id } },
  );
}

/** The odds of the sidebar are half of what is predicted. */
function predictions(): AdPrediction[] {
  const random = seededRandom(3);
  return Array.from({ length: 4000 }, (_, n) => {
    const probability = Math.fround(0.05 + 0.3 * random());
    const placement = n % 3 === 0 ? 'sidebar' : 'feed';
    const truth = placement === 'sidebar' ? withOddsFactor(probability, 0.5) : probability;
    const part = n % 2 === 0 ? 'validation' : 'test';
    return { part, id: `i${n}`, probability, placement, label: random() < truth ? 1 : 0, subject: n % 700 };
  });
}

/** Ads that are told apart by their category, each with a rate that is out by a factor with a mean of 1. */
function ofAds(deviation: number): AdPrediction[] {
  const random = seededRandom(5);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const factors = Array.from({ length: 60 }, () => Math.exp(deviation * normal() - deviation ** 2 / 2));
  return Array.from({ length: 12_000 }, (_, n) => {
    const ad = n % factors.length;
    const label = random() < 0.1 * (factors[ad] ?? NaN) ? 1 : 0;
    const own = { placement: 'feed', category: `c${ad}`, subject: n };
    return { part: 'test', id: `i${n}`, probability: 0.1, label, ...own };
  });
}

describe('the policy of ads', () => {
  it('decides what is shown from its activation on', async () => {
    const candidates = [ad('cheap', { bid: 0.001 }), ad('dear', { bid: 2 })];
    expect(await rankAds({ candidates }, owner)).toMatchObject({ policyVersion: 0, dropped: [] });
    await activate({ floorEcpm: 5, exploration: { method: 'NONE' } });
    const answer = await rankAds({ candidates }, owner);
    expect(answer).toMatchObject({ policyVersion: 1, dropped: [{ adId: 'cheap', reason: 'BELOW_FLOOR' }] });
    expect(answer.ads).toMatchObject([{ adId: 'dear', adjustments: [] }]);
    expect((await rankAds({ candidates }, await test.tenant())).policyVersion).toBe(0);
  });

  it('corrects by placement, if it says so, where a correction is offered', async () => {
    const { id } = await adVersion(test, owner, predictions());
    adModel.versionId = id;
    const input = { candidates: [ad('a')], placement: 'sidebar' };
    expect((await rankAds(input, owner)).placementFactor).toBe(1);
    await activate({ correctPlacements: true });
    const { placementFactor, ads } = await rankAds(input, owner);
    expect(placementFactor).toBeLessThan(0.7);
    expect(ads[0]?.ctr).toBeCloseTo(withOddsFactor(0.1, placementFactor), 6);
    expect((await rankAds({ ...input, placement: 'feed' }, owner)).placementFactor).toBe(1);
    expect((await rankAds({ ...input, placement: 'moon' }, owner)).placementFactor).toBe(1);
  });

  it('explores as far as held-out ads differ from what was predicted, unless it says how far', async () => {
    const weighs = async (tenant: ApiTenant, deviation: number) => {
      adModel.versionId = (await adVersion(test, tenant, ofAds(deviation))).id;
      return (await rankAds({ candidates: [ad('a')] }, tenant)).priorImpressions ?? NaN;
    };
    const other = await test.tenant();
    const [right, wrong] = [await weighs(owner, 0), await weighs(other, 1)];
    expect(right).toBeGreaterThan(1000);
    // Var(f) = (1 − p) / (p(κ + 1)), with a factor f of variance e − 1 at p = 0.1.
    expect(wrong).toBeGreaterThan(2);
    expect(wrong).toBeLessThan(20);
    const candidates = [ad('a')];
    await activate({ exploration: { priorImpressions: 50 } });
    expect((await rankAds({ candidates }, owner)).priorImpressions).toBe(50);
    await activate({ exploration: { method: 'NONE' } });
    expect((await rankAds({ candidates }, owner)).priorImpressions).toBeNull();
    // Another tenant's version says nothing.
    const third = await test.tenant();
    expect((await rankAds({ candidates }, third)).priorImpressions).toBeCloseTo(100, 6);
  });

  it('explores, and ranks, where what a version predicted is gone', async () => {
    const { id, predictionsSha256 } = await adVersion(test, owner, ofAds(1));
    await test.stores.forTenant(owner.id).delete(predictionsSha256);
    adModel.versionId = id;
    const { ads, priorImpressions } = await rankAds({ candidates: [ad('a')] }, owner);
    expect(priorImpressions).toBeCloseTo(100, 6);
    expect(ads).toHaveLength(1);
  });

  it('is refused where it contradicts itself or leaves its bounds, with the place', async () => {
    const cap = { of: 'AD', impressions: 3, hours: 24 };
    const { draftAdPolicy } = await draft({
      floorEcpm: -1,
      frequencyCaps: [cap, { ...cap, impressions: 5 }, { ...cap, hours: 0 }],
      pacing: { least: 2 },
      exploration: { days: 365 },
    });
    expect(draftAdPolicy.issues?.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'policy.floorEcpm',
        'policy.frequencyCaps.2.hours',
        'policy.pacing.least',
        'policy.exploration.days',
      ]),
    );
    const twice = await draft({ frequencyCaps: [cap, { ...cap, impressions: 5 }] });
    expect(twice.draftAdPolicy.issues).toMatchObject([{ path: 'policy.frequencyCaps.1' }]);
  });

  it('is previewed on past impressions', async () => {
    const rows = predictions();
    await adVersion(test, owner, rows, (n) => (n % 4 === 1 ? 5 : 1));
    const { previewAdPolicy } = await owner.caller.data<{ previewAdPolicy: object }>(
      `query ($input: PreviewAdPolicyInput!) { previewAdPolicy(input: $input) { ... on AdPolicyPreview {
        examples figures { summary cappedShare { estimate } cappedCtr { estimate examples } keptCtr { estimate low high } bidForHalf }
        activeFigures { cappedShare { estimate } }
      } } }`,
      {
        input: {
          policy: { floorEcpm: 20, frequencyCaps: [{ of: 'AD', impressions: 6, hours: 168 }] },
        },
      },
    );
    const tested = rows.filter(({ part }) => part === 'test');
    const clicks = tested.filter(({ label }) => label === 1).length;
    expect(previewAdPolicy).toMatchObject({
      examples: tested.length,
      figures: {
        summary: expect.stringContaining('past impressions') as string,
        cappedShare: { estimate: 0 },
        cappedCtr: { estimate: null, examples: 0 },
        keptCtr: { estimate: clicks / tested.length },
      },
      // By default, four times at most.
      activeFigures: { cappedShare: { estimate: 0.5 } },
    });
  });
});
