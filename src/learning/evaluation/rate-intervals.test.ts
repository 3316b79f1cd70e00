import fc from 'fast-check';
import { seededRandom } from '../training/random';
import { betaQuantile, incompleteBeta } from './beta';
import { fitRateIntervals, rateInterval } from './rate-intervals';

describe('betaQuantile', () => {
  it('gives the exact intervals of tables', () => {
    // No positive of 10: 1 − 0.05^(1/10). Five of ten: Clopper and Pearson's 22.2 % to 77.8 %.
    expect(betaQuantile(0.95, 1, 10)).toBeCloseTo(1 - 0.05 ** 0.1, 12);
    expect(betaQuantile(0.05, 5, 6)).toBeCloseTo(0.22244, 5);
    expect(betaQuantile(0.95, 6, 5)).toBeCloseTo(0.77756, 5);
    expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 12);
  });

  it('is the inverse of the share below', () => {
    const parameter = fc.double({ min: 0.5, max: 5000, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), parameter, parameter, (share, a, b) => {
        expect(incompleteBeta(betaQuantile(share, a, b), a, b)).toBeCloseTo(share, 6);
      }),
    );
  });
});

interface World {
  readonly random: () => number;
  /** Examples of a subject, which share what makes their probabilities differ from what is predicted. */
  readonly perSubject: number;
}

/** Predictions that are not quite right, people who differ where predictions do not, and labels drawn by the truth. */
function draw(count: number, { random, perSubject }: World) {
  const labels_N = new Float32Array(count);
  const probabilities_N = new Float32Array(count);
  const subjects_N = new Int32Array(count);
  const truths: number[] = [];
  let z = 0;
  let own = 0;
  for (let n = 0; n < count; n++) {
    if (n % perSubject === 0) [z, own] = [4 * random() - 3.5, 3 * random() - 1.5];
    const truth = 1 / (1 + Math.exp(-(1.2 * z + 0.2 + own)));
    truths.push(truth);
    probabilities_N[n] = 1 / (1 + Math.exp(-z));
    labels_N[n] = random() < truth ? 1 : 0;
    subjects_N[n] = Math.floor(n / perSubject);
  }
  return { labels_N, probabilities_N, subjects_N, truths };
}

/** The share of bins whose true rate, that of very many other examples, lies between their mean bounds. */
function coverage(rounds: number, perSubject: number, knowsSubjects: boolean): number {
  const random = seededRandom(3);
  const others = draw(10_000, { random, perSubject: 1 });
  let covered = 0;
  let bins = 0;
  for (let round = 0; round < rounds; round++) {
    const { labels_N, probabilities_N, subjects_N } = draw(1_000, { random, perSubject });
    const intervals = fitRateIntervals(labels_N, probabilities_N, knowsSubjects ? subjects_N : null);
    const sums = intervals.bins.map(() => ({ truth: 0, lower: 0, upper: 0 }));
    others.truths.forEach((truth, n) => {
      const probability = others.probabilities_N[n]!;
      const at = intervals.bins.findLastIndex(({ from }) => from <= probability);
      const { lower, upper } = rateInterval(intervals, probability);
      const sum = sums[Math.max(0, at)]!;
      sum.truth += truth;
      sum.lower += lower;
      sum.upper += upper;
    });
    for (const { truth, lower, upper } of sums) {
      bins += 1;
      if (lower <= truth && truth <= upper) covered += 1;
    }
  }
  return covered / bins;
}

describe('the interval of a probability', () => {
  it('covers the rate among examples such as these as often as it says, of a model that is not calibrated', () => {
    expect(coverage(60, 1, false)).toBeGreaterThanOrEqual(0.9);
  });

  it('does so where examples are of few subjects, if it knows whose they are', () => {
    expect(coverage(60, 25, true)).toBeGreaterThanOrEqual(0.9);
    expect(coverage(60, 25, false)).toBeLessThan(0.85);
  });

  it('becomes narrower with more examples', () => {
    const random = seededRandom(1);
    const width = (count: number) => {
      const { labels_N, probabilities_N } = draw(count, { random, perSubject: 1 });
      const { lower, upper } = rateInterval(fitRateIntervals(labels_N, probabilities_N, null), 0.2);
      return upper - lower;
    };
    const [few, more, many] = [2_000, 20_000, 200_000].map(width) as [number, number, number];
    expect(few).toBeGreaterThan(more);
    expect(more).toBeGreaterThan(many);
  });

  it('holds the probability, lies within 0 and 1, and has bins of a hundred examples or all', () => {
    const example = fc.record({
      label: fc.boolean(),
      probability: fc.float({ min: 0, max: 1, noNaN: true }),
    });
    const asked = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(example, { minLength: 1, maxLength: 400 }), asked, (examples, probability) => {
        const intervals = fitRateIntervals(
          Float32Array.from(examples, ({ label }) => (label ? 1 : 0)),
          Float32Array.from(examples, (one) => one.probability),
          null,
        );
        expect(intervals.bins.length).toBeLessThanOrEqual(Math.max(1, Math.floor(examples.length / 100)));
        for (const { lower, upper } of [rateInterval(intervals, probability), ...intervals.bins]) {
          expect(lower).toBeGreaterThanOrEqual(0);
          expect(upper).toBeLessThanOrEqual(1);
        }
        const { lower, upper } = rateInterval(intervals, probability);
        expect(lower <= probability && probability <= upper).toBe(true);
      }),
    );
  });
});
