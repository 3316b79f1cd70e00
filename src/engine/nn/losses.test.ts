import { evaluate, gradientError } from '../../../test/support/central-differences';
import { lossCases, lossLabels, lossLogits } from '../../../test/support/loss-cases';
import { toNumbers } from '../onnx';
import { weightedMean } from './losses';

const formulas = {
  'binary cross-entropy': (z, y) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z,
  hinge: (z, y) => Math.max(0, 1 - (2 * y - 1) * z),
  'squared error': (z, y) => (z - y) ** 2,
  'smoothed labels': (z, y) => (z - (0.9 * y + 0.05)) ** 2,
  'class weights': (_z, y) => 1 + 2 * y,
} satisfies Partial<Record<keyof typeof lossCases, (z: number, y: number) => number>>;

test.each(Object.keys(formulas) as (keyof typeof formulas)[])('%s is its formula', async (name) => {
  const { outputs } = await evaluate(lossCases[name]);
  toNumbers(outputs[0]!).forEach((loss, index) => {
    const expected = formulas[name](lossLogits[index]!, lossLabels[index]!);
    expect(Math.abs(loss - expected)).toBeLessThan(1e-5 * (1 + Math.abs(expected)));
  });
});

test('focal loss is cross-entropy times (1 − p)²', async () => {
  const { outputs } = await evaluate(lossCases.focal);
  [0.7, 0.4].forEach((z, index) => {
    const p = 1 / (1 + Math.exp(-z));
    expect(toNumbers(outputs[0]!)[index]).toBeCloseTo((1 - p) ** 2 * -Math.log(p), 6);
  });
  expect(await gradientError(lossCases.focal)).toBeLessThan(3e-3);
});

test('softmax cross-entropy is the logarithm of the true class', async () => {
  const rows = lossCases['softmax cross-entropy'];
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
