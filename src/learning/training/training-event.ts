import { type Device } from '../../engine/runtime';
import { type BaselineName } from '../baseline/baseline';
import { type PairedTest } from '../evaluation/paired-tests';
import { type Calibration } from '../evaluation/platt-scaling';
import { type EpochRecord } from './contract';

/** What happens in a training that its owner may want to know. Nothing in it is of single examples. */
export type TrainingEvent =
  | {
      readonly kind: 'compiled';
      readonly architecture: string;
      readonly device: Device;
      /** Inside one operation, on the CPU. */
      readonly threads: number;
      /** Numbers that are learned. */
      readonly weights: number;
      readonly batchSize: number;
    }
  /** From a checkpoint: the epoch that goes on, and how many are complete. */
  | {
      readonly kind: 'resumed';
      readonly epoch: number;
      readonly stepInEpoch: number;
      readonly completeEpochs: number;
    }
  /** Of other data, another configuration or other code. */
  | { readonly kind: 'checkpoint-ignored' }
  | {
      readonly kind: 'checkpoint-written';
      readonly epoch: number;
      readonly step: number;
      readonly bytes: number;
    }
  | { readonly kind: 'epoch'; readonly record: EpochRecord; readonly isBest: boolean }
  | {
      readonly kind: 'fitted';
      readonly epochs: number;
      /** 0: no epoch was better than the start. */
      readonly bestEpoch: number;
      readonly stoppedEarly: boolean;
      readonly patience: number;
    }
  | { readonly kind: 'calibrated'; readonly calibration: Calibration }
  | {
      readonly kind: 'baseline-fitted';
      readonly name: BaselineName;
      readonly examples: number;
      readonly seconds: number;
    }
  | {
      readonly kind: 'exported';
      readonly bytes: number;
      /** Between the artifact's probabilities and the trainer's, over the examples held out. */
      readonly maxDifference: number;
      readonly examples: number;
    }
  | {
      readonly kind: 'judged';
      readonly threshold: number;
      /** On the test part. */
      readonly rocAuc: number | null;
      readonly logLoss: number | null;
    }
  /** On the validation part, of log losses: the first is the baseline's, the second the model's. */
  | { readonly kind: 'gated'; readonly difference: PairedTest; readonly isBeaten: boolean };

export type OnTrainingEvent = (event: TrainingEvent) => void;
