import fc from 'fast-check';
import { Random } from '../../engine/nn/random';
import { type DailySales, forecastDemand } from './demand';
import { lnGamma } from './ln-gamma';

const sales = fc
  .record({
    days: fc.integer({ min: 0, max: 60 }),
    firstWeekday: fc.integer({ min: 0, max: 6 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
    rates: fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 20 }),
  })
  .map(({ days, firstWeekday, seed, rates }): DailySales => ({
    days,
    firstWeekday,
    items: drawn(rates, days, seed),
  }));

function poisson(random: Random, rate: number): number {
  let count = -1;
  for (let left = rate; left >= 0; count++) left += Math.log(1 - random.uniform());
  return count;
}

function drawn(rates: readonly number[], days: number, seed: number): Map<string, number[]> {
  const random = new Random(seed);
  return new Map(
    rates.map((rate, i) => [`i${i}`, Array.from({ length: days }, () => poisson(random, rate))]),
  );
}

describe('the demand forecast', () => {
  it('is at least nothing, lies in its interval or near it, and grows with the horizon', () => {
    fc.assert(
      fc.property(sales, fc.integer({ min: 1, max: 60 }), (history, horizon) => {
        const near = forecastDemand(history, horizon);
        const far = forecastDemand(history, horizon + 7);
        for (const [id, { expected, low, high }] of [...near.items, ['unknown', near.unknown] as const]) {
          expect(expected).toBeGreaterThanOrEqual(0);
          expect(low).toBeLessThanOrEqual(high);
          expect(low).toBeLessThanOrEqual(expected);
          const later = id === 'unknown' ? far.unknown : far.items.get(id);
          expect(later!.expected).toBeGreaterThanOrEqual(expected);
        }
      }),
    );
  });

  it('covers what comes as often as it says, where sales go on as they were', () => {
    const random = new Random(3);
    const rates = Array.from({ length: 400 }, () => Math.exp(random.normal() - 1.5));
    const all = drawn(rates, 104, 7);
    const known = {
      days: 90,
      firstWeekday: 2,
      items: new Map([...all].map(([id, y]) => [id, y.slice(0, 90)])),
    };
    const { items } = forecastDemand(known, 14);
    let covered = 0;
    let error = 0;
    let naive = 0;
    for (const [id, y] of all) {
      const come = y.slice(90).reduce((sum, count) => sum + count, 0);
      const { expected, low, high } = items.get(id)!;
      if (come >= low && come <= high) covered++;
      error += Math.abs(come - expected);
      naive += Math.abs(come - 2 * y.slice(83, 90).reduce((sum, count) => sum + count, 0));
    }
    expect(covered / all.size).toBeGreaterThan(0.88);
    expect(covered / all.size).toBeLessThan(0.985);
    expect(error).toBeLessThan(0.9 * naive);
  });

  it('knows the days of the week', () => {
    const weekly = Array.from({ length: 70 }, (_, day) => (day % 7 === 6 ? 20 : 2));
    const items = new Map([['a', weekly]]);
    const sunday = forecastDemand({ items, days: 69, firstWeekday: 0 }, 1).total.expected;
    const monday = forecastDemand({ items, days: 70, firstWeekday: 0 }, 1).total.expected;
    expect(sunday).toBeGreaterThan(4 * monday);
  });

  it('expects nothing of a shop without sales', () => {
    const { items, total } = forecastDemand({ items: new Map(), days: 0, firstWeekday: 0 }, 14);
    expect(items.size).toBe(0);
    expect(total).toEqual({ expected: 0, low: 0, high: 0 });
  });
});

test('ln Γ is that of factorials and of a half', () => {
  let factorial = 1;
  for (let n = 1; n <= 20; n++) {
    expect(lnGamma(n)).toBeCloseTo(Math.log(factorial), 10);
    factorial *= n;
  }
  expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
});
