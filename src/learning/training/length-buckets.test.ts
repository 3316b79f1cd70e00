import fc from 'fast-check';
import { bucketLengths, trimSequences } from './length-buckets';

/** Lengths that occur so many times each. */
const times = (counts: Readonly<Record<number, number>>) =>
  Int32Array.from(
    Object.entries(counts).flatMap(([length, count]) => Array<number>(count).fill(Number(length))),
  );
const paddedSteps = (lengths_N: Int32Array, buckets: readonly number[]) =>
  lengths_N.reduce((sum, length) => sum + Math.min(...buckets.filter((bucket) => bucket >= length)), 0);

describe('bucketLengths', () => {
  it('cuts where the padding is least', () => {
    const lengths_N = times({ 3: 500, 4: 500, 20: 1000 });
    expect(bucketLengths(lengths_N, { batchSize: 10, maxBuckets: 2 })).toEqual([4, 20]);
    expect(bucketLengths(lengths_N, { batchSize: 10, maxBuckets: 1 })).toEqual([20]);
  });

  it('makes no bucket that saves next to nothing', () => {
    const lengths_N = times({ 3: 500, 4: 500, 20: 1000 });
    expect(bucketLengths(lengths_N, { batchSize: 10, maxBuckets: 8 })).toEqual([4, 20]);
    expect(bucketLengths(times({ 20: 1000 }), { batchSize: 10, maxBuckets: 8 })).toEqual([20]);
  });

  it('makes no bucket for a few batches', () => {
    const lengths_N = times({ 2: 79, 30: 160, 60: 79 });
    expect(bucketLengths(lengths_N, { batchSize: 10, maxBuckets: 8 })).toEqual([60]);
    expect(bucketLengths(lengths_N, { batchSize: 8, maxBuckets: 8 })).toEqual([2, 30, 60]);
  });

  it('gives histories without events a step', () => {
    expect(bucketLengths(times({ 0: 100 }), { batchSize: 1, maxBuckets: 4 })).toEqual([1]);
    expect(bucketLengths(new Int32Array(0), { batchSize: 1, maxBuckets: 4 })).toEqual([1]);
  });

  it('is no worse than any other choice of as many buckets', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 40, maxLength: 80 });
    const cut = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(lengths, cut, (all, below) => {
        const lengths_N = Int32Array.from(all);
        const longest = Math.max(...all, 1);
        const first = lengths_N.filter((length) => length <= below).length;
        fc.pre(below < longest && first >= 8 && lengths_N.length - first >= 8);
        const chosen = bucketLengths(lengths_N, { batchSize: 1, maxBuckets: 2 });
        const least = paddedSteps(lengths_N, [below, longest]);
        const padded = lengths_N.length * longest;
        // Buckets that save less than a fifth are not made.
        if (chosen.length === 1) expect(padded - least).toBeLessThan(0.2 * padded);
        else expect(paddedSteps(lengths_N, chosen)).toBeLessThanOrEqual(least);
      }),
      { examples: [[[...Array<number>(8).fill(0), ...Array<number>(32).fill(9)], 1]] },
    );
  });
});

describe('trimSequences', () => {
  it('keeps the first steps of every history, and all else', () => {
    const examples = {
      count: 2,
      numeric_NF: Float32Array.of(7, 8),
      categorical_NC: new Int32Array(0),
      sequence: {
        numeric_NTS: Float32Array.of(1, 2, 3, 4, 0, 0, 5, 6, 0, 0, 0, 0),
        categorical_NTK: Int32Array.of(1, 2, 0, 3, 0, 0),
        lengths_N: Int32Array.of(2, 1),
      },
    };
    const shape = { maxLength: 3, numericWidth: 2, cardinalities: [4] };
    expect(trimSequences(examples, shape, 2)).toEqual({
      ...examples,
      sequence: {
        numeric_NTS: Float32Array.of(1, 2, 3, 4, 5, 6, 0, 0),
        categorical_NTK: Int32Array.of(1, 2, 3, 0),
        lengths_N: Int32Array.of(2, 1),
      },
    });
    expect(trimSequences(examples, shape, 3)).toBe(examples);
  });
});
