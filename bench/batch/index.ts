import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { discoverDomains } from '../../src/app/discover-domains';
import { prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { trainModel } from '../../src/learning/train-model';
import { median, significant } from '../statistics';
import { type Suite } from '../suite';
import { measureRaw, measureScoring, type Measured, type MeasuredScoring } from './measure';
import { help, options, readOptions } from './options';

const KIND = 'ECOMMERCE_PURCHASE';
/** Of the data that the model is trained on, for an epoch: what it says does not matter here. */
const TRAINING_SCALE = 0.05;

interface BatchResult {
  readonly results: readonly {
    readonly case: 'batch' | 'raw';
    readonly rowsPerSecond: number;
    readonly cpuSeconds: number;
  }[];
  readonly ratio: number;
  /** The same of seconds of all processors, which depends less on what else the machine does. */
  readonly cpuRatio: number;
  /** Of the batch scoring, in seconds. */
  readonly phases: MeasuredScoring['phases'];
  readonly rows: number;
  readonly threads: number;
}

/** What scoring a dataset costs beside the model itself. */
export const suite: Suite<BatchResult> = {
  title: 'rows per second of batch scoring, from file to files, beside ONNX Runtime alone on encoded batches',
  options,
  help,
  async run(values, progress) {
    const { scale, runs, threads } = readOptions(values);
    const folder = await mkdtemp(path.join(tmpdir(), 'propensity-bench-'));
    try {
      progress('training a model for an epoch');
      const { spec, artifact, eventsOf } = await model(folder);
      const csvPath = path.join(folder, 'events.csv');
      await writeFile(csvPath, eventsOf(scale));
      const workload = { csvPath, spec, artifact, folder, threads };
      const batch: MeasuredScoring[] = [];
      const raw: Measured[] = [];
      for (let run = 1; run <= runs; run += 1) {
        progress(`run ${run} of ${runs}`);
        batch.push(await measureScoring(workload));
        raw.push(await measureRaw(workload));
      }
      const speed = (all: readonly Measured[]) => median(all.map(({ rows, seconds }) => rows / seconds));
      const cpu = (all: readonly Measured[]) => median(all.map(({ cpuSeconds }) => cpuSeconds));
      const phase = (name: keyof MeasuredScoring['phases']) =>
        significant(median(batch.map(({ phases }) => phases[name])), 3);
      return {
        results: [
          { case: 'batch', rowsPerSecond: significant(speed(batch)), cpuSeconds: significant(cpu(batch), 3) },
          { case: 'raw', rowsPerSecond: significant(speed(raw)), cpuSeconds: significant(cpu(raw), 3) },
        ],
        ratio: significant(speed(batch) / speed(raw), 3),
        cpuRatio: significant(cpu(raw) / cpu(batch), 3),
        phases: {
          preparing: phase('preparing'),
          scoring: phase('scoring'),
          exporting: phase('exporting'),
        },
        rows: batch[0]?.rows ?? 0,
        threads,
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  table: ({ results, ratio, cpuRatio, rows, threads }) =>
    [
      `${rows} rows, ${threads} threads`,
      ...results.map(
        (result) => `${result.case.padEnd(6)}${String(result.rowsPerSecond).padStart(10)} rows/s`,
      ),
      `ratio ${ratio}, of processor seconds ${cpuRatio}`,
    ].join('\n'),
};

async function model(folder: string) {
  const domain = discoverDomains().find(({ kind }) => kind === KIND);
  if (!domain) throw new Error(`there is no domain ${KIND}`);
  const { featureSpec: spec, presets, generate } = domain;
  const eventsOf = (scale: number) => `${[...generate({ seed: 1, scale }).csv()].join('\n')}\n`;
  const csvPath = path.join(folder, 'training.csv');
  await writeFile(csvPath, eventsOf(TRAINING_SCALE));
  const prepared = await prepareExamples({ csvPath, spec, workDirectory: folder, seed: 1 });
  const { artifact } = await trainModel({
    prepared,
    model: { ...presets.default, maxEpochs: 1 },
    device: 'cpu',
    checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
    signal: new AbortController().signal,
    onPhase: () => undefined,
    onProgress: () => undefined,
  });
  await prepared.close();
  return { spec, artifact: new Uint8Array(artifact), eventsOf };
}
