import { type EncodedExamples } from '../features/encoded-examples';
import { type NamedTensor } from './tensor-file';

export type LabelledExamples = EncodedExamples & { readonly labels_N: Float32Array };

/** Some optimizer steps in a row, on `steps · batchSize` examples. */
export interface TrainingChunk {
  /** Their histories have `length` steps. */
  readonly examples: LabelledExamples;
  /** 1, or 0 for rows that only fill up a batch. */
  readonly weights_N: Float32Array;
  /** At most the maximal length of the data; 1 where there are no histories. */
  readonly length: number;
  readonly steps: number;
  /** Optimizer steps done before: dropout draws from (seed, step) alone. */
  readonly firstStep: number;
  /** One for each step. */
  readonly learningRates: Float32Array;
}

/** A network with its optimizer, compiled: what {@link fit} trains. */
export interface Trainable {
  /** Examples per step. */
  readonly batchSize: number;
  /** Most steps in one chunk: bounds its memory. */
  readonly maxChunkSteps: number;
  /**
   * Runs a chunk and returns the loss of each step, its examples' sum over the batch size, full or not.
   * Where the chunks are cut changes nothing.
   * @throws AppError TRAINING_FAILED, naming the step, when a loss or gradient is not a finite number.
   */
  train(chunk: TrainingChunk): Promise<Float32Array>;
  /** Logits under the present weights, without dropout: [N]. */
  predict(examples: EncodedExamples): Promise<Float32Array>;
  /** The weights that `predict` uses. The arrays are not written to afterwards. */
  weights(): readonly NamedTensor[];
  /** Weights and everything else that the next step depends on. The arrays are not written to afterwards. */
  state(): readonly NamedTensor[];
  /** Takes up a state; or weights alone, which `predict` then uses until the next chunk. */
  restore(tensors: readonly NamedTensor[]): void;
}
