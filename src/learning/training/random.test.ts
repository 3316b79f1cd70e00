import { epochOrder, seededRandom } from './random';

describe('seededRandom', () => {
  it('is uniform enough and repeatable', () => {
    const random = seededRandom(7);
    const draws = Array.from({ length: 10_000 }, random);
    expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length).toBeCloseTo(0.5, 1);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    const again = seededRandom(7);
    expect(Array.from({ length: 10 }, again)).toEqual(draws.slice(0, 10));
  });
});

describe('epochOrder', () => {
  it('is a permutation that depends on seed and epoch', () => {
    const order = epochOrder(1000, 3, 1);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(epochOrder(1000, 3, 1)).toEqual(order);
    expect(epochOrder(1000, 3, 2)).not.toEqual(order);
    expect(epochOrder(1000, 1, 3)).not.toEqual(order);
  });

  it('orders nothing and one thing', () => {
    expect(epochOrder(0, 1, 1)).toHaveLength(0);
    expect(Array.from(epochOrder(1, 1, 1))).toEqual([0]);
  });
});
