import {
  ad,
  adModel,
  adPredictions,
  ago,
  RANK_ADS,
  rankAds as ask,
  type RankAdsAnswer,
} from '../../support/api/ad-model';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ prediction: adPredictions });
});
beforeEach(async () => {
  owner = await test.tenant('SERVICE');
  adModel.reset();
});
afterAll(() => test.close());

const rankAds = (input: object, tenant = owner) => ask(input, tenant);
const pathsOf = ({ issues }: RankAdsAnswer) => issues?.map(({ path }) => path);

describe('bad input of rankAds', () => {
  it('says what is wrong with a candidate, and ranks the others', async () => {
    const { ads, dropped } = await rankAds({
      candidates: [
        ad('negative', { bid: -1 }),
        ad('good'),
        ad('', {}),
        ad('vast', { bid: 1e300 }),
        ad('long', { category: 'x'.repeat(2000) }),
        ad('stranger', { features: [{ name: 'colour', text: 'red' }] }),
        ad('twice', { category: 'food', features: [{ name: 'category', text: 'games' }] }),
        ad('good'),
      ],
    });
    expect(ads.map(({ adId }) => adId)).toEqual(['good']);
    expect(
      dropped.map(({ index, reason, issues }) => [index, reason, issues.map(({ path }) => path)]),
    ).toEqual([
      [0, 'INVALID', ['candidates.0.bid']],
      [2, 'INVALID', ['candidates.2.adId']],
      [3, 'INVALID', ['candidates.3.bid']],
      [4, 'INVALID', ['candidates.4.category']],
      [5, 'INVALID', ['candidates.5.features.colour']],
      [6, 'INVALID', ['candidates.6.features.category']],
      [7, 'DUPLICATE', []],
    ]);
  });

  it('answers all of nothing when all candidates are wrong', async () => {
    const answer = await rankAds({ candidates: [ad('a', { bid: -1 })] });
    expect(answer).toMatchObject({ ads: [], eligible: 0, history: null, dropped: [{ reason: 'INVALID' }] });
    expect(adModel.calls).toEqual([]);
  });

  it.each([
    ['no candidates', { candidates: [] }, ['candidates']],
    ['too many', { candidates: Array.from({ length: 1001 }, (_, i) => ad(`${i}`)) }, ['candidates']],
    ['a page of none', { candidates: [ad('a')], first: 0 }, ['first']],
    [
      'budgets that are none',
      {
        candidates: [ad('a')],
        campaigns: [
          { id: 'x', budget: 0, spent: 0, startsAt: ago(1), endsAt: ago(0) },
          { id: 'x', budget: 1, spent: -1, startsAt: ago(1), endsAt: ago(1) },
        ],
      },
      ['campaigns.0.budget', 'campaigns.1.id', 'campaigns.1.spent', 'campaigns.1.endsAt'],
    ],
    [
      'exposures that are none',
      { candidates: [ad('a')], exposures: [{ of: 'AD', id: 'a', hours: 0, count: -1 }] },
      ['exposures.0.hours', 'exposures.0.count'],
    ],
    ['a moment that is none', { at: '1850-01-01T00:00:00Z', candidates: [ad('a'), ad('b')] }, ['at']],
    [
      'a history from the future',
      {
        candidates: [ad('a'), ad('b')],
        history: [
          { at: ago(1), kind: 'like' },
          { at: ago(-1), kind: 'like' },
        ],
      },
      ['history.1.at'],
    ],
    [
      'a shared feature that there is not',
      { candidates: [ad('a')], features: [{ name: 'colour', text: 'red' }] },
      ['features.colour'],
    ],
  ])('refuses %s, with the place', async (_what, input, paths) => {
    const answer = await rankAds(input);
    expect(answer.__typename).toBe('InvalidFeatures');
    expect(pathsOf(answer)).toEqual(paths);
  });

  it('takes a bid that is not a number for what it is', async () => {
    const { errors } = await owner.caller.send(RANK_ADS, {
      input: { candidates: [{ adId: 'a', bid: NaN }] },
    });
    expect(errors[0]?.message).toContain('input.candidates[0].bid');
  });
});
