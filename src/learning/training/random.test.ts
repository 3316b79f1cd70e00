import { ascending, epochRandom, seededRandom, shuffle } from './random';

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

describe('shuffle', () => {
  const shuffled = (seed: number, epoch: number, stream: 'order' | 'batches' = 'order') =>
    shuffle(ascending(1000), epochRandom(seed, epoch, stream));

  it('is a permutation that depends on seed, epoch and stream', () => {
    const order = shuffled(3, 1);
    expect(order.slice().sort()).toEqual(ascending(1000));
    expect(shuffled(3, 1)).toEqual(order);
    for (const other of [shuffled(3, 2), shuffled(1, 3), shuffled(3, 1, 'batches')])
      expect(other).not.toEqual(order);
  });

  it('orders nothing and one thing', () => {
    expect(shuffle(ascending(0), seededRandom(1))).toHaveLength(0);
    expect(Array.from(shuffle(ascending(1), seededRandom(1)))).toEqual([0]);
  });
});
