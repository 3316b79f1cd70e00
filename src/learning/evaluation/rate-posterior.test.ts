import { meanOf } from '../decisions/thompson';
import { ratePosterior } from './rate-posterior';

const examples = (
  labels: readonly number[],
  probability: number,
  subjects: readonly number[] | null = null,
) => ({
  labels_N: Float32Array.from(labels),
  probabilities_N: new Float32Array(labels.length).fill(probability),
  subjects_N: subjects && Int32Array.from(subjects),
});
const labels = (count: number, positives: number) =>
  Array.from({ length: count }, (_, n) => (n < positives ? 1 : 0));

describe('ratePosterior', () => {
  it('lies between what the model says and what was seen, nearer to that the more was seen', () => {
    expect(meanOf(ratePosterior(examples(labels(100, 20), 0.1), 100))).toBeCloseTo(0.15, 6);
    expect(meanOf(ratePosterior(examples(labels(10_000, 2_000), 0.1), 100))).toBeCloseTo(0.199, 3);
  });

  it('counts alike examples of a subject as fewer', () => {
    const shared = ratePosterior(
      examples(
        labels(1000, 200),
        0.2,
        Array.from({ length: 1000 }, (_, n) => Math.floor(n / 100)),
      ),
      0,
    );
    expect(shared.alpha + shared.beta).toBeLessThan(30);
    const own = ratePosterior(examples(labels(1000, 200), 0.2), 0);
    expect(own.alpha + own.beta).toBeCloseTo(1000, 6);
  });

  it('of nobody who clicked is what the subjects and the model leave', () => {
    const { alpha, beta } = ratePosterior(examples(labels(40, 0), 0.1, labels(40, 20)), 100);
    expect(alpha).toBeCloseTo(10, 4);
    expect(beta).toBeCloseTo(92, 4);
  });
});
