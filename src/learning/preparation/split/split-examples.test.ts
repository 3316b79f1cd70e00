import fc from 'fast-check';
import { durationMs } from '../../features/duration';
import { SPLIT_KINDS, type SplitSpec } from '../../features/split-spec';
import { type SplittableExamples } from './random-keys';
import { type Split, splitExamples } from './split-examples';

interface Row {
  readonly value: number;
  readonly code: number;
  readonly label: number;
  readonly at: number;
  readonly entity: number;
  /** How long after `at` the label looks. */
  readonly window: number;
}

function examplesOf(rows: readonly Row[]): SplittableExamples {
  const columnsOf = (some: readonly Row[]) => ({
    count: some.length,
    labels: Float32Array.from(some, ({ label }) => label),
    at: Float64Array.from(some, ({ at }) => at),
    numeric: [Float32Array.from(some, ({ value }) => value)],
    categorical: [{ codes: Int32Array.from(some, ({ code }) => code), dictionary: ['', 'a', 'b', 'c'] }],
    compound: [],
  });
  return {
    ...columnsOf(rows),
    hasEvents: false,
    entities: Int32Array.from(rows, ({ entity }) => entity),
    labelUntil: Float64Array.from(rows, ({ at, window }) => at + window),
    select: (numbers) => Promise.resolve(columnsOf(Array.from(numbers, (row) => rows[row]!))),
  };
}

const MINUTE_MS = 60_000;
const split = (rows: readonly Row[], spec: SplitSpec, seed = 1): Promise<Split> =>
  splitExamples(examplesOf(rows), { shape: 'TABLE', timeColumn: 'at', split: spec }, seed);

/** The split, or `null` where the data does not allow one. */
async function trySplit(rows: readonly Row[], spec: SplitSpec, seed = 1): Promise<Split | null> {
  try {
    return await split(rows, spec, seed);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_DATA' });
    return null;
  }
}

const anyRow = fc.record({
  value: fc.constantFrom(NaN, 0, -0, 1, 2, 3, 4, 5),
  code: fc.integer({ min: 0, max: 3 }),
  label: fc.integer({ min: 0, max: 1 }),
  at: fc.integer({ min: 0, max: 60 }).map((minute) => minute * MINUTE_MS),
  entity: fc.integer({ min: 1, max: 30 }),
  window: fc.constantFrom(0, 0, MINUTE_MS, 5 * MINUTE_MS),
});
const anyRows = fc.array(anyRow, { minLength: 3, maxLength: 200, size: 'max' });
const anyShares = fc.record({ validation: fc.double({ min: 0.05, max: 0.4, noNaN: true }) });
const anySplit = fc
  .record({
    by: fc.constantFrom(...SPLIT_KINDS),
    shares: anyShares,
    folds: fc.option(fc.integer({ min: 2, max: 5 }), { nil: undefined }),
    fold: fc.integer({ min: 0, max: 1 }),
    window: fc.constantFrom('expanding' as const, 'rolling' as const),
    embargo: fc.option(
      fc.integer({ min: 1, max: 10 }).map((minutes) => ({ minutes })),
      { nil: undefined },
    ),
  })
  .map(({ fold, ...spec }): SplitSpec => ({ ...spec, fold: spec.folds == null ? undefined : fold }));
const partsOf = ({ train, validation, test }: Split) => [train, validation, test];
const byTime = fc.constantFrom('time' as const, 'entityAndTime' as const);
const byEntity = fc.constantFrom('entity' as const, 'entityAndTime' as const);

