import fc from 'fast-check';
import { seededRandom } from '../training/random';
import { twoSidedP } from './normal';
import { delongTest, logLossTest } from './paired-tests';
import { type PairedExamples } from './scored-examples';

const pairs = fc
  .array(
    fc.record({ label: fc.constantFrom(0, 1), first: fc.nat(6), second: fc.nat(6), subject: fc.nat(7) }),
    { minLength: 4, maxLength: 40 },
  )
  .filter((rows) => [0, 1].every((label) => rows.filter((row) => row.label === label).length >= 2))
  .map((rows) => ({
    labels_N: Float32Array.from(rows, ({ label }) => label),
    first_N: Float32Array.from(rows, ({ first }) => first / 6),
    second_N: Float32Array.from(rows, ({ second }) => second / 6),
    subjects_N: Int32Array.from(rows, ({ subject }) => subject),
  }));

/** By the definitions of DeLong et al. 1988: kernels of all pairs, and the sample covariances of their means. */
function naiveDelong({ labels_N, first_N, second_N }: PairedExamples) {
  const indicesOf = (label: number) => [...labels_N.keys()].filter((n) => labels_N[n] === label);
  const [positives, negatives] = [indicesOf(1), indicesOf(0)];
  const kernel = (scores: Float32Array, i: number, j: number) =>
    scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const models = [first_N, second_N].map((scores) => ({
    ofPositives: positives.map((i) => mean(negatives.map((j) => kernel(scores, i, j)))),
    ofNegatives: negatives.map((j) => mean(positives.map((i) => kernel(scores, i, j)))),
  }));
  const covariance = (a: number[], b: number[]) =>
    a.reduce((sum, value, k) => sum + (value - mean(a)) * (b[k]! - mean(b)), 0) / (a.length - 1);
  const entry = (r: number, s: number) =>
    covariance(models[r]!.ofPositives, models[s]!.ofPositives) / positives.length +
    covariance(models[r]!.ofNegatives, models[s]!.ofNegatives) / negatives.length;
  const [first, second] = models.map(({ ofPositives }) => mean(ofPositives)) as [number, number];
  return { first, second, variance: entry(0, 0) + entry(1, 1) - 2 * entry(0, 1) };
}

describe('twoSidedP', () => {
  it('gives the values of tables of the normal distribution', () => {
    expect(twoSidedP(0)).toBe(1);
    expect(twoSidedP(1.959963984540054)).toBeCloseTo(0.05, 14);
    expect(twoSidedP(-2.5758293035489004)).toBeCloseTo(0.01, 14);
    expect(twoSidedP(3.2905267314919255)).toBeCloseTo(0.001, 14);
    expect(twoSidedP(6) / 1.9731752900753e-9).toBeCloseTo(1, 10);
  });
});

