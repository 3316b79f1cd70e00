import fc from 'fast-check';
import { NO_EVIDENCE } from '../../../src/learning/decisions/thompson';
import { adPolicySchema } from '../policy/ad-policy-schema';
import { type Circumstances, rank, type Scored } from './rank';

const AT = new Date(Date.UTC(2025, 3, 9));
const HOUR = 3_600_000;
const policy = adPolicySchema.parse({ pacing: { strength: 2 } });
const circumstances: Circumstances = {
  at: AT,
  policy,
  spend: new Map(),
  exposuresOf: () => 0,
  rates: new Map(),
  priorImpressions: null,
  seed: 1,
};
const ads = (...given: readonly Partial<Scored & { ctr: number }>[]): Scored[] =>
  given.map((ad, index) => ({ index, adId: `ad-${index}`, campaign: null, bid: 1, ctr: 0.1, ...ad }));
const idsOf = (entries: ReadonlyArray<{ readonly adId: string }>) => entries.map(({ adId }) => adId);

const anyScored = fc
  .array(
    fc.record({
      adId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      campaign: fc.option(fc.constantFrom('x', 'y'), { nil: null }),
      bid: fc.double({ min: 0, max: 10, noNaN: true }),
      ctr: fc.double({ min: 0, max: 1, noNaN: true }),
      issues: fc.option(fc.constant([{ path: 'bid', message: 'is wrong' }]), { nil: null, freq: 5 }),
    }),
    { maxLength: 20 },
  )
  .map((drawn) =>
    drawn.map(({ issues, ctr, ...ad }, index): Scored =>
      issues ? { ...ad, index, issues } : { ...ad, index, ctr },
    ),
  );

describe('rank', () => {
  it('is by bid times CTR, and keeps the order of what is equal', () => {
    const { ranked } = rank(
      ads({ bid: 1, ctr: 0.1 }, { bid: 5, ctr: 0.01 }, { bid: 2, ctr: 0.2 }, { bid: 1, ctr: 0.1 }),
      circumstances,
    );
    expect(idsOf(ranked)).toEqual(['ad-2', 'ad-0', 'ad-3', 'ad-1']);
    expect(ranked[0]).toMatchObject({ eCpm: 400, score: 400, adjustments: [] });
  });

  it('has every candidate in the answer once, and every ad at most once among those that may be shown', () => {
    fc.assert(
      fc.property(anyScored, fc.boolean(), fc.integer(), (candidates, explores, seed) => {
        const { ranked, dropped } = rank(candidates, {
          ...circumstances,
          policy: adPolicySchema.parse({ floorEcpm: 100 }),
          priorImpressions: explores ? 300 : null,
          exposuresOf: (_cap, id) => (id === 'a' || id === 'y' ? 50 : 0),
          seed,
        });
        const indices = [...ranked, ...dropped].map(({ index }) => index).sort((a, b) => a - b);
        expect(indices).toEqual(candidates.map(({ index }) => index));
        expect(new Set(idsOf(ranked)).size).toBe(ranked.length);
        expect(
          ranked.every(({ adId, campaign, eCpm }) => adId !== 'a' && campaign !== 'y' && eCpm >= 100),
        ).toBe(true);
        const scores = ranked.map(({ score }) => score);
        expect([...scores].sort((a, b) => b - a)).toEqual(scores);
        for (const { eCpm, score, adjustments } of ranked)
          expect(score).toBeCloseTo(
            adjustments.reduce((product, { factor }) => product * factor, eCpm),
            6,
          );
      }),
    );
  });

  it('keeps of a duplicate the one that is worth most', () => {
    const { ranked, dropped } = rank(
      ads({ adId: 'a', bid: 1 }, { adId: 'b' }, { adId: 'a', bid: 2 }, { adId: 'a', bid: 2 }),
      circumstances,
    );
    expect(ranked.map(({ index }) => index)).toEqual([2, 1]);
    expect(dropped.map(({ index, reason }) => [index, reason])).toEqual([
      [0, 'DUPLICATE'],
      [3, 'DUPLICATE'],
    ]);
    expect(dropped[0]?.message).toContain('candidate 2');
  });

  it('drops what was shown as often as allowed, and says so', () => {
    const { ranked, dropped } = rank(ads({}, { campaign: 'big' }, {}), {
      ...circumstances,
      exposuresOf: ({ of, hours }, id) =>
        hours === 24 && ((of === 'AD' && id === 'ad-0') || (of === 'CAMPAIGN' && id === 'big')) ? 10 : 3,
    });
    expect(idsOf(ranked)).toEqual(['ad-2']);
    expect(dropped.map(({ reason, message }) => [reason, message])).toEqual([
      ['FREQUENCY_CAP', 'the member was shown this ad 10 times within 24 h; the policy allows 4'],
      ['FREQUENCY_CAP', 'the member was shown this campaign 10 times within 24 h; the policy allows 10'],
    ]);
  });

  it('holds back a campaign that runs ahead, and ends one that has spent or ended', () => {
    const flight = { budget: 100, startsAt: new Date(+AT - HOUR), endsAt: new Date(+AT + HOUR) };
    const { ranked, dropped } = rank(
      ads({ campaign: 'fast', bid: 2 }, { campaign: 'even' }, { campaign: 'gone' }, { campaign: 'later' }),
      {
        ...circumstances,
        spend: new Map([
          ['fast', { ...flight, spent: 75 }],
          ['even', { ...flight, spent: 50 }],
          ['gone', { ...flight, spent: 100 }],
          ['later', { ...flight, spent: 0, startsAt: new Date(+AT + 1) }],
        ]),
      },
    );
    expect(idsOf(ranked)).toEqual(['ad-1', 'ad-0']);
    expect(ranked[1]).toMatchObject({
      eCpm: 200,
      score: 50,
      adjustments: [
        { kind: 'PACED', factor: 0.25, message: '75 % of the budget are spent after 50 % of the flight' },
      ],
    });
    expect(dropped.map(({ reason }) => reason)).toEqual(['BUDGET_SPENT', 'OUTSIDE_FLIGHT']);
  });

  it('explores by seed, and less what is known better', () => {
    const explore = (seed: number, shown: number) =>
      rank(ads({}, {}), {
        ...circumstances,
        policy: adPolicySchema.parse({}),
        priorImpressions: 300,
        rates: new Map([['ad-0', { ...NO_EVIDENCE, shown, positives: shown / 10 }]]),
        seed,
      }).ranked.find(({ adId }) => adId === 'ad-0')!;
    expect(explore(1, 0)).toEqual(explore(1, 0));
    const spread = (shown: number) => {
      const factors = Array.from({ length: 200 }, (_, seed) => explore(seed, shown).score / 100);
      return Math.sqrt(factors.reduce((sum, factor) => sum + (factor - 1) ** 2, 0) / factors.length);
    };
    expect(spread(100_000)).toBeLessThan(spread(0) / 5);
  });
});
