import { Table } from './table';

/** Five rows of three numbers: 0, 1, 2 … */
const numbers = (): Float32Array => Float32Array.from({ length: 15 }, (_, index) => index);
const parts = (): Float32Array[] => [Float32Array.of(-1, -2, -3, -4), Float32Array.of(-5, -6)];
const ROWS = Int32Array.of(4, 1);

describe('a table', () => {
  test('has rows replaced, given part by part, and is spent then', () => {
    const before = new Table(numbers(), 3);
    const { table } = before.replace(ROWS, parts());
    expect([...table.read()]).toEqual([0, 1, 2, -3, -4, -6, 6, 7, 8, 9, 10, 11, -1, -2, -5]);
    expect([...table.gather(Int32Array.of(1, 0))]).toEqual([-3, -4, -6, 0, 1, 2]);
    expect(() => before.read()).toThrow('go on from the one that came of it');
    expect(() => before.replace(ROWS, parts())).toThrow(RangeError);
  });

  test('is good again, to the bit, when what replaced its rows is undone', () => {
    const before = new Table(numbers(), 3);
    const first = before.replace(ROWS, parts());
    const second = first.table.replace(Int32Array.of(1, 2), [
      Float32Array.of(9, 9, 9, 9),
      Float32Array.of(9, 9),
    ]);
    second.undo();
    first.undo();
    expect(before.read()).toEqual(numbers());
    expect(() => first.table.read()).toThrow(RangeError);
    expect(() => second.table.read()).toThrow(RangeError);
  });

  test('replaces more rows than fit one block', () => {
    const count = 1000;
    const rows = Int32Array.from({ length: 300 }, (_, at) => (at * 7) % count);
    const values = Float32Array.from({ length: 600 }, (_, at) => -at);
    const { table } = new Table(new Float32Array(count * 2), 2).replace(rows, [values.slice()]);
    expect(table.gather(rows)).toEqual(values);
    expect(table.read().filter((number) => number !== 0)).toHaveLength(599);
  });
});