describe('splitExamples', () => {
  it('puts every example into one part, or counts why it is in none; no part is empty', async () => {
    let divided = 0;
    await fc.assert(
      fc.asyncProperty(anyRows, anySplit, fc.nat(), async (rows, spec, seed) => {
        const result = await trySplit(rows, spec, seed);
        if (!result) return;
        for (const part of partsOf(result)) expect(part.length).toBeGreaterThan(0);
        const all = partsOf(result).flatMap((part) => [...part]);
        expect(new Set(all).size).toBe(all.length);
        expect(all.length + result.embargoed + result.unassigned).toBe(rows.length);
        if (!spec.by?.endsWith('ime')) expect(all).toHaveLength(rows.length);
        expect(await trySplit(rows, spec, seed)).toEqual(result);
        divided += 1;
      }),
      { numRuns: 300 },
    );
    expect(divided).toBeGreaterThan(100);
  });

  it('never has an example in another part whose like is in training, when stratified', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        fc.nat(),
        fc.option(fc.nat(2), { nil: undefined }),
        async (rows, seed, fold) => {
          const folds = fold == null ? undefined : 3;
          const result = await trySplit(rows, { by: 'stratified', folds, fold }, seed);
          if (!result) return;
          const key = (row: number) => {
            const { value, code, label } = rows[row]!;
            return `${value + 0} ${code} ${label}`;
          };
          const trained = new Set([...result.train].map(key));
          for (const part of [result.validation, result.test])
            expect([...part].filter((row) => trained.has(key(row)))).toEqual([]);
        },
      ),
    );
  });

  it('never has one entity in two parts, when split by entity', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, anySplit, byEntity, async (rows, spec, by) => {
        const result = await trySplit(rows, { ...spec, by });
        if (!result) return;
        const entities = partsOf(result).map((part) => new Set([...part].map((row) => rows[row]!.entity)));
        const together = entities.reduce((sum, { size }) => sum + size, 0);
        expect(new Set(entities.flatMap((part) => [...part])).size).toBe(together);
      }),
      { numRuns: 300 },
    );
  });

  it('never has a label that looks into a later part, or nearer to it than the embargo', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, anySplit, byTime, async (rows, spec, by) => {
        const result = await trySplit(rows, { ...spec, by });
        if (!result) return;
        const gap = spec.embargo ? durationMs(spec.embargo) : 0;
        const reach = (part: Int32Array) =>
          Math.max(...[...part].map((row) => rows[row]!.at + rows[row]!.window + gap));
        const begin = (part: Int32Array) => Math.min(...[...part].map((row) => rows[row]!.at));
        expect(reach(result.train)).toBeLessThan(begin(result.validation));
        expect(reach(result.validation)).toBeLessThan(begin(result.test));
      }),
      { numRuns: 300 },
    );
  });

  it('leaves out no more than what straddles a cut', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({
      ...{ value: i, code: 0, label: i % 2, entity: i, at: i * MINUTE_MS, window: 2 * MINUTE_MS },
    }));
    const result = await split(rows, { by: 'time', embargo: { minutes: 3 } });
    // Cut before 70 and 85: at 65 the label and the embargo end with minute 70, at 64 with 69.
    expect(partsOf(result).map((part) => [part[0], part.at(-1)])).toEqual([
      [0, 64],
      [70, 79],
      [85, 99],
    ]);
    expect(result).toMatchObject({ embargoed: 10, unassigned: 0 });
  });

  it.each(['entity', 'stratified', 'time'] as const)('tests each example in one fold, by %s', async (by) => {
    const rows = Array.from({ length: 400 }, (_, i) => ({
      ...{ value: i, code: 0, label: i % 2, entity: i % 57, at: i * MINUTE_MS, window: 0 },
    }));
    const folds = await Promise.all([0, 1, 2].map((fold) => split(rows, { by, folds: 3, fold })));
    const tested = folds.flatMap(({ test }) => [...test]).sort((a, b) => a - b);
    // By time, the first block has nothing before it that it could be tested with.
    const from = by === 'time' ? 100 : 0;
    expect(tested).toEqual(Array.from({ length: 400 - from }, (_, i) => i + from));
    for (const { test, train, validation } of folds) {
      expect(Math.abs(test.length - (400 - from) / 3)).toBeLessThan(10);
      expect(validation.length / (train.length + validation.length)).toBeCloseTo(0.15, 1);
    }
  });

  it('trains on all that came before a fold, or on the block before it', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({
      ...{ value: i, code: 0, label: i % 2, entity: i, at: i, window: 0 },
    }));
    const spec = { by: 'time', folds: 3, fold: 1, shares: { validation: 0.2 } } as const;
    const ranges = (result: Split) => partsOf(result).map((part) => [part[0], part.at(-1)]);
    expect(ranges(await split(rows, spec))).toEqual([
      [0, 15],
      [16, 19],
      [20, 29],
    ]);
    const rolling = await split(rows, { ...spec, window: 'rolling' });
    expect(ranges(rolling)).toEqual([
      [10, 17],
      [18, 19],
      [20, 29],
    ]);
    expect(rolling.unassigned).toBe(20);
  });

  it('splits by time whatever has three moments', async () => {
    const rows = [5, 5, 5, 5, 5, 5, 7, 9].map((at, i) => ({
      ...{ value: i, code: 0, label: i % 2, entity: i, at, window: 0 },
    }));
    expect(partsOf(await split(rows, {})).map((part) => part.length)).toEqual([6, 1, 1]);
  });

  it('is near its shares in each class, and another with another seed', async () => {
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      ...{ value: i, code: i % 4, label: i % 10 === 0 ? 1 : 0, entity: i, at: 0, window: 0 },
    }));
    const result = await split(rows, { by: 'stratified' }, 3);
    const positives = partsOf(result).map((part) => [...part].filter((row) => rows[row]!.label === 1).length);
    expect(partsOf(result).map((part) => part.length)).toEqual([1400, 300, 300]);
    expect(positives).toEqual([140, 30, 30]);
    const shares = await split(rows, { by: 'stratified', shares: { validation: 0.1, test: 0.5 } }, 3);
    expect(partsOf(shares).map((part) => part.length)).toEqual([800, 200, 1000]);
    expect(await split(rows, { by: 'stratified', seed: 3 }, 4)).toEqual(result);
    expect((await split(rows, { by: 'stratified' }, 4)).test).not.toEqual(result.test);
  });

  it('says what an embargo has emptied', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      ...{ value: i, code: 0, label: i % 2, entity: i, at: i, window: 100 },
    }));
    await expect(split(rows, { by: 'time' })).rejects.toThrow(/label looks too near to the next part/);
  });
});

it.each([
  ['time', {}, '40 examples have too few different moments for training, validation and test.'],
  [
    'time',
    { folds: 3 },
    '40 examples have too few different moments for 3 folds, with a validation part beside each.',
  ],
  ['entity', {}, '40 examples have too few different entities for training, validation and test.'],
] as const)('what cannot be divided by %s %j is told why', async (by, more, message) => {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    ...{ value: i, code: 0, label: i % 2, window: 0 },
    ...{ at: (i % 2) * MINUTE_MS, entity: i % 2 },
  }));
  await expect(split(rows, { by, fold: 'folds' in more ? 0 : undefined, ...more })).rejects.toMatchObject({
    code: 'INVALID_DATA',
    message: expect.stringContaining(message) as unknown,
    issues: [{ path: 'split' }],
  });
});
