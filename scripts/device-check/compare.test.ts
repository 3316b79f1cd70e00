import { tensorOf, type Tensor } from '../../src/engine/onnx';
import { compare, relativeError } from './compare';

const floats = (...values: number[]): Tensor => tensorOf('float32', [values.length], values);

test.each<[string, Tensor, Tensor, number]>([
  ['equal numbers', floats(1, -2), floats(1, -2), 0],
  ['the largest number is the measure', floats(1, 10), floats(1.5, 10), 0.05],
  ['what is about zero is measured as 0.001', floats(2e-6), floats(0), 2e-3],
  ['NaN for NaN, infinity for infinity', floats(NaN, Infinity, 2), floats(NaN, Infinity, 2), 0],
  ['NaN for a number', floats(NaN, 2), floats(1, 2), Infinity],
  ['a number for NaN', floats(1, 2), floats(NaN, 2), Infinity],
  ['a number for infinity', floats(1, 2), floats(Infinity, 2), Infinity],
  ['another shape', floats(1), floats(1, 2), Infinity],
  ['another type', tensorOf('int64', [1], [1]), floats(1), Infinity],
  [
    'another text',
    { dtype: 'string', shape: [1], data: ['a'] },
    { dtype: 'string', shape: [1], data: ['b'] },
    Infinity,
  ],
])('%s', (_name, actual, expected, error) => {
  const found = relativeError(actual, expected);
  if (Number.isFinite(error)) expect(found).toBeCloseTo(error, 6);
  else expect(found).toBe(error);
});

test('of several results, the one nearest to its tolerance, or furthest beyond it, is named', () => {
  const expected = {
    loose: { tensor: floats(1), tolerance: 0.1 },
    strict: { tensor: floats(1), tolerance: 1e-3 },
    exact: { tensor: floats(1), tolerance: 0 },
  };
  const actual = {
    loose: { tensor: floats(1.05), tolerance: 0.1 },
    strict: { tensor: floats(1.002), tolerance: 1e-3 },
    exact: { tensor: floats(1), tolerance: 0 },
  };
  expect(compare(actual, expected)).toMatchObject({ output: 'strict', tolerance: 1e-3 });
  const differing = { ...actual, exact: { tensor: floats(1.00001), tolerance: 0 } };
  expect(compare(differing, expected)).toMatchObject({ output: 'exact', tolerance: 0 });
  expect(() => compare({}, expected)).toThrow('there is no loose');
  expect(() => compare({}, {})).toThrow('nothing was computed');
});
