import { availableParallelism } from 'node:os';
import { AppError } from '../errors';
import { type Device } from '../engine/runtime';
import { type ModelConfig } from './architectures/model-config';
import { sha256 } from './export/certificate';
import { codeVersion } from './export/code-version';
import { type PreparedExamples } from './preparation/prepared-examples';
import { countClasses, epochSize } from './training/class-balance';
import { compileNetwork } from './training/compile-network';
import { type CheckpointStore, type EpochRecord, type TrainingProgress } from './training/contract';
import { dataFingerprint } from './training/data-fingerprint';
import { fit } from './training/fit';
import { type NetworkProgram } from './training/network-program';
import { type OnTrainingEvent } from './training/training-event';
import { type SeenExamples, seenBy } from './warm-start/seen-examples';
import { fitStart, networkStart, startFrom, type StartSummary } from './warm-start/start-from';

export type TrainingPhase = 'TRAINING' | 'EVALUATING' | 'EXPORTING';

export interface FitNetworkOptions {
  readonly prepared: PreparedExamples;
  readonly model: ModelConfig;
  readonly device: Device | 'auto';
  /** Inside one operation; up to four of the machine's cores when absent. */
  readonly threads?: number;
  /** Most memory that training may take, in bytes; less where less is free. */
  readonly memoryBytes?: number;
  readonly checkpoint: CheckpointStore;
  /** What was kept of an earlier model, to start from its weights if they have not seen what is held out now. */
  readonly startFrom?: Uint8Array | undefined;
  /** SHA-256 of the file of the examples, where it is known. */
  readonly file?: string | undefined;
  /** Told before the first step what came of `startFrom`; not at all without one. */
  readonly onStart?: ((start: StartSummary) => void) | undefined;
  /** Heeded between chunks of steps; a checkpoint is left, and it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly onPhase: (phase: TrainingPhase) => void;
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly onEvent?: OnTrainingEvent | undefined;
}

/** A network that was fitted, as long as its program is open. */
export interface FittedNetwork {
  readonly program: NetworkProgram;
  readonly epochs: readonly EpochRecord[];
  /** Of the prepared examples. */
  readonly fingerprint: string;
  readonly threads: number;
  /** What its weights have seen, and those that it started from. */
  readonly seen: SeenExamples;
  readonly device: Device;
  /** From the first step to the last, of this process. */
  readonly trainSeconds: number;
}

const MAX_DEFAULT_THREADS = 4;

/**
 * Fits the configured network, and closes its program when the work with it is done.
 *
 * @throws AppError INVALID_DATA when a part is empty; TRAINING_FAILED when losses stop being numbers;
 *   INVALID_CONFIGURATION when the device cannot be used, or the model with its batches does not fit in memory.
 */
export async function withFittedNetwork<T>(
  options: FitNetworkOptions,
  work: (fitted: FittedNetwork) => Promise<T>,
): Promise<T> {
  const { prepared, model, onPhase } = options;
  requireExamples(prepared);
  const file = options.file ?? null;
  const start = options.startFrom ? startFrom(options.startFrom, prepared, file) : null;
  onPhase('TRAINING');
  const threads = options.threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism());
  const { train } = prepared;
  const { visits, logitShift } = epochSize(countClasses(train.labels_N), model.balance);
  const fingerprint = await dataFingerprint(prepared.featureMap, [train, prepared.validation, prepared.test]);
  const { program, device } = await compileNetwork({
    model,
    shape: train.shape,
    exampleCount: visits,
    logitShift,
    device: options.device,
    threads,
    ...(options.memoryBytes === undefined ? {} : { memoryBytes: options.memoryBytes }),
    ...networkStart(start, { model, featureMap: prepared.featureMap }),
  });
  options.onEvent?.({
    kind: 'compiled',
    architecture: model.architecture,
    ...{ device, threads, batchSize: program.batchSize },
    weights: sizeOf(program),
  });
  try {
    const startedAt = performance.now();
    const { epochs } = await fit({
      ...options,
      data: prepared,
      trainable: program,
      ...fitStart(start, program, options),
      fingerprint: sha256(
        JSON.stringify({
          ...{ data: fingerprint, model, code: codeVersion() },
          ...(start?.earlier && { start: start.digest }),
        }),
      ),
    });
    const trainSeconds = (performance.now() - startedAt) / 1000;
    const seen = seenBy(prepared, { file, earlier: start?.earlier?.seen ?? null });
    return await work({ program, epochs, fingerprint, threads, seen, device, trainSeconds });
  } finally {
    await program.close();
  }
}

/** How many numbers are learned. */
function sizeOf(program: NetworkProgram): number {
  let size = 0;
  for (const { data } of program.trained().values()) size += data.length;
  return size;
}

function requireExamples({ counts }: PreparedExamples): void {
  for (const part of ['train', 'validation', 'test'] as const)
    if (counts[part] === 0)
      throw new AppError('INVALID_DATA', `The ${part} part holds no examples: the data set is too small.`);
}
