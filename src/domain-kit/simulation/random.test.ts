import { Random } from './random';

const COUNT = 20_000;
const sample = (draw: (random: Random) => number): number[] => {
  const random = new Random(7, 3);
  return Array.from({ length: COUNT }, () => draw(random));
};
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number => {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
};

describe('Random', () => {
  it('repeats itself for the same seed and stream, and for no other', () => {
    const first = (seed: number, stream: number) => {
      const random = new Random(seed, stream);
      return Array.from({ length: 5 }, () => random.uniform());
    };
    expect(first(1, 2)).toEqual(first(1, 2));
    expect(first(1, 2)).not.toEqual(first(1, 3));
    expect(first(1, 2)).not.toEqual(first(2, 2));
  });

  it('fills the unit interval evenly', () => {
    const values = sample((random) => random.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const tenths = new Array<number>(10).fill(0);
    for (const value of values) tenths[Math.floor(value * 10)]! += 1;
    // Chi-square with nine degrees of freedom: 27.9 is passed by chance once in a thousand.
    const expected = COUNT / 10;
    expect(tenths.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(27.9);
  });

  it('keeps neighbouring streams unrelated', () => {
    const first = Array.from({ length: COUNT }, (_, stream) => new Random(1, stream).uniform() - 0.5);
    const product = mean(first.slice(1).map((value, index) => value * (first[index] ?? 0)));
    expect(Math.abs(product * 12)).toBeLessThan(4 / Math.sqrt(COUNT));
  });

  it('draws the moments that each distribution has', () => {
    const normal = sample((random) => random.normal());
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(deviation(normal)).toBeCloseTo(1, 1);
    expect(mean(sample((random) => random.exponential(3)))).toBeCloseTo(3, 0);
    const logs = sample((random) => Math.log(random.logNormal(5, 0.4)));
    expect(mean(logs)).toBeCloseTo(Math.log(5), 1);
    expect(deviation(logs)).toBeCloseTo(0.4, 1);
  });

  it('picks in proportion to the weights, and never what weighs nothing', () => {
    const indices = sample((random) => random.weighted([1, 0, 3]));
    expect(indices).not.toContain(1);
    expect(mean(indices.map((index) => (index === 2 ? 1 : 0)))).toBeCloseTo(0.75, 1);
  });
});
