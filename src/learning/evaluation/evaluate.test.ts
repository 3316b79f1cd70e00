import fc from 'fast-check';
import { evaluate } from './evaluate';
import { recommendThreshold } from './recommended-threshold';

/** Few distinct probabilities, so that ties are common; both classes may be absent. */
const examples = fc
  .array(fc.record({ label: fc.constantFrom(0, 1), score: fc.integer({ min: 0, max: 8 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((rows) => ({
    labels: Float32Array.from(rows, (row) => row.label),
    probabilities: Float32Array.from(rows, (row) => row.score / 8),
  }));

function pairwiseAuc(labels: Float32Array, scores: Float32Array): number | null {
  let pairs = 0;
  let wins = 0;
  labels.forEach((label, i) => {
    labels.forEach((other, j) => {
      if (label !== 1 || other !== 0) return;
      pairs++;
      if (scores[i]! > scores[j]!) wins += 1;
      else if (scores[i] === scores[j]) wins += 0.5;
    });
  });
  return pairs === 0 ? null : wins / pairs;
}

const bothClasses = (labels: Float32Array) => labels.includes(0) && labels.includes(1);
const at = (labels: Float32Array, scores: Float32Array, threshold: number) => ({
  tp: labels.filter((label, i) => label === 1 && scores[i]! >= threshold).length,
  fp: labels.filter((label, i) => label === 0 && scores[i]! >= threshold).length,
});

describe('evaluate', () => {
  it('gives the ROC AUC of every pair compared, ties half', () => {
    fc.assert(
      fc.property(examples, ({ labels, probabilities }) => {
        const expected = pairwiseAuc(labels, probabilities);
        const { rocAuc, gini } = evaluate(labels, probabilities, 0.5);
        if (expected === null) expect([rocAuc, gini]).toEqual([null, null]);
        else {
          expect(rocAuc).toBeCloseTo(expected, 12);
          expect(gini).toBeCloseTo(2 * expected - 1, 12);
        }
      }),
    );
  });

  it('gives average precision and KS as a walk over every distinct threshold does', () => {
    fc.assert(
      fc.property(
        examples.filter(({ labels }) => bothClasses(labels)),
        ({ labels, probabilities }) => {
          const positives = labels.filter((label) => label === 1).length;
          let averagePrecision = 0;
          let ks = 0;
          let recallBefore = 0;
          for (const threshold of [...new Set(probabilities)].sort((a, b) => b - a)) {
            const { tp, fp } = at(labels, probabilities, threshold);
            averagePrecision += (tp / positives - recallBefore) * (tp / (tp + fp));
            recallBefore = tp / positives;
            ks = Math.max(ks, Math.abs(tp / positives - fp / (labels.length - positives)));
          }
          const evaluation = evaluate(labels, probabilities, 0.5);
          expect(evaluation.prAuc).toBeCloseTo(averagePrecision, 12);
          expect(evaluation.ks).toBeCloseTo(ks, 12);
        },
      ),
    );
  });

  it('does not depend on the order of the examples', () => {
    fc.assert(
      fc.property(examples, ({ labels, probabilities }) => {
        const there = evaluate(labels, probabilities, 0.4);
        const back = evaluate(labels.toReversed(), probabilities.toReversed(), 0.4);
        for (const metric of ['rocAuc', 'prAuc', 'ks', 'ece'] as const)
          expect(back[metric] ?? -9).toBeCloseTo(there[metric] ?? -9, 12);
      }),
    );
  });

  it('reads threshold metrics from the confusion matrix', () => {
    const labels = Float32Array.from([1, 1, 1, 0, 0, 0, 0, 0]);
    const probabilities = Float32Array.from([0.9, 0.75, 0.2, 0.75, 0.3, 0.2, 0.1, 0]);
    const evaluation = evaluate(labels, probabilities, 0.75);
    expect(evaluation.confusion).toEqual({ tp: 2, fp: 1, tn: 4, fn: 1 });
    expect(evaluation).toMatchObject({ count: 8, positives: 3, threshold: 0.75, accuracy: 0.75 });
    expect(evaluation.precision).toBeCloseTo(2 / 3, 12);
    expect(evaluation.recall).toBeCloseTo(2 / 3, 12);
    expect(evaluation.f1).toBeCloseTo(2 / 3, 12);
    expect(evaluation.specificity).toBeCloseTo(0.8, 12);
    expect(evaluation.balancedAccuracy).toBeCloseTo((2 / 3 + 0.8) / 2, 12);
    expect(evaluation.mcc).toBeCloseTo((2 * 4 - 1) / 15, 12);
  });

  it('computes Brier, log loss and normalized entropy by their definitions', () => {
    const labels = Float32Array.from([1, 0, 0, 0]);
    const probabilities = Float32Array.from([0.5, 0.25, 0.25, 0.5]);
    const evaluation = evaluate(labels, probabilities, 0.5);
    const loss = (-2 * Math.log(0.5) - 2 * Math.log(0.75)) / 4;
    expect(evaluation.brier).toBeCloseTo((0.25 + 0.0625 + 0.0625 + 0.25) / 4, 12);
    expect(evaluation.logLoss).toBeCloseTo(loss, 12);
    expect(evaluation.normalizedEntropy).toBeCloseTo(
      loss / -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)),
      12,
    );
  });

  it('keeps the log loss finite for a certain mistake', () => {
    expect(evaluate(Float32Array.of(1, 0), Float32Array.of(0, 1), 0.5).logLoss).toBeCloseTo(
      -Math.log(1e-7),
      6,
    );
  });

  it('gives the mean absolute gap of equally filled bins as calibration error', () => {
    const count = 300;
    const probabilities = Float32Array.from({ length: count }, (_, i) => (i + 0.5) / count);
    const labels = Float32Array.from({ length: count }, (_, i) => (i % 3 === 0 || i > 200 ? 1 : 0));
    let expected = 0;
    for (let bin = 0; bin < 15; bin++) {
      const mean = (values: Float32Array) =>
        values.subarray(bin * 20, bin * 20 + 20).reduce((sum, value) => sum + value, 0) / 20;
      expected += Math.abs(mean(probabilities) - mean(labels)) / 15;
    }
    expect(evaluate(labels, probabilities, 0.5).ece).toBeCloseTo(expected, 6);
  });

  it('finds no calibration error in the base rate', () => {
    const labels = Float32Array.from({ length: 101 }, (_, i) => (i < 25 ? 1 : 0));
    expect(evaluate(labels, new Float32Array(101).fill(25 / 101), 0.5).ece).toBeCloseTo(0, 6);
  });

  it('leaves undefined what one class cannot define', () => {
    const evaluation = evaluate(new Float32Array(3), Float32Array.of(0.1, 0.2, 0.3), 0.5);
    expect(evaluation).toMatchObject({
      rocAuc: null,
      prAuc: null,
      ks: null,
      gini: null,
      normalizedEntropy: null,
      precision: null,
      recall: null,
      f1: null,
      mcc: null,
      balancedAccuracy: null,
      accuracy: 1,
      specificity: 1,
    });
    expect(evaluation.logLoss).toBeGreaterThan(0);
  });

  it('answers an empty part with counts of 0 and no metrics', () => {
    const evaluation = evaluate(new Float32Array(0), new Float32Array(0), 0.5);
    expect(evaluation).toMatchObject({ count: 0, positives: 0, accuracy: null, logLoss: null, ece: null });
  });

  it('refuses probabilities outside 0..1, NaN, and labels that are not 0 or 1', () => {
    expect(() => evaluate(Float32Array.of(1), Float32Array.of(1.5), 0.5)).toThrow(RangeError);
    expect(() => evaluate(Float32Array.of(1), Float32Array.of(Number.NaN), 0.5)).toThrow(RangeError);
    expect(() => evaluate(Float32Array.of(0.5), Float32Array.of(0.5), 0.5)).toThrow(RangeError);
    expect(() => evaluate(Float32Array.of(1, 0), Float32Array.of(0.5), 0.5)).toThrow(RangeError);
  });
});

describe('recommendThreshold', () => {
  it('reaches the largest F1 of all thresholds', () => {
    fc.assert(
      fc.property(
        examples.filter(({ labels }) => labels.includes(1)),
        ({ labels, probabilities }) => {
          const threshold = recommendThreshold(labels, probabilities);
          const best = Math.max(
            0,
            ...[...new Set(probabilities)]
              .filter((t) => t > 0)
              .map((t) => evaluate(labels, probabilities, t).f1 ?? 0),
          );
          expect(threshold).toBeGreaterThan(0);
          expect(threshold).toBeLessThan(1);
          if (best > 0) expect(evaluate(labels, probabilities, threshold).f1).toBeCloseTo(best, 12);
        },
      ),
    );
  });

  it('lies between two probabilities, not on one', () => {
    const threshold = recommendThreshold(Float32Array.of(0, 0, 1, 1), Float32Array.of(0.125, 0.25, 0.75, 1));
    expect(threshold).toBe(0.5);
  });

  it('is one half when nothing can be told apart', () => {
    expect(recommendThreshold(Float32Array.of(0, 0), Float32Array.of(0.1, 0.2))).toBe(0.5);
    expect(recommendThreshold(Float32Array.of(1, 0), Float32Array.of(0, 0))).toBe(0.5);
  });
});
