import { seededRandom } from '../training/random';
import { evaluate } from './evaluate';
import { type BootstrapIntervals, bootstrapIntervals } from './intervals';
import { type ScoredExamples } from './scored-examples';
import { METRICS } from './weighted-metrics';

function generate(count: number, seed = 1): ScoredExamples {
  const random = seededRandom(seed);
  const probabilities_N = Float32Array.from({ length: count }, () => random());
  return {
    probabilities_N,
    labels_N: probabilities_N.map((p) => (random() < p ? 1 : 0)),
    subjects_N: null,
  };
}

const intervalOf = (intervals: BootstrapIntervals, metric: string) => {
  const found = intervals.metrics.find((each) => each.metric === metric);
  return { low: found?.low ?? NaN, high: found?.high ?? NaN, estimate: found?.estimate ?? NaN };
};
const widthOf = (intervals: BootstrapIntervals, metric: string) => {
  const { low, high } = intervalOf(intervals, metric);
  return high - low;
};

/** Twice 1.96 standard errors of the mean squared error: what is known without drawing. */
function brierWidth({ labels_N, probabilities_N }: ScoredExamples): number {
  const errors = Array.from(labels_N, (label, n) => (probabilities_N[n]! - label) ** 2);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / errors.length;
  return 2 * 1.96 * Math.sqrt(variance / errors.length);
}

describe('bootstrapIntervals', () => {
  it('are the same for the same seed, and hold the estimate, which is that of `evaluate`', async () => {
    const examples = generate(400);
    const intervals = await bootstrapIntervals(examples, 0.5);
    expect(await bootstrapIntervals(examples, 0.5)).toEqual(intervals);
    expect(await bootstrapIntervals(examples, 0.5, 1)).not.toEqual(intervals);
    expect(intervals).toMatchObject({ level: 0.95, replicates: 1000, resampled: 'EXAMPLES', units: 400 });
    const evaluation = evaluate(examples.labels_N, examples.probabilities_N, 0.5);
    expect(intervals.metrics.map(({ metric }) => metric)).toEqual([...METRICS]);
    for (const { metric, estimate, low, high } of intervals.metrics) {
      expect(estimate).toBeCloseTo(evaluation[metric]!, 9);
      expect(low).toBeLessThan(high!);
      // A calibration error is a sum of absolute values, which noise can only raise.
      if (metric !== 'ece') expect(estimate! >= low! && estimate! <= high!).toBe(true);
    }
  });

  it('are as wide as the standard error of a mean says', async () => {
    const examples = generate(2000);
    const width = widthOf(await bootstrapIntervals(examples, 0.5), 'brier');
    expect(width / brierWidth(examples)).toBeGreaterThan(0.9);
    expect(width / brierWidth(examples)).toBeLessThan(1.1);
  });

  it('draw from a sample of very many examples, and are as narrow as all of them allow', async () => {
    const examples = generate(150_000);
    const intervals = await bootstrapIntervals(examples, 0.5);
    expect(intervals).toMatchObject({ replicates: 200, units: 150_000 });
    const ratio = widthOf(intervals, 'brier') / brierWidth(examples);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.2);
    const { low, high, estimate } = intervalOf(intervals, 'rocAuc');
    expect(estimate).toBeCloseTo(evaluate(examples.labels_N, examples.probabilities_N, 0.5).rocAuc!, 9);
    expect(low < estimate && estimate < high).toBe(true);
  });

  it('draw subjects whole: copies of an example by the same subject tell nothing new', async () => {
    const once = generate(300);
    const copies = 9;
    const repeat = (values: Float32Array) =>
      Float32Array.from({ length: values.length * copies }, (_, n) => values[Math.floor(n / copies)]!);
    const labels_N = repeat(once.labels_N);
    const probabilities_N = repeat(once.probabilities_N);
    const subjects_N = Int32Array.from(labels_N, (_, n) => Math.floor(n / copies) + 1);
    const bySubject = await bootstrapIntervals({ labels_N, probabilities_N, subjects_N }, 0.5);
    const byExample = await bootstrapIntervals({ labels_N, probabilities_N, subjects_N: null }, 0.5);
    expect(bySubject).toMatchObject({ resampled: 'SUBJECTS', units: 300 });
    for (const metric of ['brier', 'rocAuc', 'recall']) {
      expect(widthOf(bySubject, metric) / widthOf(byExample, metric)).toBeGreaterThan(2.4);
      const alone = widthOf(await bootstrapIntervals(once, 0.5), metric);
      expect(widthOf(bySubject, metric)).toBeCloseTo(alone, 9);
    }
  });

  it('are null where a metric is, and where there are fewer than ten units', async () => {
    const ofOneClass = await bootstrapIntervals({ ...generate(50), labels_N: new Float32Array(50) }, 0.5);
    expect(ofOneClass.metrics.find(({ metric }) => metric === 'rocAuc')).toEqual({
      ...{ metric: 'rocAuc', estimate: null, low: null, high: null },
    });
    expect(intervalOf(ofOneClass, 'brier').low).toBeGreaterThan(0);
    const subjects_N = Int32Array.from({ length: 50 }, (_, n) => n % 9);
    const ofFew = await bootstrapIntervals({ ...generate(50), subjects_N }, 0.5);
    expect(ofFew).toMatchObject({ replicates: 0, units: 9 });
    expect(ofFew.metrics.find(({ metric }) => metric === 'brier')).toMatchObject({ low: null, high: null });
  });
});
