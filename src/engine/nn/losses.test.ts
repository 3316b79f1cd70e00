import { evaluate, gradientError } from '../../../test/support/central-differences';
import { gradients } from '../autodiff';
import { Graph, GraphError, tensorOf, toNumbers, type Value, writeModel } from '../onnx';
import { identity, reduceSum } from '../ops';
import { Session } from '../runtime';
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
} from './losses';

interface Computed {
  readonly loss: number[];
  readonly dLogits: number[];
}

/** A loss and the gradient of its sum with respect to the first input. */
async function compute(
  build: (...inputs: Value[]) => Value,
  inputs: readonly { shape: number[]; values: number[] }[],
): Promise<Computed> {
  const graph = new Graph();
  const ports = inputs.map(({ shape }, index) => graph.input(`x${index}`, 'float32', shape));
  const loss = build(...ports);
  graph.output('loss', identity(loss));
  const [gradient] = gradients(reduceSum(loss), [ports[0]!]);
  graph.output('dLogits', identity(gradient!));
  const session = await Session.create(writeModel(graph));
  const feeds = inputs.map(({ shape, values }, index) => [`x${index}`, tensorOf('float32', shape, values)]);
  const results = await session.run(Object.fromEntries(feeds) as Record<string, ReturnType<typeof tensorOf>>);
  await session.close();
  return { loss: toNumbers(results['loss']!), dLogits: toNumbers(results['dLogits']!) };
}

const vectors = (...lists: number[][]) => lists.map((values) => ({ shape: [values.length], values }));

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => {
    const wanted = expected[index]!;
    expect(Math.abs(value - wanted)).toBeLessThan(1e-5 * (1 + Math.abs(wanted)));
  });
}

const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** (1 − p)^γ·(−ln p) for the class whose logit is z, and its derivative. */
const focal = (z: number, gamma: number): number => sigmoid(-z) ** gamma * softplus(-z);
const dFocal = (z: number, gamma: number): number =>
  -(sigmoid(-z) ** gamma) * (gamma * sigmoid(z) * softplus(-z) + sigmoid(-z));

interface Formula {
  readonly build: (z: Value, y: Value) => Value;
  readonly loss: (z: number, y: number) => number;
  readonly dLogit: (z: number, y: number) => number;
}

const focalFormula = (gamma: number): Formula => ({
  build: (z, y) => focalLoss(z, y, gamma),
  loss: (z, y) => y * focal(z, gamma) + (1 - y) * focal(-z, gamma),
  dLogit: (z, y) => y * dFocal(z, gamma) - (1 - y) * dFocal(-z, gamma),
});

const formulas: Record<string, Formula> = {
  'binary cross-entropy': {
    build: binaryCrossEntropy,
    loss: (z, y) => softplus(z) - y * z,
    dLogit: (z, y) => sigmoid(z) - y,
  },
  'binary cross-entropy of smoothed labels': {
    build: (z, y) => binaryCrossEntropy(z, smoothLabels(y, 0.1)),
    loss: (z, y) => softplus(z) - (0.9 * y + 0.05) * z,
    dLogit: (z, y) => sigmoid(z) - (0.9 * y + 0.05),
  },
  'focal loss': focalFormula(2),
  'focal loss, fading slowly': focalFormula(0.5),
  'focal loss that does not fade': focalFormula(0),
  'hinge loss': {
    build: hingeLoss,
    loss: (z, y) => Math.max(0, 1 - (2 * y - 1) * z),
    dLogit: (z, y) => ((2 * y - 1) * z < 1 ? 1 - 2 * y : 0),
  },
  'squared error': {
    build: squaredError,
    loss: (z, y) => (z - y) ** 2,
    dLogit: (z, y) => 2 * (z - y),
  },
};

/** Right and wrong, unsure and sure beyond all measure, against hard and soft labels. */
const logits = [-1e4, -1e4, -500, -88, -30, -1.5, 0, 0.2, 2, 45, 89, 500, 1e4, 1e4];
const labels: Record<string, number[]> = {
  'labels of both classes': logits.map((_, index) => index % 2),
  'positives only': logits.map(() => 1),
  'negatives only': logits.map(() => 0),
  'soft labels': logits.map((_, index) => (index % 4) / 4 + 0.1),
};

describe.each(Object.entries(formulas))('%s', (_name, { build, loss, dLogit }) => {
  test.each(Object.entries(labels))('is its formula, and so is its gradient: %s', async (_labels, y) => {
    const computed = await compute(build, vectors(logits, y));
    expectClose(
      computed.loss,
      logits.map((z, index) => loss(z, y[index]!)),
    );
    expectClose(
      computed.dLogits,
      logits.map((z, index) => dLogit(z, y[index]!)),
    );
  });

  test('has the gradient of central differences', async () => {
    const inputs = vectors([-1.3, -0.4, 0.3, 1.7], [0, 1, 0.25, 1]);
    expect(await gradientError({ inputs, float32: true, build: (z, y) => build(z, y) })).toBeLessThan(3e-3);
  });
});

test('focal loss that does not fade is binary cross-entropy', async () => {
  const inputs = vectors(logits, labels['soft labels']!);
  const flat = await compute((z, y) => focalLoss(z, y, 0), inputs);
  const entropy = await compute((z, y) => binaryCrossEntropy(z, y), inputs);
  expectClose(flat.loss, entropy.loss);
  expectClose(flat.dLogits, entropy.dLogits);
});

