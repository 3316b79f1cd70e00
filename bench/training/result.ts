import { type Comparison } from './comparison';

export interface ModelResult extends Comparison {
  readonly model: string;
  readonly batch: number;
  /** Number of trainable numbers, the same on both sides. */
  readonly parameters: number;
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly threads: number;
  readonly node: string;
  readonly onnxruntime: string;
  /** Null where there is none. */
  readonly torch: string | null;
}

/** What `npm run bench -- training --json` prints. Parts that were not asked for are empty or null. */
export interface TrainingResult {
  readonly results: readonly ModelResult[];
  readonly machine: Machine;
}
