import fc from 'fast-check';
import { pastExamples } from '../../src/services/policies/past-examples';
import { checkPolicy } from '../../src/services/policies/policy-document';
import { type AppError } from '../../src/errors';
import { riskPolicy } from './policy';
import { bandOf, CREDIT_DECISIONS } from './policy-schema';

type Change = Readonly<Record<string, unknown>>;

/** Three bands, each changed. */
const bands = (...changes: Change[]) =>
  [
    { name: 'A', from: 0, below: 0.1, decision: 'APPROVE', maximumLimit: 5000 },
    { name: 'B', from: 0.1, below: 0.3, decision: 'REVIEW', maximumLimit: 1000 },
    { name: 'C', from: 0.3, below: 1, decision: 'DECLINE' },
  ].map((band, i) => ({ ...band, ...changes[i] }));

function issuesOf(document: object): (readonly [string, string])[] {
  try {
    checkPolicy(riskPolicy, document);
    return [];
  } catch (error) {
    return (error as AppError).issues.map(({ path, message }) => [path, message] as const);
  }
}

describe('a risk policy', () => {
  it('is complete with its defaults', () => {
    expect(checkPolicy(riskPolicy, { bands: bands() })).toMatchObject({
      score: { base: 600, odds: 30, pointsToDouble: 20 },
      lossGivenDefault: 0.75,
      exposure: { feature: null, conversionFactor: 0.5, standard: 3000 },
      reasons: { most: 4, texts: [] },
    });
  });

  it.each<[string, object, string, string]>([
    ['bands that overlap', { bands: bands({}, { from: 0.05 }) }, 'bands.1.from', 'overlaps the band A'],
    [
      'bands with a gap',
      { bands: bands({}, { from: 0.2 }) },
      'bands.1.from',
      'leaves a gap behind the band A',
    ],
    ['a band upside down', { bands: bands({}, { below: 0.05 }) }, 'bands.1.below', 'greater than from'],
    ['a first band that begins late', { bands: bands({ from: 0.01 }) }, 'bands.0.from', 'must be 0'],
    ['a last band that ends early', { bands: bands({}, {}, { below: 0.9 }) }, 'bands.2.below', 'must be 1'],
    [
      'more risk decided more mildly',
      { bands: bands({ decision: 'REVIEW' }, { decision: 'APPROVE' }) },
      'bands.1.decision',
      'is milder than REVIEW',
    ],
    [
      'more credit for more risk',
      { bands: bands({}, { maximumLimit: 6000 }) },
      'bands.1.maximumLimit',
      'more',
    ],
    ['no limit for more risk', { bands: bands({}, { maximumLimit: null }) }, 'bands.1.maximumLimit', 'more'],
    [
      'credit for the declined',
      { bands: bands({}, {}, { incomeShare: 0.1 }) },
      'bands.2.incomeShare',
      'declined',
    ],
    ['two bands of a name', { bands: bands({}, { name: 'A' }) }, 'bands.1.name', 'another band'],
    ['no bands', { bands: [] }, 'bands', ''],
    ['a negative loss given default', { bands: bands(), lossGivenDefault: -0.1 }, 'lossGivenDefault', '0'],
    ['more lost than owed', { bands: bands(), lossGivenDefault: 1.1 }, 'lossGivenDefault', '1'],
    ['a probability above 1', { bands: bands({}, {}, { below: 2 }) }, 'bands.2.below', '1'],
    ['a key that it does not know', { bands: bands(), bandz: [] }, '', 'bandz'],
    ['an unknown key further in', { bands: bands(), exposure: { standart: 1 } }, 'exposure', 'standart'],
    ['no points to double', { bands: bands(), score: { pointsToDouble: 0 } }, 'score.pointsToDouble', '0'],
    [
      'two texts of a feature',
      {
        bands: bands(),
        reasons: { texts: ['R1', 'R2'].map((code) => ({ feature: 'income', code, text: 'x' })) },
      },
      'reasons.texts.1.feature',
      'already',
    ],
    ['a text with U+0000', { bands: bands({ name: 'A\u0000' }) }, '', 'U+0000'],
  ])('refuses %s, and says where', (_what, document, path, message) => {
    const issues = issuesOf(document);
    expect(issues.map(([place]) => place)).toContain(path === '' ? 'policy' : `policy.${path}`);
    expect(issues.map(([, text]) => text).join(' ')).toContain(message);
  });

  it('has every probability in just one band', () => {
    const cuts = fc.uniqueArray(fc.double({ min: 0.001, max: 0.999, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, fc.double({ min: 0, max: 1, noNaN: true }), (inner, probability) => {
        const edges = [0, ...inner.sort((a, b) => a - b), 1];
        const { bands } = checkPolicy(riskPolicy, {
          bands: edges.slice(1).map((below, i) => ({
            ...{ name: `band ${i}`, from: edges[i], below },
            decision: CREDIT_DECISIONS[Math.min(2, i)],
          })),
        });
        const inside = bands.filter(
          ({ from, below }) =>
            probability >= from && (probability < below || (below === 1 && probability === 1)),
        );
        expect(inside).toEqual([bandOf(bands, probability)]);
      }),
    );
  });
});

describe('its preview', () => {
  const policy = checkPolicy(riskPolicy, { bands: bands(), exposure: { feature: 'owed', standard: 100 } });
  const scored = {
    labels_N: Float32Array.of(0, 1, 0, 1, 1, 0),
    probabilities_N: Float32Array.of(0.05, 0.0625, 0.25, 0.25, 0.5, 1),
    subjects_N: null,
  };

  it('counts every example once, and says what became of it', () => {
    const { decisions, bands, summary } = riskPolicy.preview(policy, pastExamples(scored, new Map()));
    expect(decisions.map(({ share, defaultRate }) => [share.estimate, defaultRate.estimate])).toEqual([
      [2 / 6, 1 / 2],
      [2 / 6, 1 / 2],
      [2 / 6, 1 / 2],
    ]);
    expect(bands.map(({ name, defaultRate }) => [name, defaultRate.examples])).toEqual([
      ['A', 2],
      ['B', 2],
      ['C', 2],
    ]);
    expect(summary).toContain('On 6 past examples this policy would have approved 33.3 % (');
    expect(summary).toContain('with 50.0 % (');
  });

  it('reads exposures from the feature, and takes the standard one where there is none', () => {
    const owed = new Map([['owed', ['1000', '', '5', '5', '5', '5']]]);
    const known = riskPolicy.preview(policy, pastExamples(scored, owed));
    expect(known).toMatchObject({ exposure: 1100, observedLoss: 75, exposureFeature: 'owed' });
    expect(known.expectedLoss).toBeCloseTo(0.75 * (0.05 * 1000 + 0.0625 * 100), 4);
    const unknown = riskPolicy.preview(policy, pastExamples(scored, new Map()));
    expect(unknown).toMatchObject({ exposure: 200, exposureFeature: null });
  });

  it('expects as much of all bands as of each, added up', () => {
    const everybody = {
      ...policy,
      bands: policy.bands.map((band) => ({ ...band, decision: 'APPROVE' as const })),
    };
    const whole = riskPolicy.preview(everybody, pastExamples(scored, new Map()));
    const parts = policy.bands.map((_, i) =>
      riskPolicy.preview(
        {
          ...policy,
          bands: policy.bands.map((band, j) => ({ ...band, decision: i === j ? 'APPROVE' : 'DECLINE' })),
        },
        pastExamples(scored, new Map()),
      ),
    );
    expect(parts.reduce((sum, { expectedLoss }) => sum + expectedLoss, 0)).toBeCloseTo(whole.expectedLoss, 8);
  });
});
