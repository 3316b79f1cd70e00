import { adam, binaryCrossEntropy, dense, weightedMean } from '../nn';
import { relu, squeeze } from '../ops';
import { estimateMemory, requireMemory, totalBytes } from './memory';
import { type TrainingRecipe } from './training-graph';

const recipeFor = (batch: number): TrainingRecipe<'x' | 'y'> => ({
  inputs: { x: { dtype: 'float32', shape: [batch, 100] }, y: { dtype: 'float32', shape: [batch] } },
  loss: (scope, { x, y }) => {
    const hidden = relu(dense(scope.in('hidden'), x, { units: 50 }));
    const logits = squeeze(dense(scope.in('logit'), hidden, { units: 1 }), [1]);
    return weightedMean(
      binaryCrossEntropy(logits, y),
      y.graph.constant({ dtype: 'float32', shape: [batch], data: new Float32Array(batch).fill(1) }),
    );
  },
  optimizer: adam(),
});

const parameters = 100 * 50 + 50 + 50 + 1;

test('state is parameters and two moments, before and after', () => {
  expect(estimateMemory(recipeFor(8)).stateBytes).toBe(2 * 3 * 4 * parameters);
});

test('a step adds its batch, labels and three scalars', () => {
  expect(estimateMemory(recipeFor(8)).bytesPerStep).toBe(4 * (8 * 100 + 8 + 3));
});

test('activations hold at least batch, hidden layer and its gradient, and grow with the batch', () => {
  const at = (batch: number): number => estimateMemory(recipeFor(batch)).activationBytes;
  expect(at(1000)).toBeGreaterThan(4 * 1000 * (100 + 50 + 50));
  expect(at(1000)).toBeLessThan(4 * 1000 * (100 + 50 + 50) * 2);
  expect(at(2000) - at(1000)).toBeCloseTo(at(3000) - at(2000), -2);
});

test('a run that does not fit is refused with the batch size that would', () => {
  const limitBytes = totalBytes(estimateMemory(recipeFor(256)), 10);
  expect(() => {
    requireMemory(recipeFor, { batch: 256, steps: 10, limitBytes });
  }).not.toThrow();
  expect(() => {
    requireMemory(recipeFor, { batch: 1000, steps: 10, limitBytes });
  }).toThrow(/^training with batches of 1000 needs \d+ MB, and there are \d+ MB: a batch size of 256 fits$/);
  expect(() => {
    requireMemory(recipeFor, { batch: 1000, steps: 10, limitBytes: 1000 });
  }).toThrow('no batch size fits, the model is too large');
});
