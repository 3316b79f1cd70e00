import { compare, takeTurns } from './comparison';
import { type TimedRun, timedRun } from './timed-run';

/** A run of 10 steps of 8 examples. */
const run = (seconds: number, cpuSeconds: number): TimedRun =>
  timedRun({ batch: 8, steps: 10, seconds, cpuSeconds });

test('a run has its rates', () => {
  expect(run(2, 3)).toEqual({ samplesPerSecond: 40, msPerStep: 200, cpuMsPerStep: 300, cpuSeconds: 3 });
});

test('both sides run in turn', async () => {
  const order: string[] = [];
  const side = (name: string) => ({
    run: () => {
      order.push(name);
      return Promise.resolve(run(1, 1));
    },
  });
  const seen: unknown[] = [];
  const pairs = await takeTurns(side('A'), side('B'), { pairs: 3, onPair: (pair) => seen.push(pair) });
  expect(order.join('')).toBe('ABABAB');
  expect(pairs).toHaveLength(3);
  expect(seen).toEqual(pairs);
});

test('ratios are taken within pairs, and their median is not the ratio of the medians', () => {
  // A machine that slows down after the first pair: the sides' medians come from different pairs.
  const pairs = [
    { ours: run(1, 1), peer: run(2, 3) },
    { ours: run(4, 2), peer: run(4, 2) },
    { ours: run(2, 4), peer: run(8, 2) },
  ];
  expect(compare(pairs, 'other')).toEqual({
    samplesPerSecond: 40,
    cpuMsPerStep: 200,
    peer: { name: 'other', samplesPerSecond: 20, cpuMsPerStep: 200 },
    ratios: [2, 1, 4],
    ratio: 2,
    cpuRatios: [3, 1, 0.5],
    cpuRatio: 1,
  });
});

test('without a peer there is no ratio', () => {
  expect(compare([{ ours: run(1, 1), peer: null }], 'other')).toEqual({
    samplesPerSecond: 80,
    cpuMsPerStep: 100,
    peer: null,
    ratios: [],
    ratio: null,
    cpuRatios: [],
    cpuRatio: null,
  });
});
