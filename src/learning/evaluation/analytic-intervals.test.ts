import fc from 'fast-check';
import { meanInterval, rocAucInterval, shareInterval } from './analytic-intervals';

describe('analytic intervals', () => {
  it('are those of the published formulas', () => {
    // Wilson for 5 of 10, and z² / (n + z²) for 0 of 10.
    expect(shareInterval(5, 10).low).toBeCloseTo(0.23659, 5);
    expect(shareInterval(5, 10).high).toBeCloseTo(0.76341, 5);
    expect(shareInterval(0, 10).low).toBe(0);
    expect(shareInterval(0, 10).high).toBeCloseTo(0.27753, 5);
    // Q1 = 2/3, Q2 = 0.71111, var = 0.0019804.
    expect(rocAucInterval(0.8, 50, 50).low).toBeCloseTo(0.8 - 0.087223, 5);
    expect(rocAucInterval(0.8, 50, 50).high).toBeCloseTo(0.8 + 0.087223, 5);
    const { low, high } = meanInterval(Float64Array.of(1, 2, 3, 4));
    expect((high - low) / 2).toBeCloseTo((1.959964 * Math.sqrt(5 / 3)) / 2, 5);
  });

  it('hold their value, stay inside 0..1, and narrow with more of the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.nat(500),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, k, auc) => {
          const successes = Math.min(n, k);
          const one = shareInterval(successes, n);
          const more = shareInterval(successes * 4, n * 4);
          const share = successes / n;
          expect(one.low).toBeLessThanOrEqual(share + 1e-12);
          expect(one.high).toBeGreaterThanOrEqual(share - 1e-12);
          expect(more.high - more.low).toBeLessThan(one.high - one.low);
          const area = rocAucInterval(auc, n, n + 1);
          expect(area.low).toBeGreaterThanOrEqual(0);
          expect(area.high).toBeLessThanOrEqual(1);
          expect(area.low).toBeLessThanOrEqual(auc);
          expect(area.high).toBeGreaterThanOrEqual(auc);
        },
      ),
    );
  });
});
