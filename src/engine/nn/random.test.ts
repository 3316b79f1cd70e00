import { Random } from './random';

test('the same key gives the same stream, another key another', () => {
  const draw = (...key: number[]): number[] => {
    const random = new Random(...key);
    return Array.from({ length: 4 }, () => random.uint32());
  };
  expect(draw(1, 2)).toEqual(draw(1, 2));
  const streams = [[1, 2], [2, 1], [1], [1, 3], [2 ** 40, 2], [0, 2]].map((key) => draw(...key).join());
  expect(new Set(streams).size).toBe(streams.length);
});

test('uniform numbers are uniform, normal numbers normal', () => {
  const random = new Random(42);
  const n = 200_000;
  const buckets = new Array<number>(20).fill(0);
  let [sum, squares, cubes] = [0, 0, 0];
  for (let index = 0; index < n; index += 1) {
    buckets[Math.floor(random.uniform() * 20)]! += 1;
    const z = random.normal();
    sum += z;
    squares += z * z;
    cubes += z ** 3;
  }
  // Five standard deviations of the count, the mean, the variance and the third moment.
  for (const count of buckets) expect(Math.abs(count - n / 20)).toBeLessThan(5 * Math.sqrt(n / 20));
  expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(squares / n - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(Math.abs(cubes / n)).toBeLessThan(5 * Math.sqrt(15 / n));
});
