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
} from '../../../src/engine/nn';
import { type Value } from '../../../src/engine/onnx';
import { mul, reduceMean } from '../../../src/engine/ops';
import { fixtures } from './fixtures';
import { type Build, checkGradients, checkSteps } from './run-case';

/** Of logits and labels, as a mean with weights of examples. */
const mean =
  (loss: (z: Value, y: Value) => Value): Build =>
  (_scope, inputs) => {
    const [z, y, w] = inputs as [Value, Value, Value];
    return weightedMean(loss(z, y), w);
  };

const builds: Record<string, Build> = {
  'binary cross-entropy': mean(binaryCrossEntropy),
  'binary cross-entropy, soft labels': mean(binaryCrossEntropy),
  'binary cross-entropy, positives only': mean(binaryCrossEntropy),
  'binary cross-entropy, class weights': (_scope, inputs) => {
    const [z, y, w] = inputs as [Value, Value, Value];
    return weightedMean(binaryCrossEntropy(z, y), mul(w, classWeights(y, 3)));
  },
  'binary cross-entropy, smoothed': mean((z, y) => binaryCrossEntropy(z, smoothLabels(y, 0.1))),
  'focal loss': mean(focalLoss),
  'focal loss, fading slowly': mean((z, y) => focalLoss(z, y, 0.5)),
  'hinge loss': mean(hingeLoss),
  'squared error': mean(squaredError),
  'softmax cross-entropy': mean(softmaxCrossEntropy),
  'softmax cross-entropy, smoothed': mean((z, y) => softmaxCrossEntropy(z, smoothLabels(y, 0.2, 3))),
  'several tasks': (_scope, inputs) => {
    const [z, y, w, z_BC, y_BC, prediction, target] = inputs as [
      Value,
      Value,
      Value,
      Value,
      Value,
      Value,
      Value,
    ];
    return multiTask([
      { loss: weightedMean(binaryCrossEntropy(z, y), w) },
      { loss: reduceMean(softmaxCrossEntropy(z_BC, y_BC), [0]), weight: 0.5 },
      { loss: reduceMean(squaredError(prediction, target), [0]), weight: 0.25 },
    ]);
  },
};

test('every loss that PyTorch computed is checked, and no other', () => {
  expect(fixtures.losses.map(({ name }) => name).sort()).toEqual(Object.keys(builds).sort());
});

test.each(fixtures.losses)("$name has PyTorch's value and gradients", async (fixture) => {
  await checkGradients(fixture, builds[fixture.name]!);
});

test.each(fixtures.losses)('$name arrives where PyTorch does after ten steps', async (fixture) => {
  await checkSteps({ ...fixture, steps: fixture.steps! }, builds[fixture.name]!);
});
