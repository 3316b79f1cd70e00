import { featureSpecSchema } from '../../../src/learning/features/feature-spec';
import {
  ad,
  AD_KIND,
  AD_SPEC,
  adModel,
  adPredictions,
  ago,
  rankAds as ask,
  type RankAdsAnswer,
} from '../../support/api/ad-model';
import { adVersion } from '../../support/api/ad-version';
import { ingest, type SentEvent } from '../../support/api/stored-events';
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

const rankAds = (input: object, tenant = owner) => ask(input, tenant);
const pathsOf = ({ issues }: RankAdsAnswer) => issues?.map(({ path }) => path);

const impression = (id: string, hours: number, cells: Record<string, string | number> = {}): SentEvent => ({
  id,
  subjectId: 'm1',
  at: ago(hours),
  kind: 'impression',
  values: [
    { name: 'clicked', boolean: false },
    ...Object.entries(cells).map(([name, value]) =>
      typeof value === 'number' ? { name, number: value } : { name, text: value },
    ),
  ],
});

describe('rankAds', () => {
  it('ranks by expected value, in one micro-batch and with one lookup of the history', async () => {
    await ingest(owner.caller, [impression('a', 3), impression('b', 2)], AD_KIND);
    const candidates = Array.from({ length: 1000 }, (_, index) =>
      ad(`ad-${index}`, { bid: 1 + (index % 7), category: index % 2 ? 'games' : 'food' }),
    );
    const answer = await rankAds({ userId: 'm1', candidates, first: 3 });
    expect(answer).toMatchObject({
      __typename: 'RankedAds',
      ...{ subjectId: 'm1', seed: 7, eligible: 1000, dropped: [] },
      history: { source: 'LOOKED_UP', count: 2 },
    });
    expect(answer.ads).toHaveLength(3);
    expect(answer.ads.every(({ eCpm }) => eCpm > 1000)).toBe(true);
    expect(adModel.calls.map(({ f_category }) => f_category?.dims)).toEqual([[1000, 1]]);
    expect(adModel.lookups).toBe(1);
  });

  it('records the ads whose ids are asked for, and no other candidate, whatever share is recorded', async () => {
    const { id } = await adVersion(test, owner, []);
    [adModel.versionId, adModel.recordShare] = [id, 1];
    const recorded = () =>
      test.database.inTenant(owner.id, (scope) => scope.query('SELECT id FROM predictions ORDER BY id'));
    const candidates = ['a', 'b', 'c'].map((name) => ad(name));
    await rankAds({ userId: 'm1', candidates });
    expect(await recorded()).toEqual([]);
    const answer = await owner.caller.data<{ rankAds: { ads: { predictionId: string }[] } }>(
      'query ($input: RankAdsInput!) { rankAds(input: $input) { ... on RankedAds { ads { predictionId } } } }',
      { input: { at: ago(0), userId: 'm1', candidates, first: 2 } },
    );
    const ids = answer.rankAds.ads.map(({ predictionId }) => ({ id: predictionId }));
    expect(ids).toHaveLength(2);
    expect(await recorded()).toEqual(ids.sort((a, b) => (a.id < b.id ? -1 : 1)));
  });

  it('answers the same again, given the seed, in whatever order the ads come', async () => {
    const candidates = Array.from({ length: 30 }, (_, index) => ad(`ad-${index}`));
    const { seed, ads } = await rankAds({ seed: null, candidates, first: 30 });
    const again = await rankAds({ seed, candidates: [...candidates].reverse(), first: 30 });
    const comparable = (ranked: RankAdsAnswer['ads']) => ranked.map((each) => ({ ...each, index: null }));
    expect(comparable(again.ads)).toEqual(comparable(ads));
    const other = await rankAds({ seed: seed === 3 ? 4 : 3, candidates, first: 30 });
    expect(comparable(other.ads)).not.toEqual(comparable(ads));
  });

  it('draws less from what was shown more often, and learns from clicks', async () => {
    const events = Array.from({ length: 900 }, (_, index) =>
      impression(`e${index}`, 1 + index / 100, { ad_id: index % 3 ? 'often' : 'liked', predicted_ctr: 0.1 }),
    ).map((event, index) => ({
      ...event,
      subjectId: `m${index}`,
      values: event.values!.map((value) =>
        value.name === 'clicked' ? { name: 'clicked', boolean: index % 3 === 0 } : value,
      ),
    }));
    await ingest(owner.caller, events, AD_KIND);
    const { ads, priorImpressions } = await rankAds({ candidates: [ad('often'), ad('liked'), ad('new')] });
    // No held-out predictions say otherwise.
    expect(priorImpressions).toBeCloseTo(100, 6);
    const found = Object.fromEntries(ads.map((each) => [each.adId, each]));
    expect([found['often'], found['liked'], found['new']].map((each) => each?.impressions)).toEqual([
      600, 300, 0,
    ]);
    expect(found['new']?.smoothedCtr).toBeCloseTo(0.1, 6);
    // 100 at 0.1 from the model; 300 expected to click 30 times, of whom all did.
    expect(found['liked']?.smoothedCtr).toBeCloseTo((0.1 * (10 + 300)) / (10 + 30), 4);
    expect(found['often']?.smoothedCtr).toBeCloseTo((0.1 * 10) / (10 + 60), 4);
    expect(ads[0]?.adId).toBe('liked');
  });

  it('keeps to caps, counted from stored events or given', async () => {
    const shown = (count: number, cells: Record<string, string>, from = 1) =>
      Array.from({ length: count }, (_, i) =>
        impression(`${Object.values(cells).join()} ${i}`, from + i, cells),
      );
    await ingest(
      owner.caller,
      [
        ...shown(4, { ad_id: 'worn', campaign_id: 'x' }),
        ...shown(3, { ad_id: 'fresh', campaign_id: 'x' }),
        ...shown(6, { ad_id: 'old' }, 30),
      ],
      AD_KIND,
    );
    const candidates = [ad('worn'), ad('fresh'), ad('old')];
    const answer = await rankAds({ userId: 'm1', candidates });
    expect(answer.dropped.map(({ adId, reason }) => [adId, reason])).toEqual([['worn', 'FREQUENCY_CAP']]);
    // The feature `frequency` is counted from the same events.
    expect([...(adModel.calls[0]?.['f_frequency']?.data ?? [])]).toEqual([4, 3, 6]);
    const exposures = [{ of: 'AD', id: 'fresh', hours: 24, count: 4 }];
    const given = await rankAds({ userId: 'm1', candidates, exposures });
    expect(given.dropped.map(({ adId }) => adId)).toEqual(['fresh']);
    expect((await rankAds({ userId: 'm2', candidates })).dropped).toEqual([]);
    expect((await rankAds({ userId: 'm1', candidates }, await test.tenant())).dropped).toEqual([]);
  });

  it('does not guess how often an ad was shown where impressions do not say of what they were', async () => {
    await ingest(owner.caller, [impression('a', 3)], AD_KIND);
    await rankAds({ userId: 'm1', candidates: [ad('one'), ad('two', { frequency: 2 })] });
    expect([...(adModel.calls[0]?.['f_frequency']?.data ?? [])]).toEqual([NaN, 2]);
  });

  it('paces budgets', async () => {
    const flight = { startsAt: ago(10), endsAt: ago(-10), budget: 100 };
    const { ads, dropped } = await rankAds({
      candidates: [
        ad('a', { campaign: 'fast' }),
        ad('b', { campaign: 'gone' }),
        ad('c', { campaign: 'free' }),
      ],
      campaigns: [
        { id: 'fast', ...flight, spent: 90 },
        { id: 'gone', ...flight, spent: 120 },
      ],
    });
    expect(ads.map(({ adId, adjustments }) => [adId, adjustments.map(({ kind }) => kind)])).toEqual([
      ['c', ['EXPLORED']],
      ['a', ['PACED', 'EXPLORED']],
    ]);
    expect(dropped).toMatchObject([{ adId: 'b', reason: 'BUDGET_SPENT' }]);
  });

  it('reads a long history once, and gives the model its latest events', async () => {
    const history = Array.from({ length: 5000 }, (_, i) => ({
      at: ago(5001 - i),
      kind: i % 2 ? 'like' : 'hide',
    }));
    const candidates = Array.from({ length: 500 }, (_, i) => ad(`ad-${i}`));
    const answer = await rankAds({ candidates, history: [...history].reverse() });
    expect(answer.history).toEqual({ source: 'GIVEN', count: 12 });
    const kinds = [...(adModel.calls[0]?.['s_kind']?.data ?? [])];
    expect(kinds).toHaveLength(500 * 12);
    expect(kinds.slice(0, 12)).toEqual(kinds.slice(-12));
  });

  it('refuses more work than it can do where the model reads all of a history for each ad', async () => {
    adModel.spec = featureSpecSchema.parse({
      ...AD_SPEC,
      features: [
        ...AD_SPEC.features,
        { type: 'derived', name: 'likes', aggregate: 'count', kinds: ['like'] },
      ],
    });
    const history = Array.from({ length: 500 }, (_, i) => ({ at: ago(501 - i), kind: 'like' }));
    const candidates = Array.from({ length: 500 }, (_, i) => ad(`ad-${i}`));
    expect(pathsOf(await rankAds({ candidates, history }))).toEqual(['history']);
    expect((await rankAds({ candidates: candidates.slice(0, 5), history })).ads).toHaveLength(5);
  });

  it('says that there is no model', async () => {
    adModel.isPromoted = false;
    expect(await rankAds({ candidates: [ad('a')] })).toMatchObject({
      __typename: 'ModelNotReady',
      code: 'MODEL_NOT_READY',
    });
  });
});
