import { type TrainingChunk } from '../../src/learning/training/trainable';
import { LEARNING_RATE } from './network-description';
import { type Runner, type TimedRun, timedRun } from './timed-run';
import { type CompileOptions, type Trainer, type Workload } from './workload';
import { fullChunk } from '../../test/support/full-chunk';

/** As in training itself, which hands the loop so much at a time in order to report progress between. */
const CHUNK_SECONDS = 0.3;
/** However slow the machine is just now. */
const MIN_CHUNK_STEPS = 4;
const MAX_CHUNK_STEPS = 256;
const MAX_CHUNK_BYTES = 64 * 2 ** 20;
const CALIBRATION_STEPS = 3;

export interface EngineRunnerOptions extends CompileOptions {
  /** How long a run takes, about. */
  readonly seconds: number;
}

/** The engine's side: a compiled program, a chunk of batches in memory, and how often to train on it. */
export class EngineRunner implements Runner {
  private stepsDone = 0;

  private constructor(
    private readonly trainer: Trainer,
    private readonly batch: number,
    private chunk: TrainingChunk,
    private chunksPerRun: number,
  ) {}

  static async prepare(workload: Workload, options: EngineRunnerOptions): Promise<EngineRunner> {
    const { batch, seconds } = options;
    const trainer = await workload.compile(options);
    const runner = new EngineRunner(trainer, batch, await chunkOf(workload, batch, CALIBRATION_STEPS), 1);
    await runner.run();
    const secondsPerStep = (await runner.run()).msPerStep / 1000;
    const steps = Math.max(
      MIN_CHUNK_STEPS,
      Math.min(
        MAX_CHUNK_STEPS,
        Math.floor(MAX_CHUNK_BYTES / bytesPerStep(workload, batch)),
        Math.round(Math.min(CHUNK_SECONDS, seconds) / secondsPerStep),
      ),
    );
    runner.chunk = await chunkOf(workload, batch, steps);
    // The first run at this size still asks the system for memory.
    const warm = await runner.run();
    runner.chunksPerRun = Math.max(1, Math.round((1000 * seconds) / (steps * warm.msPerStep)));
    return runner;
  }

  get parameters(): number {
    return this.trainer.parameters;
  }

  /** The batches that it trains on, one after another. */
  get batches(): TrainingChunk {
    return this.chunk;
  }

  async run(): Promise<TimedRun> {
    const { chunk, chunksPerRun: chunks, batch } = this;
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    for (let index = 0; index < chunks; index += 1) {
      await this.trainer.train({ ...chunk, firstStep: this.stepsDone });
      this.stepsDone += chunk.steps;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    return timedRun({ batch, steps: chunks * chunk.steps, seconds, cpuSeconds: (user + system) / 1e6 });
  }

  async close(): Promise<void> {
    await this.trainer.close();
  }
}

/** Batches in memory, ready to be trained on. */
export async function chunkOf(workload: Workload, batch: number, steps: number): Promise<TrainingChunk> {
  return fullChunk(workload.shape, {
    examples: await workload.examples(batch * steps),
    steps,
    firstStep: 0,
    learningRates: new Float32Array(steps).fill(LEARNING_RATE),
  });
}

function bytesPerStep({ shape: { numericWidth, cardinalities, sequence } }: Workload, batch: number): number {
  const columns = sequence ? sequence.numericWidth + sequence.cardinalities.length : 0;
  return 4 * batch * (2 + numericWidth + cardinalities.length + columns * (sequence?.maxLength ?? 0));
}
