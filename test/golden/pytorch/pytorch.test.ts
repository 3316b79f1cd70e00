import {
  ACTIVATIONS,
  addPositions,
  attentionPooling,
  batchNorm,
  type CellKind,
  conv1d,
  crossNetwork,
  dense,
  dropout,
  embedding,
  embeddingBag,
  ensembleDense,
  lastStep,
  layerNorm,
  maskSequence,
  maxOverTime,
  meanOverTime,
  piecewiseLinear,
  recurrent,
  selfAttention,
  sequenceBatchNorm,
  targetAttention,
  transformerBlock,
} from '../../../src/engine/nn';
import { type Value } from '../../../src/engine/onnx';
import { add, concat, relu, unsqueeze } from '../../../src/engine/ops';
import { fixtures } from './fixtures';
import { type Build, checkGradients, checkInference, checkSteps } from './run-case';

/** A layer of as many inputs as it takes. */
const of =
  (build: (scope: Parameters<Build>[0], ...inputs: [Value, Value, Value]) => Value): Build =>
  (scope, inputs) =>
    build(scope, ...(inputs as [Value, Value, Value]));

/** The states of all steps, and after them the last ones. */
const recurrentCase = (cell: CellKind, bidirectional: boolean): Build =>
  of((scope, x, n) => {
    const { all, last } = recurrent(scope, x, n, { cell, units: 2, bidirectional });
    return concat([all, unsqueeze(last, [0])], 0);
  });

const builds: Record<string, Build> = {
  dense: of((scope, x) => dense(scope, x, { units: 2 })),
  'dense over sequences, without a bias': of((scope, x) => dense(scope, x, { units: 2, bias: false })),
  embedding: of((scope, ids) => embedding(scope, ids, { count: 5, width: 2 })),
  'bag of embeddings': of((scope, ids) => embeddingBag(scope, ids, { count: 4, width: 2 })),
  relu: of((_scope, x) => ACTIVATIONS.relu(x)),
  tanh: of((_scope, x) => ACTIVATIONS.tanh(x)),
  sigmoid: of((_scope, x) => ACTIVATIONS.sigmoid(x)),
  gelu: of((_scope, x) => ACTIVATIONS.gelu(x)),
  silu: of((_scope, x) => ACTIVATIONS.silu(x)),
  'layer norm': of(layerNorm),
  'layer norm over sequences': of(layerNorm),
  'batch norm': of((scope, x) => batchNorm(scope, x)),
  'batch norm, inference': of((scope, x) => batchNorm(scope, x)),
  dropout: of((scope, x) => dropout(scope, x, 0.25)),
  residual: of((scope, x) =>
    add(x, relu(dense(scope.in('dense'), layerNorm(scope.in('norm'), x), { units: 4 }))),
  ),
  'conv1d, same': of((scope, x) => conv1d(scope, x, { filters: 2, width: 3 })),
  'conv1d, same, of even width': of((scope, x) => conv1d(scope, x, { filters: 2, width: 4 })),
  'conv1d, same and dilated': of((scope, x) => conv1d(scope, x, { filters: 2, width: 3, dilation: 2 })),
  'conv1d, causal': of((scope, x) => conv1d(scope, x, { filters: 2, width: 3, padding: 'causal' })),
  'conv1d, causal and dilated': of((scope, x) =>
    conv1d(scope, x, { filters: 2, width: 2, dilation: 2, padding: 'causal' }),
  ),
  'conv1d, of one step': of((scope, x) => conv1d(scope, x, { filters: 2, width: 3, padding: 'causal' })),
  'masked sequence': of((_scope, x, n) => maskSequence(x, n)),
  'mean over time': of((_scope, x, n) => meanOverTime(x, n)),
  'max over time': of((_scope, x, n) => maxOverTime(x, n)),
  'last step': of((_scope, x, n) => lastStep(x, n)),
  rnn: recurrentCase('rnn', false),
  'rnn, both ways': recurrentCase('rnn', true),
  gru: recurrentCase('gru', false),
  'gru, both ways': recurrentCase('gru', true),
  lstm: recurrentCase('lstm', false),
  'lstm, both ways': recurrentCase('lstm', true),
  'batch norm over sequences': of((scope, x, n) => sequenceBatchNorm(scope, x, n)),
  'self-attention': of((scope, x, n) => maskSequence(selfAttention(scope, x, n, { heads: 2 }), n)),
  'transformer block with positions': of((scope, x, n) => {
    const placed = addPositions(scope.in('positions'), x);
    return maskSequence(transformerBlock(scope.in('block'), placed, n, { heads: 2, hidden: 6 }), n);
  }),
  'attention pooling': of((scope, x, n) => attentionPooling(scope, x, n, { units: 3 })),
  'target attention': of((scope, x, n, candidate) =>
    targetAttention(scope, { x_TBE: x, lengths_B: n }, candidate, { units: 3 }),
  ),
  'cross network': of((scope, x) => crossNetwork(scope, x, { layers: 2 })),
  'piecewise-linear encoding': of((_scope, x) =>
    piecewiseLinear(x, [
      [-1, 0, 1],
      [0, 0.5, 1.25],
    ]),
  ),
  'ensemble of dense layers': of((scope, x) => {
    const first = ensembleDense(scope.in('0'), x, { members: 3, units: 2 });
    return ensembleDense(scope.in('1'), first, { members: 3, units: 1 });
  }),
};

/** What differs between training and inference by design. */
const DIFFERS = new Set(['dropout', 'batch norm', 'batch norm over sequences']);

test('every layer that PyTorch computed is checked, and no other', () => {
  expect(fixtures.layers.map(({ name }) => name).sort()).toEqual(Object.keys(builds).sort());
});

test.each(fixtures.layers)("$name has PyTorch's output and gradients", async (fixture) => {
  await checkGradients(fixture, builds[fixture.name]!);
});

test.each(fixtures.layers.filter(({ name }) => !DIFFERS.has(name)))(
  "$name has PyTorch's output in inference",
  async (fixture) => {
    await checkInference(fixture, builds[fixture.name]!);
  },
);

const stepped = fixtures.layers.flatMap((fixture): Parameters<typeof checkSteps>[0][] =>
  fixture.steps ? [{ ...fixture, steps: fixture.steps }] : [],
);

test.each(stepped)('$name arrives where PyTorch does after ten steps', async (fixture) => {
  await checkSteps(fixture, builds[fixture.name]!);
});

test('only what is not trained, or draws its own noise, has no steps', () => {
  const without = fixtures.layers.filter(({ steps }) => !steps);
  expect(without.map(({ name }) => name)).toEqual(['batch norm, inference', 'dropout']);
});
