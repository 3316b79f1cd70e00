import fc from 'fast-check';
import { countInterval, distribution } from './poisson-binomial';

const probability = fc.double({ min: 0, max: 1, noNaN: true });

describe('how many of independent events happen', () => {
  it('is what counting all outcomes gives', () => {
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 8 }), (events) => {
        const mass = new Array<number>(events.length + 1).fill(0);
        for (let outcome = 0; outcome < 2 ** events.length; outcome++) {
          let chance = 1;
          let count = 0;
          events.forEach((p, i) => {
            const happens = ((outcome >> i) & 1) === 1;
            chance *= happens ? p : 1 - p;
            if (happens) count++;
          });
          mass[count]! += chance;
        }
        distribution(events).forEach((each, k) => expect(each).toBeCloseTo(mass[k]!, 12));
      }),
    );
  });

  it('lies in the interval with at least 95 %, and would not in a smaller one at either end', () => {
    fc.assert(
      fc.property(fc.array(probability, { minLength: 1, maxLength: 60 }), (events) => {
        const { low, high, expected } = countInterval(events);
        const mass = [...distribution(events)];
        const sum = (from: number, to: number) => mass.slice(from, to).reduce((total, p) => total + p, 0);
        expect(sum(low, high + 1)).toBeGreaterThanOrEqual(0.95 - 1e-9);
        expect(sum(0, low)).toBeLessThanOrEqual(0.025 + 1e-9);
        if (low < high) expect(sum(0, low + 1)).toBeGreaterThan(0.025 - 1e-9);
        expect(expected).toBeGreaterThanOrEqual(low - 1);
        expect(expected).toBeLessThanOrEqual(high + 1);
      }),
    );
  });

  it('is nearly the same by the normal distribution where there are many', () => {
    const events = Array.from({ length: 2000 }, (_, i) => 0.05 + 0.3 * ((i % 7) / 7));
    const exact = countInterval(events);
    const normal = countInterval([...events, 0]);
    expect([exact.method, normal.method]).toEqual(['EXACT', 'NORMAL']);
    expect(Math.abs(exact.low - normal.low)).toBeLessThanOrEqual(1);
    expect(Math.abs(exact.high - normal.high)).toBeLessThanOrEqual(1);
  });

  it('of nothing is nothing', () => {
    expect(countInterval([])).toEqual({ expected: 0, low: 0, high: 0, method: 'EXACT' });
  });
});
