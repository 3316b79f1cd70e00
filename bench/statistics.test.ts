import { median, significant } from './statistics';

test.each([
  [[3], 3],
  [[5, 1, 3], 3],
  [[4, 1, 2, 30], 3],
  [[10, 9, 100], 10],
])('the median of %j is %d', (values, expected) => {
  const before = [...values];
  expect(median(values)).toBe(expected);
  expect(values).toEqual(before);
});

test('there is no median of nothing', () => {
  expect(median([])).toBeNaN();
});

test.each([
  [12345.678, 12350],
  [0.00123456, 0.001235],
  [0, 0],
])('%d to four significant digits is %d', (value, expected) => {
  expect(significant(value)).toBe(expected);
});
