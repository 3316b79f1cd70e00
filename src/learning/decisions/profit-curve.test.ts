import fc from 'fast-check';
import { MAX_POINTS, profitAt, profitCurve } from './profit-curve';

const examples = fc
  .array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 40 })), { maxLength: 120 })
  .map((rows) => ({
    labels_N: Float32Array.from(rows, ([label]) => Number(label)),
    probabilities_N: Float32Array.from(rows, ([, p]) => p / 40),
  }));
const payoff = fc.record({
  cost: fc.double({ min: 0, max: 5, noNaN: true }),
  benefit: fc.double({ min: 0, max: 50, noNaN: true }),
});

describe('the profit curve', () => {
  it('has the best of all thresholds, and says what each brings', () => {
    fc.assert(
      fc.property(examples, payoff, ({ labels_N, probabilities_N }, money) => {
        const { points, best, everybody } = profitCurve(labels_N, probabilities_N, money);
        const brute = [1.1, ...probabilities_N].map(
          (threshold) => profitAt(labels_N, probabilities_N, money, threshold).profit,
        );
        expect(best.profit).toBeCloseTo(Math.max(...brute), 6);
        for (const point of points.slice(1))
          if (point.threshold > 0)
            expect(profitAt(labels_N, probabilities_N, money, point.threshold)).toEqual(point);
        expect(points).toContainEqual(best);
        expect(points[0]?.approached).toBe(0);
        expect(points.at(-1)).toEqual(everybody);
        expect(everybody.approached).toBe(labels_N.length);
      }),
    );
  });

  it('has no more points than are drawn, both ends and the best among them', () => {
    const count = 5000;
    const labels_N = Float32Array.from({ length: count }, (_, n) => Number(n % 3 === 0));
    const probabilities_N = Float32Array.from({ length: count }, (_, n) => (n + 1) / (count + 1));
    const { points, best } = profitCurve(labels_N, probabilities_N, { cost: 1, benefit: 3.5 });
    expect(points.length).toBeLessThanOrEqual(MAX_POINTS + 1);
    expect(points).toContainEqual(best);
    expect(points.at(-1)?.approached).toBe(count);
  });

  it('approaches nobody where a yes is worth less than an approach', () => {
    const labels_N = Float32Array.of(1, 1, 0);
    const { best } = profitCurve(labels_N, Float32Array.of(0.9, 0.8, 0.1), { cost: 2, benefit: 1 });
    expect(best).toEqual({ threshold: 1, approached: 0, positives: 0, profit: 0 });
  });
});
