import { evaluate } from './evaluate';
import { evaluationCurves, MAX_CURVE_POINTS } from './curves';

function noisyExamples(count: number) {
  const probabilities = new Float32Array(count);
  const labels = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    probabilities[i] = ((i * 7919) % count) / count;
    labels[i] = ((i * 104_729) % 1000) / 1000 < probabilities[i]! ** 2 ? 1 : 0;
  }
  return { labels, probabilities };
}

describe('evaluationCurves', () => {
  const { labels, probabilities } = noisyExamples(5000);
  const curves = evaluationCurves(labels, probabilities);

  it('thins to a bounded number of points and keeps both ends', () => {
    expect(curves.roc.length).toBeLessThanOrEqual(MAX_CURVE_POINTS);
    expect(curves.precisionRecall.length).toBeLessThanOrEqual(MAX_CURVE_POINTS);
    expect(curves.roc[0]).toEqual({ falsePositiveRate: 0, truePositiveRate: 0, threshold: 1 });
    expect(curves.roc.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
    expect(curves.precisionRecall.at(-1)?.recall).toBe(1);
  });

  it('keeps the area under the ROC curve', () => {
    let area = 0;
    curves.roc.slice(1).forEach((point, i) => {
      const before = curves.roc[i]!;
      area +=
        ((point.truePositiveRate + before.truePositiveRate) / 2) *
        (point.falsePositiveRate - before.falsePositiveRate);
    });
    expect(area).toBeCloseTo(evaluate(labels, probabilities, 0.5).rocAuc!, 3);
  });

  it('shares all examples out to the calibration bins', () => {
    expect(curves.calibration).toHaveLength(15);
    expect(curves.calibration.reduce((sum, bin) => sum + bin.count, 0)).toBeCloseTo(5000, 6);
  });

  it('has no ROC and no precision-recall curve for one class', () => {
    const single = evaluationCurves(new Float32Array(4), Float32Array.of(0.1, 0.2, 0.3, 0.4));
    expect(single).toMatchObject({ roc: [], precisionRecall: [], gain: [], ks: [] });
    expect(single.calibration.length).toBeGreaterThan(0);
    expect(single.deciles[0]).toMatchObject({ positives: 0, lift: null, cumulativeGain: null });
    expect(single.thresholds.at(-1)).toMatchObject({ confusion: { fp: 4, tn: 0 }, recall: null });
  });

  it('keeps the point of the Kolmogorov–Smirnov statistic', () => {
    expect(curves.ks.length).toBeLessThanOrEqual(MAX_CURVE_POINTS);
    const farthest = Math.max(...curves.ks.map(({ distance }) => distance));
    expect(farthest).toBeCloseTo(evaluate(labels, probabilities, 0.5).ks!, 12);
    for (const { positivesBelow, negativesBelow, distance } of curves.ks)
      expect(distance).toBeCloseTo(Math.abs(negativesBelow - positivesBelow), 12);
  });

  it('says at each threshold what `evaluate` says there', () => {
    expect(curves.thresholds.length).toBeLessThanOrEqual(MAX_CURVE_POINTS);
    for (const point of [3, 50, 120].map((index) => curves.thresholds[index]!))
      expect(evaluate(labels, probabilities, point.threshold)).toMatchObject(point);
  });

  it('gives lift and gain by decile: the first of ten holds what lies highest', () => {
    // 20 examples, two a decile: five positives at ranks 1, 2, 3, 6 and 20.
    const ranks = Array.from({ length: 20 }, (_, index) => index + 1);
    const known = evaluationCurves(
      Float32Array.from(ranks, (rank) => ([1, 2, 3, 6, 20].includes(rank) ? 1 : 0)),
      Float32Array.from(ranks, (rank) => 1 - rank / 32),
    );
    expect(known.deciles).toHaveLength(10);
    const rounded = known.deciles.map(({ count, positives, lift, cumulativeGain, cumulativeLift }) =>
      [count, positives, lift!, cumulativeGain!, cumulativeLift!].map((value) => Number(value.toFixed(9))),
    );
    expect(rounded[0]).toEqual([2, 2, 4, 0.4, 4]);
    expect(rounded[1]).toEqual([2, 1, 2, 0.6, 3]);
    expect(rounded[2]).toEqual([2, 1, 2, 0.8, 2.666666667]);
    expect(rounded[3]).toEqual([2, 0, 0, 0.8, 2]);
    expect(rounded[9]).toEqual([2, 1, 2, 1, 1]);
    expect(known.gain[0]).toEqual({ share: 0, gain: 0, lift: null, threshold: 1 });
    expect(known.gain[2]).toMatchObject({ share: 0.1, gain: 0.4, lift: 4 });
    expect(known.gain.at(-1)).toMatchObject({ share: 1, gain: 1, lift: 1 });
  });
});
