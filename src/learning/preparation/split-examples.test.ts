import fc from 'fast-check';
import { type Split, splitExamples } from './split-examples';

interface Row {
  readonly value: number;
  readonly code: number;
  readonly label: number;
  readonly at?: number;
}

type Examples = Parameters<typeof splitExamples>[0];

function examplesOf(rows: readonly Row[], isTimed: boolean): Examples {
  const columnsOf = (some: readonly Row[]) => ({
    count: some.length,
    labels: Float32Array.from(some, ({ label }) => label),
    at: isTimed ? Float64Array.from(some, ({ at = 0 }) => at) : null,
    numeric: [Float32Array.from(some, ({ value }) => value)],
    categorical: [{ codes: Int32Array.from(some, ({ code }) => code), dictionary: ['', 'a', 'b', 'c'] }],
  });
  return {
    ...columnsOf(rows),
    select: (numbers) => Promise.resolve(columnsOf(Array.from(numbers, (row) => rows[row]!))),
  };
}

/** The split, or `null` where the data does not allow one. */
async function trySplit(examples: Examples, seed: number): Promise<Split | null> {
  try {
    return await splitExamples(examples, seed);
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
  it('puts every example into exactly one part, none of them empty', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.boolean(), fc.integer(), async (rows, isTimed, seed) => {
        const split = await trySplit(examplesOf(rows, isTimed), seed);
        if (!split) return;
        for (const part of partsOf(split)) expect(part.length).toBeGreaterThan(0);
        const all = partsOf(split).flatMap((part) => [...part]);
        expect(all.sort((a, b) => a - b)).toEqual(rows.map((_, i) => i));
      }),
    );
  });

  it('never has an example in the test whose like is in training', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.integer(), async (rows, seed) => {
        const split = await trySplit(examplesOf(rows, false), seed);
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

  it('never has the future in an earlier part, nor one moment in two parts', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, async (rows) => {
        const split = await trySplit(examplesOf(rows, true), 1);
        if (!split) return;
        const times = partsOf(split).map((part) => [...part].map((row) => rows[row]!.at));
        expect(Math.max(...times[0]!)).toBeLessThan(Math.min(...times[1]!));
        expect(Math.max(...times[1]!)).toBeLessThan(Math.min(...times[2]!));
      }),
    );
  });

  it('splits by time whatever has three moments', async () => {
    const rows = [5, 5, 5, 5, 5, 5, 7, 9].map((at, i) => ({ value: i, code: 0, label: i % 2, at }));
    const split = await splitExamples(examplesOf(rows, true), 1);
    expect(partsOf(split).map((part) => part.length)).toEqual([6, 1, 1]);
  });

  it('is near 70 / 15 / 15 in each class', async () => {
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      value: i,
      code: i % 4,
      label: i % 10 === 0 ? 1 : 0,
    }));
    const split = await splitExamples(examplesOf(rows, false), 3);
    const positives = partsOf(split).map((part) => [...part].filter((row) => rows[row]!.label === 1).length);
    expect(partsOf(split).map((part) => part.length)).toEqual([1400, 300, 300]);
    expect(positives).toEqual([140, 30, 30]);
  });
});
