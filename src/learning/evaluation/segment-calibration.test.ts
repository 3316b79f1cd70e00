import { seededRandom } from '../training/random';
import { type Segment, segmentCalibration, withOddsFactor } from './segment-calibration';
import { type ScoredExamples } from './scored-examples';

/** Labels drawn with the odds of what is predicted times a factor. */
function drawn(count: number, factor: number, seed: number): ScoredExamples {
  const random = seededRandom(seed);
  const probabilities_N = new Float32Array(count);
  const labels_N = new Float32Array(count);
  for (let n = 0; n < count; n++) {
    const p = 0.02 + 0.3 * random() ** 2;
    probabilities_N[n] = p;
    labels_N[n] = random() < withOddsFactor(p, factor) ? 1 : 0;
  }
  return { labels_N, probabilities_N, subjects_N: Int32Array.from({ length: count }, (_, n) => n >> 2) };
}
const segment = (value: string, factor: number, seed: number, count = 4000): Segment => ({
  value,
  validation: drawn(count, factor, seed),
  test: drawn(count, factor, seed + 1000),
});

describe('segmentCalibration', () => {
  it('finds what is out, says by how much, and offers a correction that helps', async () => {
    const [low, right, high] = await segmentCalibration([
      segment('low', 2, 1),
      segment('right', 1, 2),
      segment('high', 0.5, 3),
    ]);
    expect(low?.ratio.low).toBeGreaterThan(1.4);
    expect(high?.ratio.high).toBeLessThan(0.7);
    expect(right?.ratio.low).toBeLessThan(1);
    expect(right?.ratio.high).toBeGreaterThan(1);
    expect(low?.observed).toBeGreaterThan(low?.predicted ?? Infinity);
    for (const [found, factor] of [
      [low, 2],
      [high, 0.5],
    ] as const) {
      const correction = found!.correction!;
      expect(correction.isOffered).toBe(true);
      expect(correction.pValue).toBeLessThan(1e-6);
      expect(correction.oddsFactor / factor).toBeGreaterThan(0.85);
      expect(correction.oddsFactor / factor).toBeLessThan(1.15);
      expect(correction.fitted.low!).toBeLessThan(factor);
      expect(correction.fitted.high!).toBeGreaterThan(factor);
      // Drawn to 1, and judged on examples that it was not fitted on.
      expect(Math.abs(Math.log(correction.oddsFactor))).toBeLessThan(
        Math.abs(Math.log(correction.fitted.estimate)),
      );
      expect(correction.logLoss.high).toBeLessThan(0);
      expect(found!.ece.low!).toBeGreaterThan(right!.ece.high!);
    }
    expect(right?.correction?.isOffered).toBe(false);
  });

  it('offers next to nothing where segments differ by chance alone', async () => {
    let offered = 0;
    for (let trial = 0; trial < 12; trial++) {
      const segments = Array.from({ length: 5 }, (_, index) =>
        segment(`${index}`, 1, 10_000 * trial + 7 * index, 400),
      );
      const found = await segmentCalibration(segments);
      offered += found.some(({ correction }) => correction?.isOffered) ? 1 : 0;
    }
    expect(offered).toBeLessThanOrEqual(2);
  });

  it('does not offer what helped before and not after', async () => {
    const [found] = await segmentCalibration([
      { value: 'turned', validation: drawn(4000, 2, 1), test: drawn(4000, 0.7, 2) },
    ]);
    expect(found?.correction?.pValue).toBeLessThan(1e-6);
    expect(found?.correction?.isOffered).toBe(false);
  });

  it('says nothing of a correction where one class is absent, or of intervals of too few subjects', async () => {
    const none = { ...drawn(40, 1, 1), labels_N: new Float32Array(40) };
    const [found] = await segmentCalibration([{ value: 'x', validation: none, test: none }]);
    expect(found).toMatchObject({ observed: 0, ratio: { estimate: 0 }, correction: null });
    const few = drawn(30, 1, 1);
    const subjects_N = new Int32Array(30);
    const one = { ...few, subjects_N };
    const [alone] = await segmentCalibration([{ value: 'x', validation: one, test: one }]);
    expect(alone).toMatchObject({ ratio: { low: null, high: null }, ece: { low: null }, correction: null });
  });
});
