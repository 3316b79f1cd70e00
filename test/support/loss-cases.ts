import { type Value } from '../../src/engine/onnx';
import {
  binaryCrossEntropy,
  classWeights,
  focalLoss,
  hingeLoss,
  multiTask,
  smoothLabels,
  softmaxCrossEntropy,
  squaredError,
  weightedMean,
} from '../../src/engine/nn';
import { reduceMean } from '../../src/engine/ops';
import { type Differentiable } from './central-differences';

const logits = [-30, -1.5, 0.2, 2, 45];
const labels = [1, 0, 1, 0.25, 1];

/** A loss of two vectors or matrices: predictions and labels, losses and weights. */
function pair(
  build: (z: Value, y: Value) => Value,
  [z, y]: [readonly number[], readonly number[]] = [logits, labels],
  shape: readonly number[] = [z.length],
): Differentiable {
  return {
    float32: true,
    inputs: [
      { shape, values: z },
      { shape, values: y },
    ],
    build: (...values) => build(values[0]!, values[1]!),
  };
}

/** Every loss, on logits that are sure and wrong among others. */
export const lossCases = {
  'binary cross-entropy': pair(binaryCrossEntropy),
  hinge: pair(hingeLoss),
  'squared error': pair(squaredError),
  'smoothed labels': pair((z, y) => squaredError(z, smoothLabels(y, 0.1))),
  'class weights': pair((_z, y) => classWeights(y, 3)),
  focal: pair(focalLoss, [
    [0.7, -0.4],
    [1, 0],
  ]),
  'softmax cross-entropy': pair(
    softmaxCrossEntropy,
    [
      [1, 2, 3, -1, 0, 50],
      [0, 1, 0, 0, 0, 1],
    ],
    [2, 3],
  ),
  'two tasks': pair((z, y) =>
    multiTask([
      { loss: reduceMean(binaryCrossEntropy(z, y), [0]) },
      { loss: reduceMean(squaredError(z, y), [0]), weight: 0.1 },
    ]),
  ),
  'weighted mean': pair(weightedMean, [
    [1, 2, 600],
    [1, 3, 0],
  ]),
};