describe('delongTest', () => {
  it('gives what is worked out by hand', () => {
    // AUC 7/9 and 8/9; the differences of V₁₀ are 0, 0, 1/3 and of V₀₁ 1/3, 0, 0: variance 2 · (1/27) / 3.
    const test = delongTest({
      labels_N: Float32Array.of(1, 1, 1, 0, 0, 0),
      first_N: Float32Array.of(0.8, 0.6, 0.4, 0.7, 0.3, 0.1),
      second_N: Float32Array.of(0.9, 0.5, 0.7, 0.6, 0.2, 0.4),
      subjects_N: null,
    });
    expect(test.first).toBeCloseTo(7 / 9, 12);
    expect(test.second).toBeCloseTo(8 / 9, 12);
    expect(test.low).toBeCloseTo(1 / 9 - (1.959963984540054 * Math.SQRT2) / 9, 12);
    expect(test.pValue).toBeCloseTo(0.47950012218695, 12);
  });

  it('gives what the definitions over all pairs give', () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const test = delongTest({ ...drawn, subjects_N: null });
        const { first, second, variance } = naiveDelong(drawn);
        expect(test.first).toBeCloseTo(first, 12);
        expect(test.second).toBeCloseTo(second, 12);
        if (variance < 1e-12) return;
        expect(test.high! - test.difference!).toBeCloseTo(1.959963984540054 * Math.sqrt(variance), 9);
        expect(test.pValue).toBeCloseTo(twoSidedP((second - first) / Math.sqrt(variance)), 9);
      }),
    );
  });

  it('turns round with the models', () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const there = delongTest(drawn);
        const back = delongTest({ ...drawn, first_N: drawn.second_N, second_N: drawn.first_N });
        expect(back.difference).toBeCloseTo(-there.difference!, 12);
        expect(back.pValue ?? -1).toBeCloseTo(there.pValue ?? -1, 9);
      }),
    );
  });

  it('learns nothing from copies of an example by the same subject', () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const once = delongTest({
          ...drawn,
          subjects_N: drawn.labels_N.length ? Int32Array.from(drawn.labels_N, (_, n) => n) : null,
        });
        const twice = (values: Float32Array) => Float32Array.from([...values, ...values]);
        const own = Int32Array.from(drawn.labels_N, (_, n) => n);
        const copied = delongTest({
          labels_N: twice(drawn.labels_N),
          first_N: twice(drawn.first_N),
          second_N: twice(drawn.second_N),
          subjects_N: Int32Array.from([...own, ...own]),
        });
        expect(copied.pValue ?? -1).toBeCloseTo(once.pValue ?? -1, 9);
      }),
    );
  });

  it('finds no difference between a model and itself, and nothing where a class is absent', () => {
    const labels_N = Float32Array.of(1, 0, 1, 0);
    const scores = Float32Array.of(0.9, 0.2, 0.4, 0.6);
    const same = { labels_N, first_N: scores, second_N: scores, subjects_N: null };
    expect(delongTest(same)).toMatchObject({ difference: 0, low: 0, high: 0, pValue: 1 });
    const negatives = { ...same, labels_N: new Float32Array(4) };
    expect(delongTest(negatives)).toMatchObject({ first: null, difference: null, pValue: null });
  });

  it('rejects as often as it should where two models are equally good', () => {
    const random = seededRandom(3);
    let rejected = 0;
    for (let trial = 0; trial < 400; trial++) {
      const labels_N = Float32Array.from({ length: 120 }, (_, n) => n % 2);
      const noisy = () => labels_N.map((label) => 0.3 * label + random());
      if (delongTest({ labels_N, first_N: noisy(), second_N: noisy(), subjects_N: null }).pValue! < 0.05)
        rejected++;
    }
    expect(rejected / 400).toBeGreaterThan(0.02);
    expect(rejected / 400).toBeLessThan(0.08);
  });
});

describe('logLossTest', () => {
  /** Two models off by noise of their own; the second has more of it. */
  function noisy(count: number, more: number, seed = 5): PairedExamples {
    const random = seededRandom(seed);
    const truth = Float32Array.from({ length: count }, () => 0.1 + 0.8 * random());
    const off = (by: number) => truth.map((p) => Math.min(0.99, Math.max(0.01, p + by * (random() - 0.5))));
    return {
      labels_N: truth.map((p) => (random() < p ? 1 : 0)),
      first_N: off(0.2),
      second_N: off(0.2 + more),
      subjects_N: null,
    };
  }

  it('tells a worse model, and gives log losses by their definition', async () => {
    const examples = noisy(3000, 0.8);
    const test = await logLossTest(examples);
    const loss = (scores: Float32Array) =>
      -scores.reduce((sum, p, n) => sum + Math.log(examples.labels_N[n] === 1 ? p : 1 - p), 0) / 3000;
    expect(test.first).toBeCloseTo(loss(examples.first_N), 9);
    expect(test.second).toBeCloseTo(loss(examples.second_N), 9);
    expect(test.low).toBeGreaterThan(0);
    expect(test.pValue).toBeCloseTo(1 / 2001, 12);
    expect(await logLossTest(examples)).toEqual(test);
  });

  it('comes near to the paired z test on many examples', async () => {
    const examples = noisy(2000, 0);
    const { first_N, second_N, labels_N } = examples;
    const difference = Float64Array.from(labels_N, (label, n) => {
      const [before, after] = [first_N[n]!, second_N[n]!];
      return label === 1 ? Math.log(before / after) : Math.log((1 - before) / (1 - after));
    });
    const mean = difference.reduce((sum, d) => sum + d, 0) / 2000;
    const variance = difference.reduce((sum, d) => sum + (d - mean) ** 2, 0) / 2000;
    const expected = twoSidedP(mean / Math.sqrt(variance / 2000));
    expect(Math.abs((await logLossTest(examples)).pValue! - expected)).toBeLessThan(0.05);
  });

  it('finds no difference between a model and itself, and does not test nine examples', async () => {
    const { labels_N, first_N } = noisy(100, 0);
    const same = { labels_N, first_N, second_N: first_N, subjects_N: null };
    expect(await logLossTest(same)).toMatchObject({ difference: 0, low: 0, high: 0, pValue: 1 });
    const few = await logLossTest(noisy(9, 0));
    expect(few.difference).not.toBeNull();
    expect(few).toMatchObject({ low: null, high: null, pValue: null });
  });
});
