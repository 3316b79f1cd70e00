import { sizeOf } from '../../engine/onnx';
import {
  estimateForward,
  estimateTraining,
  type ForwardRecipe,
  tablesByRow,
  totalBytes,
  type TrainingRecipe,
  withSharedTables,
} from '../../engine/training';
import { networkLogits, networkLoss } from '../architectures/build-network';
import { type ModelConfig } from '../architectures/model-config';
import { networkInputs, type NetworkPort, networkPorts } from '../architectures/network';
import { type InputShape } from '../features/encoded-examples';
import { trimmedShape } from './length-buckets';
import { updateRule } from './optimizer';
import { VALIDATION_BLOCK } from './validate';

/** Inputs of the training program that are not the network's: [N]. */
export const LABELS = 'labels';
export const WEIGHTS = 'weights';
/** Bounds the memory of one chunk's examples. */
const MAX_CHUNK_BYTES = 64 * 2 ** 20;
const MAX_CHUNK_STEPS = 256;

/** What the programs of a network are built from. */
export interface NetworkDescription {
  readonly model: ModelConfig;
  readonly shape: InputShape;
  /** Examples of an epoch. */
  readonly exampleCount: number;
  /** ln of how many times an epoch's odds of a positive are the data's; 0 unless given. */
  readonly logitShift?: number;
}

/**
 * The recipes for all lengths train the same tables row by row, those of the longest: they share a state.
 *
 * @param size examples in a batch, and the steps that their histories are padded to.
 */
export function trainingRecipe(
  network: NetworkDescription,
  size: { batch: number; length: number },
): TrainingRecipe<string> {
  const longest = recipeOf(network, { ...size, length: maxLength(network.shape) });
  return { ...recipeOf(network, size), tablesByRow: tablesByRow(longest) };
}

function recipeOf(
  { model, shape, exampleCount, logitShift = 0 }: NetworkDescription,
  { batch, length }: { batch: number; length: number },
): TrainingRecipe<string> {
  return {
    inputs: {
      ...inputsOf(trimmedShape(shape, length), batch),
      [LABELS]: { dtype: 'float32', shape: [batch] },
      [WEIGHTS]: { dtype: 'float32', shape: [batch] },
    },
    loss: (scope, { [LABELS]: labels_N, [WEIGHTS]: weights_N, ...values }) => {
      if (!labels_N || !weights_N) throw new TypeError('the training step has no labels or weights');
      const given = { labels_N, weights_N, logitShift };
      return networkLoss(scope, networkInputs(values), { model, shape, ...given });
    },
    ...updateRule(model),
    averaging: averagingDecay(model, Math.ceil(exampleCount / batch) * model.maxEpochs),
  };
}

export function forwardRecipe({ model, shape }: NetworkDescription): ForwardRecipe<string> {
  return {
    inputs: inputsOf(shape, 'N'),
    outputs: (scope, values) => ({
      logits: networkLogits(scope, networkInputs(values), { model, shape }),
    }),
  };
}

/**
 * Bytes that a process grows by, at most, which trains and judges: all programs, as a session keeps what it took.
 * There is a training program for each length that histories may be bucketed by, taken to lie evenly: which they are
 * is known only once the examples are read.
 */
export function networkMemory(network: NetworkDescription, batch: number): number {
  const longest = maxLength(network.shape);
  const buckets = Math.min(network.model.lengthBuckets, longest);
  const steps = maxChunkSteps(networkPorts(network.shape), batch);
  return Array.from({ length: buckets }, (_, index) => {
    const length = Math.ceil((longest * (index + 1)) / buckets);
    const estimate = estimateTraining(trainingRecipe(network, { batch, length }));
    return totalBytes(length === longest ? estimate : withSharedTables(estimate), steps);
  }).reduce(
    (total, bytes) => total + bytes,
    totalBytes(estimateForward(forwardRecipe(network), VALIDATION_BLOCK), 1),
  );
}

/** Steps that histories are padded to; 1 where the data has none. */
export function maxLength({ sequence }: InputShape): number {
  return sequence?.maxLength ?? 1;
}

/** Most steps in one call: their examples, labels and weights fit into 64 MiB. */
export function maxChunkSteps(ports: readonly NetworkPort[], batch: number): number {
  const bytesPerStep = 4 * batch * (2 + ports.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  return Math.max(1, Math.min(MAX_CHUNK_STEPS, Math.floor(MAX_CHUNK_BYTES / bytesPerStep)));
}

/** The smallest size that cuts the examples into no more batches than the wanted one: all full, but for the last. */
export function evenBatchSize(exampleCount: number, wanted: number): number {
  const batches = Math.max(1, Math.ceil(exampleCount / wanted));
  return Math.max(1, Math.ceil(exampleCount / batches));
}

function inputsOf<Batch extends number | string>(shape: InputShape, batch: Batch) {
  return Object.fromEntries(
    networkPorts(shape).map(({ name, dtype, shape: tail }) => [name, { dtype, shape: [batch, ...tail] }]),
  );
}

/** The configured decay, or what averages over a tenth of the run where that is less: first weights must fade. */
function averagingDecay({ averaging }: ModelConfig, totalSteps: number): number {
  return Math.max(0, Math.min(averaging, 1 - 10 / totalSteps));
}
