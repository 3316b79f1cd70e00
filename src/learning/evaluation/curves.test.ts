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
    expect(single).toMatchObject({ roc: [], precisionRecall: [] });
    expect(single.calibration.length).toBeGreaterThan(0);
  });
});
