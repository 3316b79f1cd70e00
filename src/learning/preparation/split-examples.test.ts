import fc from 'fast-check';
import { type ExampleColumns } from './example-columns';
import { type Split, splitExamples } from './split-examples';

interface Row {
  readonly value: number;
  readonly code: number;
  readonly label: number;
  readonly at?: number;
}

function columnsOf(rows: readonly Row[], isTimed: boolean): ExampleColumns {
  return {
    count: rows.length,
    ids: rows.map((_, i) => String(i)),
    labels: Float32Array.from(rows, ({ label }) => label),
    at: isTimed ? Float64Array.from(rows, ({ at = 0 }) => at) : null,
    numeric: [Float32Array.from(rows, ({ value }) => value)],
    categorical: [{ codes: Int32Array.from(rows, ({ code }) => code), dictionary: ['', 'a', 'b', 'c'] }],
  };
}

/** The split, or `null` where the data does not allow one. */
function trySplit(columns: ExampleColumns, seed: number): Split | null {
  try {
    return splitExamples(columns, seed);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_DATA' });
    return null;
  }
}

const anyRow = fc.record({
  value: fc.constantFrom(NaN, 0, -0, 1, 2, 3, 4, 5),
  code: fc.integer({ min: 0, max: 3 }),
  label: fc.integer({ min: 0, max: 1 }),
  at: fc.integer({ min: 0, max: 12 }),
});
const anyRows = fc.array(anyRow, { minLength: 3, maxLength: 200 });
const partsOf = (split: Split) => [split.train, split.validation, split.test];

describe('splitExamples', () => {
  it('puts every example into exactly one part, none of them empty', () => {
    fc.assert(
      fc.property(anyRows, fc.boolean(), fc.integer(), (rows, isTimed, seed) => {
        const split = trySplit(columnsOf(rows, isTimed), seed);
        if (!split) return;
        for (const part of partsOf(split)) expect(part.length).toBeGreaterThan(0);
        const all = partsOf(split).flatMap((part) => [...part]);
        expect(all.sort((a, b) => a - b)).toEqual(rows.map((_, i) => i));
      }),
    );
  });

  it('never has an example in the test whose like is in training', () => {
    fc.assert(
      fc.property(anyRows, fc.integer(), (rows, seed) => {
        const split = trySplit(columnsOf(rows, false), seed);
        if (!split) return;
        const key = (row: number) => {
          const { value, code, label } = rows[row]!;
          return `${value + 0} ${code} ${label}`;
        };
        const trained = new Set([...split.train].map(key));
        for (const part of [split.validation, split.test])
          expect([...part].filter((row) => trained.has(key(row)))).toEqual([]);
      }),
    );
  });

  it('never has the future in an earlier part, nor one moment in two parts', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const split = trySplit(columnsOf(rows, true), 1);
        if (!split) return;
        const times = partsOf(split).map((part) => [...part].map((row) => rows[row]!.at));
        expect(Math.max(...times[0]!)).toBeLessThan(Math.min(...times[1]!));
        expect(Math.max(...times[1]!)).toBeLessThan(Math.min(...times[2]!));
      }),
    );
  });

  it('splits by time whatever has three moments', () => {
    const rows = [5, 5, 5, 5, 5, 5, 7, 9].map((at, i) => ({ value: i, code: 0, label: i % 2, at }));
    const split = splitExamples(columnsOf(rows, true), 1);
    expect(partsOf(split).map((part) => part.length)).toEqual([6, 1, 1]);
  });

  it('is near 70 / 15 / 15 in each class', () => {
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      value: i,
      code: i % 4,
      label: i % 10 === 0 ? 1 : 0,
    }));
    const split = splitExamples(columnsOf(rows, false), 3);
    const positives = partsOf(split).map((part) => [...part].filter((row) => rows[row]!.label === 1).length);
    expect(partsOf(split).map((part) => part.length)).toEqual([1400, 300, 300]);
    expect(positives).toEqual([140, 30, 30]);
  });
});