describe('softmax cross-entropy', () => {
  const rows = (...lists: number[][]) => ({ shape: [lists.length, lists[0]!.length], values: lists.flat() });
  const ofRows = (z: Value, y: Value): Value => softmaxCrossEntropy(z, y);

  test('is −Σ y·ln softmax, its gradient softmax − y, however sure', async () => {
    const z = [
      [1, 2, 3],
      [-1, 0, 50],
      [1e4, -1e4, 0],
      [0, 0, 0],
    ];
    const y = [
      [0, 1, 0],
      [0, 0, 1],
      [0, 1, 0],
      [0.2, 0.3, 0.5],
    ];
    const { loss, dLogits } = await compute((a, b) => ofRows(a, b), [rows(...z), rows(...y)]);
    const logSum = z.map(
      (row) => Math.max(...row) + Math.log(row.reduce((s, v) => s + Math.exp(v - Math.max(...row)), 0)),
    );
    expectClose(
      loss,
      z.map((row, at) => row.reduce((s, v, c) => s - y[at]![c]! * (v - logSum[at]!), 0)),
    );
    expectClose(
      dLogits,
      z.flatMap((row, at) => row.map((v, c) => Math.exp(v - logSum[at]!) - y[at]![c]!)),
    );
  });

  test('with one class there is nothing to learn', async () => {
    const { loss, dLogits } = await compute((a, b) => ofRows(a, b), [rows([3], [-1e4]), rows([1], [1])]);
    expect([...loss, ...dLogits].map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  test('has the gradient of central differences', async () => {
    const inputs = [rows([1, 2, 0.5], [-1, 0, 1.5]), rows([0, 1, 0], [0.2, 0.3, 0.5])];
    const error = await gradientError({ inputs, float32: true, build: (a, b) => ofRows(a, b) });
    expect(error).toBeLessThan(3e-3);
  });
});

test('labels move towards all classes alike, and still add up to 1', async () => {
  const inputs = [{ shape: [2, 4], values: [0, 1, 0, 0, 0.5, 0.5, 0, 0] }];
  const { outputs } = await evaluate({ inputs, build: (y) => smoothLabels(y, 0.2, 4) });
  expectClose(toNumbers(outputs[0]!), [0.05, 0.85, 0.05, 0.05, 0.45, 0.45, 0.05, 0.05]);
});

describe('the weighted mean', () => {
  const mean = (losses: number[], weights: number[]): Promise<Computed> =>
    compute((l, w) => weightedMean(l, w), vectors(losses, weights));

  test('leaves out what has weight 0', async () => {
    const { loss, dLogits } = await mean([1, 2, 600], [1, 3, 0]);
    expectClose(loss, [1.75]);
    expectClose(dLogits, [0.25, 0.75, 0]);
  });

  test('of nothing but those is 0, and teaches nothing', async () => {
    const { loss, dLogits } = await mean([1, 2, 1e30], [0, 0, 0]);
    expect([...loss, ...dLogits]).toEqual([0, 0, 0, 0]);
  });

  test('by class counts positives as often as it says, with one class too', async () => {
    const weighted = (z: Value, y: Value): Value =>
      weightedMean(binaryCrossEntropy(z, y), classWeights(y, 3));
    const z = [0.5, -1, 2];
    const entropy = (y: number[]): number[] => z.map((v, at) => softplus(v) - y[at]! * v);
    const [a, b, c] = entropy([1, 0, 0]) as [number, number, number];
    const loss = async (y: number[]): Promise<number[]> =>
      (await compute((u, v) => weighted(u, v), vectors(z, y))).loss;
    expectClose(await loss([1, 0, 0]), [(3 * a + b + c) / 5]);
    for (const one of [0, 1]) {
      const y = z.map(() => one);
      expectClose(await loss(y), [entropy(y).reduce((s, v) => s + v) / 3]);
    }
  });
});

describe('several tasks', () => {
  test('add up, each with its weight', async () => {
    const { loss, dLogits } = await compute(
      (z) =>
        multiTask([
          { loss: reduceSum(z) },
          { loss: reduceSum(squaredError(z, z.graph.zeros('float32', [2]))), weight: 0.5 },
          { loss: reduceSum(z), weight: 0 },
        ]),
      vectors([1, 3]),
    );
    expectClose(loss, [4 + 0.5 * 10]);
    expectClose(dLogits, [2, 4]);
  });

  test('are scalars with weights that mean something', () => {
    const z = new Graph().input('z', 'float32', [2]);
    expect(() => multiTask([{ loss: z }])).toThrow(
      new GraphError("multiTask(z float32[2]): a task's loss is a scalar"),
    );
    for (const weight of [-1, NaN, Infinity])
      expect(() => multiTask([{ loss: reduceSum(z), weight }])).toThrow(`${weight} is no weight`);
    expect(() => multiTask([])).toThrow('multiTask: there is no task');
  });
});

test.each<[string, (z: Value, y: Value) => Value]>([
  ['binaryCrossEntropy', binaryCrossEntropy],
  ['focalLoss', focalLoss],
  ['hingeLoss', hingeLoss],
  ['squaredError', squaredError],
  ['softmaxCrossEntropy', softmaxCrossEntropy],
  ['weightedMean', weightedMean],
])('%s refuses labels of another shape instead of pairing all with all', (name, build) => {
  const graph = new Graph();
  const [z, y] = [graph.input('z', 'float32', ['N', 1]), graph.input('y', 'float32', ['N'])];
  expect(() => build(z, y)).toThrow(
    new GraphError(`${name}(z float32[N,1], y float32[N]): both must have one shape`),
  );
});
