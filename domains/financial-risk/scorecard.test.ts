import fc from 'fast-check';
import { probabilityOf, scoreOf } from './scorecard';

const scale = { base: 600, odds: 30, pointsToDouble: 20 };
const probabilities = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
const scales = fc.record({
  base: fc.double({ min: -1000, max: 1000, noNaN: true }),
  odds: fc.double({ min: 0.1, max: 1000, noNaN: true }),
  pointsToDouble: fc.double({ min: 1, max: 100, noNaN: true }),
});

describe('the score', () => {
  it('is the base at the base odds', () => {
    expect(scoreOf(1 / 31, scale)).toBeCloseTo(600, 10);
    expect(scoreOf(0.5, scale)).toBeCloseTo(600 - 20 * Math.log2(30), 10);
  });

  it('falls as the probability of default rises', () => {
    fc.assert(
      fc.property(probabilities, probabilities, scales, (a, b, any) => {
        fc.pre(Math.abs(a - b) > 1e-9);
        expect(scoreOf(Math.min(a, b), any)).toBeGreaterThan(scoreOf(Math.max(a, b), any));
      }),
    );
  });

  it('doubles the odds with every so many points', () => {
    fc.assert(
      fc.property(probabilities, scales, (p, any) => {
        const better = probabilityOf(scoreOf(p, any) + any.pointsToDouble, any);
        const odds = (q: number) => (1 - q) / q;
        expect(odds(better) / odds(p)).toBeCloseTo(2, 5);
      }),
    );
  });

  it('is finite for what is certain', () => {
    expect(scoreOf(0, scale)).toBeLessThan(1200);
    expect(scoreOf(1, scale)).toBeGreaterThan(0);
  });
});
