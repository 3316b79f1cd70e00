import { AppError } from '../../errors';
import { type ModelConfig } from '../architectures/model-config';
import { BatchPlan, type EpochBatches } from './batches';
import { decodeCheckpoint, encodeCheckpoint, type FitPosition } from './checkpoint';
import { type CheckpointStore, type EpochRecord, type FitData, type TrainingProgress } from './contract';
import { learningRateFactor } from './learning-rate';
import { trimSequences } from './length-buckets';
import { type NamedTensor } from './tensor-file';
import { type LabelledExamples, type Trainable } from './trainable';
import { type OnTrainingEvent } from './training-event';
import { validate } from './validate';

export interface FitOptions {
  readonly data: FitData;
  readonly trainable: Trainable;
  readonly model: Pick<
    ModelConfig,
    'learningRate' | 'schedule' | 'maxEpochs' | 'patience' | 'seed' | 'balance' | 'lengthBuckets'
  >;
  readonly checkpoint: CheckpointStore;
  /** A checkpoint of a run with another fingerprint is ignored. */
  readonly fingerprint: string;
  /** Whether the trainable's weights were trained before: they are judged first, and may be what is best in the end. */
  readonly isWarm?: boolean;
  /** Told once what {@link isWarm} weights are worth on the validation part. */
  readonly onJudged?: (validationLoss: number) => void;
  /** Heeded between chunks: `fit` then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly onEvent?: OnTrainingEvent | undefined;
}

export interface FitResult {
  readonly epochs: readonly EpochRecord[];
  /** 1-based; 0: no epoch was better than the start. The trainable holds its weights again. */
  readonly bestEpoch: number;
}

const CHECKPOINT_SECONDS = 10;
const PROGRESS_SECONDS = 0.2;
/** How long a chunk should take: progress and cancellation wait for its end. */
const CHUNK_SECONDS = 0.3;
const FIRST_CHUNK_STEPS = 2;
const START: FitPosition = {
  epoch: 1,
  stepInEpoch: 0,
  lossSum: 0,
  secondsInEpoch: 0,
  epochs: [],
  startLoss: null,
};
/** Share of all steps over which the learning rate rises, where the schedule has no rise of its own. */
const WARMUP = 0.05;

