import { gradients } from '../../../src/engine/autodiff';
import { Graph, isFloat, type Tensor, tensorOf, type Value, writeModel } from '../../../src/engine/onnx';
import {
  adam,
  binaryCrossEntropy,
  conv1d,
  dense,
  embedding,
  gelu,
  layerNorm,
  maskSequence,
  recurrent,
  type Scope,
  selfAttention,
  sgd,
  silu,
  valueScope,
  weightedMean,
  zeros,
} from '../../../src/engine/nn';
import { mul, reduceSum } from '../../../src/engine/ops';
import { Session } from '../../../src/engine/runtime';
import { TrainingProgram, type TrainingRecipe } from '../../../src/engine/training';
import fixtures from './fixtures.json';

interface Packed {
  dtype: string;
  shape: number[];
  data: number[];
}
const unpack = ({ dtype, shape, data }: Packed): Tensor => tensorOf(dtype as 'float32', shape, data);

const lengths = (x: Value): Value => x.graph.constant(tensorOf('int32', [3], [4, 1, 2]));
const vector = (x: Value, data: number[]): Value =>
  x.graph.constant(tensorOf('float32', [data.length], data));

const builds: Record<string, (scope: Scope, x: Value, lengths: Value) => Value> = {
  dense: (scope, x) => dense(scope, x, { units: 2 }),
  'layer norm': layerNorm,
  embedding: (scope, ids) => embedding(scope, ids, { count: 5, width: 2 }),
  gelu: (_scope, x) => gelu(x),
  silu: (_scope, x) => silu(x),
  'binary cross-entropy': (_scope, z) =>
    weightedMean(binaryCrossEntropy(z, vector(z, [1, 0, 0.5, 1])), vector(z, [1, 2, 0, 0.5])),
  'conv1d, same': (scope, x) => conv1d(scope, x, { filters: 2, width: 3 }),
  'conv1d, causal and dilated': (scope, x) =>
    conv1d(scope, x, { filters: 2, width: 2, dilation: 2, padding: 'causal' }),
  rnn: (scope, x, n) => recurrent(scope, x, n, { cell: 'rnn', units: 2 }).all,
  gru: (scope, x, n) => recurrent(scope, x, n, { cell: 'gru', units: 2 }).all,
  lstm: (scope, x, n) => recurrent(scope, x, n, { cell: 'lstm', units: 2 }).all,
  'self-attention': (scope, x) => maskSequence(selfAttention(scope, x, lengths(x), { heads: 2 }), lengths(x)),
};

/**
 * Largest difference relative to the largest number. The floor is for gradients that are zero in exact arithmetic
 * (a bias before a softmax): rounding noise here as there.
 */
function relativeError(actual: Tensor, expected: Packed): number {
  const scale = Math.max(0.01, ...expected.data.map(Math.abs));
  return Math.max(
    ...expected.data.map((value, index) => Math.abs(value - Number(actual.data[index])) / scale),
  );
}

test.each(fixtures.layers)("$name has PyTorch's outputs and gradients", async (fixture) => {
  const graph = new Graph();
  const inputs = fixture.inputs.map((packed, index) => {
    const { dtype, shape } = unpack(packed);
    return graph.input(`x${index}`, dtype, shape);
  });
  const parameters = new Map(
    Object.entries<Packed>(fixture.parameters).map(([name, { shape }]) => [
      name,
      graph.input(name, 'float32', shape),
    ]),
  );
  const output = builds[fixture.name]!(valueScope(true, { parameters }), inputs[0]!, inputs[1]!);
  graph.output('y', output);
  const loss = reduceSum(mul(output, graph.constant(unpack(fixture.upstream))));
  const expected: [string, Value, Packed][] = [
    ...inputs
      .filter((input) => isFloat(input.dtype))
      .map((input, index): [string, Value, Packed] => [
        `d${input.name}`,
        input,
        fixture.inputGradients[index]!,
      ]),
    ...Object.entries<Packed>(fixture.parameterGradients).map(([name, packed]): [string, Value, Packed] => [
      `d.${name}`,
      parameters.get(name)!,
      packed,
    ]),
  ];
  const found = gradients(
    loss,
    expected.map(([, value]) => value),
  );
  expected.forEach(([name], index) => {
    graph.output(name, mul(found[index]!, 1));
  });
  const session = await Session.create(writeModel(graph));
  const results = await session.run(
    Object.fromEntries([
      ...fixture.inputs.map((packed, index) => [`x${index}`, unpack(packed)]),
      ...Object.entries<Packed>(fixture.parameters).map(([name, packed]) => [name, unpack(packed)]),
    ]) as Record<string, Tensor>,
  );
  await session.close();
  expect(relativeError(results['y']!, fixture.output)).toBeLessThan(1e-5);
  for (const [name, , packed] of expected) expect(relativeError(results[name]!, packed)).toBeLessThan(1e-5);
});

const recipes: Record<
  string,
  Partial<TrainingRecipe<'gradient'>> & Pick<TrainingRecipe<'gradient'>, 'optimizer'>
> = {
  sgd: { optimizer: sgd() },
  'sgd with momentum': { optimizer: sgd({ momentum: 0.9 }) },
  adam: { optimizer: adam() },
  'adam with l2': { optimizer: adam(), l2: 0.1 },
  adamw: { optimizer: adam(), weightDecay: 0.1 },
  'adam, clipped': { optimizer: adam(), clipNorm: 1 },
};

test.each(fixtures.optimizers)('$name arrives where PyTorch does after ten steps', async (fixture) => {
  const program = await TrainingProgram.compile(
    {
      inputs: { gradient: { dtype: 'float32', shape: [6] } },
      // A loss whose gradient is the one given.
      loss: (scope, { gradient }) =>
        reduceSum(mul(gradient, scope.parameter('p', [6], { initializer: zeros, decays: true }))),
      ...recipes[fixture.name]!,
    },
    { seed: 1 },
  );
  const start = new Map([['p', unpack(fixture.start) as Tensor<'float32'>]]);
  const { state } = await program.run(program.initialState(1, start), {
    steps: 10,
    inputs: { gradient: Float32Array.from(fixture.gradients.data) },
    learningRates: fixture.rates,
  });
  expect(relativeError(program.weights(state).get('p')!, fixture.end)).toBeLessThan(1e-5);
});
