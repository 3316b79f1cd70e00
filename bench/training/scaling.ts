import { median, significant } from '../statistics';
import { type Bench } from './bench';
import { EngineRunner } from './engine-runner';
import { type ReferenceOptions, referenceWorkload } from './reference';
import { type ScalingPoint } from './result';
import { type TimedRun } from './timed-run';

const BATCH = 256;

type Point = Pick<ScalingPoint, 'vary' | 'value' | 'ids'>;

const points = (vary: Point['vary'], values: readonly number[], ids: Point['ids'] = 'uniform'): Point[] =>
  values.map((value) => ({ vary, value, ids }));

const VOCABULARIES = [10_000, 100_000, 1_000_000];
const POINTS: readonly Point[] = [
  ...points('sequenceLength', [8, 16, 32, 64]),
  ...points('hidden', [32, 64, 128]),
  ...points('vocabulary', VOCABULARIES),
  ...points('vocabulary', VOCABULARIES, 'zipf'),
];
/** The smallest of each. */
const QUICK_POINTS: readonly Point[] = [
  ...points('sequenceLength', [8]),
  ...points('hidden', [32]),
  ...points('vocabulary', [10_000], 'zipf'),
];

/** What a step of the reference model costs as one of its sizes grows, the others as they are. */
export async function measureScaling(bench: Bench): Promise<ScalingPoint[]> {
  const results: ScalingPoint[] = [];
  for (const point of bench.options.quick ? QUICK_POINTS : POINTS) {
    const { msPerStep, cpuMsPerStep } = await measurePoint(point, bench);
    results.push({ ...point, batch: BATCH, msPerStep, cpuMsPerStep });
    bench.progress(`${point.vary} ${point.value} (ids ${point.ids}): ${msPerStep} ms per step`);
  }
  return results;
}

async function measurePoint(
  { vary, value, ids }: Point,
  { options }: Bench,
): Promise<Pick<TimedRun, 'msPerStep' | 'cpuMsPerStep'>> {
  const size: ReferenceOptions = { [vary]: value };
  const runner = await EngineRunner.prepare(referenceWorkload({ ...size, ids }), {
    batch: BATCH,
    threads: options.threads,
    seconds: options.secondsPerRun,
  });
  try {
    const runs: TimedRun[] = [];
    while (runs.length < options.pairs) runs.push(await runner.run());
    return {
      msPerStep: significant(median(runs.map((run) => run.msPerStep))),
      cpuMsPerStep: significant(median(runs.map((run) => run.cpuMsPerStep))),
    };
  } finally {
    await runner.close();
  }
}