/**
 * Trains until the last epoch, or until the validation loss has not fallen for `patience` epochs, and leaves
 * the best epoch's weights in the trainable.
 *
 * Takes up the store's checkpoint when it belongs to this run. Order, dropout and learning rates are functions
 * of seed, epoch and step, so a resumed run computes exactly what an uninterrupted one would have.
 *
 * @throws AppError TRAINING_FAILED when a loss stops being a number: names the step; the last checkpoint stays.
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { data, model, trainable, signal } = options;
  const plan = await BatchPlan.for(data.train, model, { batchSize: trainable.batchSize, signal });
  return new Fit(options, plan).run();
}

class Fit {
  private readonly totalSteps: number;
  private position = START;
  private best: readonly NamedTensor[] = [];
  private readonly startedAt = performance.now();
  private stepsSinceStart = 0;
  /** By the length that histories are padded to: longer ones take longer. */
  private readonly chunkSteps = new Map<number, number>();
  private savedAt = performance.now();
  private reportedAt = 0;

  constructor(
    private readonly options: FitOptions,
    private readonly plan: BatchPlan,
  ) {
    this.totalSteps = plan.stepsPerEpoch * options.model.maxEpochs;
  }

  async run(): Promise<FitResult> {
    await this.resume();
    if (this.options.isWarm) await this.judgeStart();
    while (!this.isOver()) await this.runEpoch();
    this.options.trainable.restore(this.best);
    const { epochs } = this.position;
    const bestEpoch = bestEpochOf(this.position);
    const { maxEpochs, patience } = this.options.model;
    const stoppedEarly = epochs.length < maxEpochs;
    this.options.onEvent?.({ kind: 'fitted', epochs: epochs.length, bestEpoch, stoppedEarly, patience });
    return { epochs, bestEpoch };
  }

  private isOver(): boolean {
    const { epoch, epochs } = this.position;
    const { maxEpochs, patience } = this.options.model;
    return epoch > maxEpochs || epochs.length - bestEpochOf(this.position) >= patience;
  }

  /** On the validation part of this run: what the weights were worth on another says nothing here. */
  private async judgeStart(): Promise<void> {
    const { data, trainable, signal, onJudged } = this.options;
    if (this.position.startLoss === null) {
      const { loss } = await validate(trainable, data.validation, signal);
      // Not a number where nothing that was taken over fits the data: then every epoch is better.
      this.position = { ...this.position, startLoss: Number.isFinite(loss) ? loss : Number.MAX_VALUE };
      this.best = trainable.weights();
    }
    onJudged?.(this.position.startLoss ?? 0);
  }

  private async runEpoch(): Promise<void> {
    const { signal } = this.options;
    const batches = this.plan.epoch(this.position.epoch);
    for (;;) {
      // Stopped on purpose, to be taken up again elsewhere perhaps: nothing that was computed is lost.
      const due = signal.aborted || secondsSince(this.savedAt) > CHECKPOINT_SECONDS;
      if (due && this.position.stepInEpoch > 0) await this.save();
      signal.throwIfAborted();
      if (this.position.stepInEpoch >= this.plan.stepsPerEpoch) break;
      await this.runChunk(batches);
    }
    await this.endEpoch();
    await this.save();
  }

  private async runChunk(batches: EpochBatches): Promise<void> {
    const { trainable } = this.options;
    const { batchSize, maxChunkSteps } = trainable;
    const { stepInEpoch, lossSum, secondsInEpoch } = this.position;
    const startedAt = performance.now();
    const { indices, weights_N, length } = batches.from(stepInEpoch, (length) =>
      Math.min(this.chunkSteps.get(length) ?? FIRST_CHUNK_STEPS, maxChunkSteps),
    );
    const steps = indices.length / batchSize;
    const firstStep = this.stepsDone();
    const losses = await trainable.train({
      examples: await this.readTrimmed(indices, length),
      weights_N,
      length,
      steps,
      firstStep,
      learningRates: Float32Array.from({ length: steps }, (_, step) => this.learningRate(firstStep + step)),
    });
    const seconds = secondsSince(startedAt);
    this.position = {
      ...this.position,
      stepInEpoch: stepInEpoch + steps,
      // Added one by one, so that the sum does not depend on where chunks are cut.
      lossSum: losses.reduce((sum, loss) => sum + loss, lossSum),
      secondsInEpoch: secondsInEpoch + seconds,
    };
    this.chunkSteps.set(length, Math.max(1, Math.round((CHUNK_SECONDS * steps) / Math.max(seconds, 1e-3))));
    this.stepsSinceStart += steps;
    if (secondsSince(this.reportedAt) > PROGRESS_SECONDS)
      this.report((sumOf(losses) * batchSize) / sumOf(weights_N));
  }

  private async readTrimmed(indices: Int32Array, length: number): Promise<LabelledExamples> {
    const { train } = this.options.data;
    const examples = await train.read(indices);
    return train.shape.sequence ? trimSequences(examples, train.shape.sequence, length) : examples;
  }

  private async endEpoch(): Promise<void> {
    const { data, trainable, signal } = this.options;
    const { epoch, epochs, lossSum, secondsInEpoch, startLoss } = this.position;
    const startedAt = performance.now();
    const validation = await validate(trainable, data.validation, signal);
    if (!Number.isFinite(validation.loss))
      throw new AppError(
        'TRAINING_FAILED',
        `the validation loss is not a number after step ${this.stepsDone()} (epoch ${epoch}): ` +
          'a lower learningRate helps, or there are extreme values in the validation part',
      );
    const isBest = [...lossesOf(epochs), startLoss ?? Infinity].every((before) => validation.loss < before);
    if (isBest) this.best = trainable.weights();
    const record: EpochRecord = {
      epoch,
      trainLoss: (lossSum * trainable.batchSize) / this.plan.visitsPerEpoch,
      validationLoss: validation.loss,
      validationRocAuc: validation.rocAuc,
      learningRate: this.learningRate(this.stepsDone() - 1),
      seconds: secondsInEpoch + secondsSince(startedAt),
    };
    this.position = { ...START, epoch: epoch + 1, epochs: [...epochs, record], startLoss };
    this.report(record.trainLoss);
    this.options.onEvent?.({ kind: 'epoch', record, isBest });
  }

  private learningRate(step: number): number {
    const { model } = this.options;
    const { totalSteps } = this;
    const moment = { step, totalSteps, validationLosses: lossesOf(this.position.epochs) };
    // The optimizer knows nothing yet of weights that are good already, and its first steps are as long as any.
    const rises = this.options.isWarm && model.schedule.kind !== 'cosine';
    const rise = rises ? Math.min(1, (step + 1) / (Math.floor(WARMUP * totalSteps) + 1)) : 1;
    return model.learningRate * rise * learningRateFactor(model.schedule, moment);
  }

  private stepsDone(): number {
    return (this.position.epoch - 1) * this.plan.stepsPerEpoch + this.position.stepInEpoch;
  }

  private report(loss: number): void {
    this.reportedAt = performance.now();
    const { model, trainable, onProgress } = this.options;
    const secondsPerStep = secondsSince(this.startedAt) / Math.max(1, this.stepsSinceStart);
    onProgress({
      epoch: Math.min(this.position.epoch, model.maxEpochs),
      maxEpochs: model.maxEpochs,
      step: this.stepsDone(),
      totalSteps: this.totalSteps,
      loss,
      examplesPerSecond: trainable.batchSize / secondsPerStep,
      etaSeconds: (this.totalSteps - this.stepsDone()) * secondsPerStep,
      epochs: this.position.epochs,
    });
  }

  private async save(): Promise<void> {
    const { checkpoint, trainable, fingerprint, onEvent } = this.options;
    const state = { position: this.position, state: trainable.state(), best: this.best };
    const encoded = encodeCheckpoint(state, fingerprint);
    await checkpoint.save(encoded);
    this.savedAt = performance.now();
    const { epoch } = this.position;
    onEvent?.({ kind: 'checkpoint-written', epoch, step: this.stepsDone(), bytes: encoded.length });
  }

  private async resume(): Promise<void> {
    const { checkpoint, trainable, fingerprint, onEvent } = this.options;
    const bytes = await checkpoint.load();
    const saved = bytes && decodeCheckpoint(bytes, fingerprint);
    if (!saved) {
      if (bytes) onEvent?.({ kind: 'checkpoint-ignored' });
      return;
    }
    trainable.restore(saved.state);
    this.best = saved.best;
    this.position = saved.position;
    const { epoch, stepInEpoch, epochs } = saved.position;
    onEvent?.({ kind: 'resumed', epoch, stepInEpoch, completeEpochs: epochs.length });
  }
}

/** The earliest epoch with the lowest validation loss; 0 where that is the start, and before any is complete. */
function bestEpochOf({ epochs, startLoss }: FitPosition): number {
  const lowest = Math.min(...lossesOf(epochs));
  if (startLoss !== null && startLoss <= lowest) return 0;
  return epochs.find((record) => record.validationLoss === lowest)?.epoch ?? 0;
}

const lossesOf = (epochs: readonly EpochRecord[]): number[] => epochs.map((record) => record.validationLoss);

function sumOf(numbers: Float32Array): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function secondsSince(milliseconds: number): number {
  return (performance.now() - milliseconds) / 1000;
}
