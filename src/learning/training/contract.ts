import { type ExampleSource } from '../features/encoded-examples';

/** One epoch, as shown in loss curves. */
export interface EpochRecord {
  /** 1-based. */
  readonly epoch: number;
  /** Over the epoch's visits as it went, with dropout; of balanced or weighted classes where they are. */
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly validationRocAuc: number;
  readonly learningRate: number;
  readonly seconds: number;
}

/** Sent between chunks of steps, several times a second at most. */
export interface TrainingProgress {
  /** 1-based. */
  readonly epoch: number;
  readonly maxEpochs: number;
  /** Optimizer steps done over the whole run. */
  readonly step: number;
  readonly totalSteps: number;
  /** Mean training loss over the last chunk. */
  readonly loss: number;
  readonly examplesPerSecond: number;
  /** Upper bound: early stopping may end sooner. */
  readonly etaSeconds: number;
  /** Epochs that are complete. */
  readonly epochs: readonly EpochRecord[];
}

/** Where a run can be taken up again. Saves replace each other; a save is complete or absent. */
export interface CheckpointStore {
  load(): Promise<Uint8Array | null>;
  save(bytes: Uint8Array): Promise<void>;
}

export interface FitData {
  readonly train: ExampleSource;
  readonly validation: ExampleSource;
}
