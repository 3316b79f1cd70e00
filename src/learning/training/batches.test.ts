import fc from 'fast-check';
import { type ExampleSource } from '../features/encoded-examples';
import { BatchPlan } from './batches';
import { ascending, seededRandom } from './random';
import { MemorySource } from './test-support';

const MAX_LENGTH = 16;
const shape = {
  numericWidth: 0,
  cardinalities: [],
  sequence: { maxLength: MAX_LENGTH, numericWidth: 1, cardinalities: [] },
};

/** Histories of many lengths, short ones above all; one example in five is positive. */
function source(count: number): MemorySource {
  const random = seededRandom(count);
  return new MemorySource(
    {
      count,
      numeric_NF: new Float32Array(0),
      categorical_NC: new Int32Array(0),
      sequence: {
        numeric_NTS: new Float32Array(count * MAX_LENGTH),
        categorical_NTK: new Int32Array(0),
        lengths_N: Int32Array.from({ length: count }, () => Math.floor(random() ** 2 * (MAX_LENGTH + 1))),
      },
      labels_N: Float32Array.from({ length: count }, () => (random() < 0.2 ? 1 : 0)),
    },
    shape,
  );
}

const config = { balance: { kind: 'none' as const }, lengthBuckets: 4, seed: 5 };
const signal = new AbortController().signal;
const plan = (
  from: ExampleSource,
  batchSize: number,
  options: Partial<Parameters<typeof BatchPlan.for>[1]> = {},
) => BatchPlan.for(from, { ...config, ...options }, { batchSize, signal });

interface Step {
  readonly length: number;
  readonly indices: number[];
  readonly weights: number[];
}

/** An epoch step by step, read in pieces of as many steps as `wanted` says. */
function stepsOf(plan: BatchPlan, epoch: number, wanted: () => number = () => 1): Step[] {
  const batches = plan.epoch(epoch);
  const steps: Step[] = [];
  while (steps.length < plan.stepsPerEpoch) {
    const { indices, weights_N, length } = batches.from(steps.length, wanted);
    for (let row = 0; row < indices.length; row += plan.batchSize)
      steps.push({
        length,
        indices: Array.from(indices.subarray(row, row + plan.batchSize)),
        weights: Array.from(weights_N.subarray(row, row + plan.batchSize)),
      });
  }
  return steps;
}

const visits = (steps: readonly Step[]) =>
  steps.flatMap(({ indices, weights }) => indices.filter((_, row) => weights[row] === 1));

describe('BatchPlan', () => {
  it('visits every example once an epoch, in batches that its history fits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (count, batchSize, lengthBuckets) => {
          const from = source(count);
          const { sequence } = await from.read(ascending(count));
          const steps = stepsOf(await plan(from, batchSize, { lengthBuckets }), 1);
          expect(steps).toHaveLength(Math.ceil(count / batchSize));
          expect(visits(steps).sort((a, b) => a - b)).toEqual(Array.from(ascending(count)));
          for (const { length, indices } of steps)
            for (const index of indices) expect(sequence!.lengths_N[index]!).toBeLessThanOrEqual(length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('fills up one batch of the longest histories, with rows of weight 0', async () => {
    const steps = stepsOf(await plan(source(1003), 10), 1);
    const short = steps.filter(({ weights }) => weights.includes(0));
    expect(short).toHaveLength(1);
    expect(short[0]).toMatchObject({ length: MAX_LENGTH, weights: [1, 1, 1, 0, 0, 0, 0, 0, 0, 0] });
  });

  it('does not depend on how many steps are read at a time', async () => {
    const random = seededRandom(1);
    const of = await plan(source(2000), 10);
    const byOne = stepsOf(of, 2);
    expect(new Set(byOne.map(({ length }) => length)).size).toBeGreaterThan(2);
    expect(stepsOf(of, 2, () => 1 + Math.floor(random() * 9))).toEqual(byOne);
    expect(stepsOf(of, 2, () => 1000)).toEqual(byOne);
  });

  it('depends on seed and epoch alone', async () => {
    const from = source(500);
    const first = stepsOf(await plan(from, 10), 1);
    expect(stepsOf(await plan(from, 10), 1)).toEqual(first);
    expect(stepsOf(await plan(from, 10), 2)).not.toEqual(first);
    expect(stepsOf(await plan(from, 10, { seed: 6 }), 1)).not.toEqual(first);
  });

  it('mixes short and long batches all through an epoch', async () => {
    const of = await plan(source(6000), 10);
    for (const epoch of [1, 2, 3]) {
      const lengths = stepsOf(of, epoch).map(({ length }) => length);
      const mean = (some: number[]) => some.reduce((sum, length) => sum + length, 0) / some.length;
      const thirds = [0, 1, 2].map((third) => mean(lengths.slice(third * 200, (third + 1) * 200)));
      expect(Math.max(...thirds) / Math.min(...thirds)).toBeLessThan(1.5);
    }
  });

  it('balances and buckets at once, in as many steps in every epoch', async () => {
    const from = source(1000);
    const { labels_N } = await from.read(ascending(1000));
    const of = await plan(from, 16, { balance: { kind: 'oversample', share: 0.5 } });
    for (const epoch of [1, 2, 3, 4]) {
      const visited = visits(stepsOf(of, epoch));
      const positive = visited.filter((index) => labels_N[index] === 1);
      expect(positive.length * 2).toBe(of.visitsPerEpoch);
      expect(visited).toHaveLength(of.visitsPerEpoch);
      expect(new Set(visited).size).toBe(1000);
    }
  });

  it('reads the data block by block, and not at all when neither class nor length matters', async () => {
    const from = source(10_000);
    const read = jest.spyOn(from, 'read');
    await plan(from, 10, { lengthBuckets: 1 });
    expect(read).not.toHaveBeenCalled();
    await plan(from, 10);
    const sizes = read.mock.calls.map(([indices]) => indices.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(10_000);
    expect(Math.max(...sizes)).toBeLessThan(5000);
  });
});
