import { evaluate, gradientError } from '../../../test/support/central-differences';
import { toNumbers, type Value } from '../onnx';
import {
  binaryCrossEntropy,
  classWeights,
  focalLoss,
  hingeLoss,
  smoothLabels,
  softmaxCrossEntropy,
  squaredError,
  weightedMean,
} from './losses';

const logits = [-30, -1.5, 0.2, 2, 45];
const labels = [1, 0, 1, 0.25, 1];
const sample = (build: (z: Value, y: Value) => Value) => ({
  float32: true,
  inputs: [
    { shape: [5], values: logits },
    { shape: [5], values: labels },
  ],
  build: (...[z, y]: Value[]) => build(z!, y!),
});

const losses: Record<
  string,
  { build: (z: Value, y: Value) => Value; formula: (z: number, y: number) => number }
> = {
  'binary cross-entropy': {
    build: binaryCrossEntropy,
    formula: (z, y) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z,
  },
  hinge: { build: hingeLoss, formula: (z, y) => Math.max(0, 1 - (2 * y - 1) * z) },
  'squared error': { build: squaredError, formula: (z, y) => (z - y) ** 2 },
  'smoothed labels': {
    build: (z, y) => squaredError(z, smoothLabels(y, 0.1)),
    formula: (z, y) => (z - (0.9 * y + 0.05)) ** 2,
  },
  'class weights': { build: (_z, y) => classWeights(y, 3), formula: (_z, y) => 1 + 2 * y },
};

test.each(Object.entries(losses))('%s is its formula', async (_name, { build, formula }) => {
  const { outputs } = await evaluate(sample(build));
  toNumbers(outputs[0]!).forEach((loss, index) => {
    const expected = formula(logits[index]!, labels[index]!);
    expect(Math.abs(loss - expected)).toBeLessThan(1e-5 * (1 + Math.abs(expected)));
  });
});

test('focal loss is cross-entropy times (1 − p)²', async () => {
  const hard = {
    ...sample(focalLoss),
    inputs: [
      { shape: [2], values: [0.7, -0.4] },
      { shape: [2], values: [1, 0] },
    ],
  };
  const { outputs } = await evaluate(hard);
  [0.7, 0.4].forEach((z, index) => {
    const p = 1 / (1 + Math.exp(-z));
    expect(toNumbers(outputs[0]!)[index]).toBeCloseTo((1 - p) ** 2 * -Math.log(p), 6);
  });
  expect(await gradientError(hard)).toBeLessThan(3e-3);
});

test('softmax cross-entropy is the logarithm of the true class', async () => {
  const rows = {
    float32: true,
    inputs: [
      { shape: [2, 3], values: [1, 2, 3, -1, 0, 50] },
      { shape: [2, 3], values: [0, 1, 0, 0, 0, 1] },
    ],
    build: (...[z, y]: Value[]) => softmaxCrossEntropy(z!, y!),
  };
  const [first, second] = toNumbers((await evaluate(rows)).outputs[0]!);
  expect(first).toBeCloseTo(-Math.log(Math.exp(2) / (Math.exp(1) + Math.exp(2) + Math.exp(3))), 5);
  expect(second).toBeCloseTo(0, 5);
  expect(await gradientError(rows)).toBeLessThan(3e-3);
});

test('examples of weight 0 do not count, and a batch of nothing else is 0', async () => {
  const mean = async (weights: number[]): Promise<number> => {
    const inputs = [
      { shape: [3], values: [1, 2, 600] },
      { shape: [3], values: weights },
    ];
    const { outputs } = await evaluate({ inputs, build: (...[l, w]) => weightedMean(l!, w!) });
    return toNumbers(outputs[0]!)[0]!;
  };
  expect(await mean([1, 3, 0])).toBeCloseTo(1.75, 6);
  expect(await mean([0, 0, 0])).toBe(0);
});
