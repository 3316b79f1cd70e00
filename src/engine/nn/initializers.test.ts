import { gateBiases, kaimingUniform, normal, orthogonal, sideBySide, xavierUniform } from './initializers';
import { Random } from './random';

const variance = (values: Float32Array): number => values.reduce((sum, x) => sum + x * x, 0) / values.length;

test('variances are those of the papers', () => {
  const shape = [300, 100];
  expect(variance(xavierUniform(shape, new Random(1)))).toBeCloseTo(2 / 400, 3);
  expect(variance(kaimingUniform(shape, new Random(1)))).toBeCloseTo(2 / 300, 3);
  expect(variance(normal(0.5)(shape, new Random(1)))).toBeCloseTo(0.25, 2);
});

test.each([
  [8, 8],
  [12, 5],
  [5, 12],
])('orthogonal %i × %i has orthonormal rows or columns', (rows, columns) => {
  const matrix = orthogonal([rows, columns], new Random(1));
  const tall = rows >= columns;
  const entry = (vector: number, at: number): number =>
    tall ? matrix[at * columns + vector]! : matrix[vector * columns + at]!;
  const [count, length] = tall ? [columns, rows] : [rows, columns];
  for (let a = 0; a < count; a += 1)
    for (let b = 0; b < count; b += 1) {
      let dot = 0;
      for (let at = 0; at < length; at += 1) dot += entry(a, at) * entry(b, at);
      expect(dot).toBeCloseTo(a === b ? 1 : 0, 5);
    }
});

test('blocks side by side are drawn each on its own', () => {
  const matrix = sideBySide(2, orthogonal)([3, 6], new Random(1));
  const column = (index: number): number[] => [0, 1, 2].map((row) => matrix[row * 6 + index]!);
  const dot = (a: number[], b: number[]): number => a.reduce((sum, x, index) => sum + x * b[index]!, 0);
  expect(dot(column(3), column(4))).toBeCloseTo(0, 5);
  expect(dot(column(3), column(3))).toBeCloseTo(1, 5);
});

test('biases of gates are constant within a gate', () => {
  expect(Array.from(gateBiases([0, 1])([4], new Random(1)))).toEqual([0, 0, 1, 1]);
});
