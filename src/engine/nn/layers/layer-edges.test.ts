import { drawInputs, gradientError } from '../../../../test/support/central-differences';
import { differentiable, distance, type LayerCase, runLayer } from '../../../../test/support/layers';
import { type Value } from '../../onnx';
import { relu } from '../../ops';
import { gelu, silu } from '../activations';
import { type Scope } from '../scope';
import {
  addPositions,
  attentionPooling,
  selfAttention,
  targetAttention,
  transformerBlock,
} from './attention';
import { batchNorm, sequenceBatchNorm } from './batch-norm';
import { conv1d } from './conv1d';
import { dense } from './dense';
import { dropout } from './dropout';
import { embedding } from './embedding';
import { layerNorm } from './normalization';
import { lastStep, maskSequence, maxOverTime, meanOverTime } from './sequence';
import { crossNetwork, embeddingBag, ensembleDense, piecewiseLinear } from './tabular';

/** T steps of B sequences with their lengths. */
interface Batch {
  readonly steps: number;
  readonly lengths: readonly number[];
  readonly width: number;
}

const batches: Record<string, Batch> = {
  'all lengths': { steps: 3, lengths: [0, 1, 2, 3], width: 4 },
  'full sequences': { steps: 3, lengths: [3, 3], width: 4 },
  'all padding': { steps: 3, lengths: [0, 0], width: 4 },
  'one sequence': { steps: 4, lengths: [3], width: 4 },
  'one empty sequence': { steps: 2, lengths: [0], width: 4 },
  'one step each, or none': { steps: 1, lengths: [1, 0, 1], width: 4 },
  'one step of one sequence': { steps: 1, lengths: [1], width: 4 },
  'one feature': { steps: 3, lengths: [2, 3], width: 1 },
  'many features': { steps: 2, lengths: [2, 1], width: 6 },
};

type SequenceLayer = (scope: Scope, x: Value, lengths: Value) => Value;

/** Of the width that all batches share: heads must divide it. */
const heads = (x: Value): number => (x.size(2) > 1 ? 2 : 1);

const sequenceLayers: Record<string, SequenceLayer> = {
  'dense over a sequence': (scope, x) => dense(scope, x, { units: 2 }),
  'conv1d, same': (scope, x) => conv1d(scope, x, { filters: 2, width: 3 }),
  'conv1d of even width': (scope, x) => conv1d(scope, x, { filters: 2, width: 2 }),
  'conv1d of width 1': (scope, x) => conv1d(scope, x, { filters: 2, width: 1 }),
  'conv1d, causal, wider than the sequence': (scope, x) =>
    conv1d(scope, x, { filters: 1, width: 3, dilation: 3, padding: 'causal' }),
  'layer norm over a sequence': (scope, x) => layerNorm(scope, x),
  'mean over time': (_scope, x, n) => meanOverTime(x, n),
  'max over time': (_scope, x, n) => maxOverTime(x, n),
  'last step': (_scope, x, n) => lastStep(x, n),
  'masked sequence': (_scope, x, n) => maskSequence(x, n),
  'self-attention': (scope, x, n) => maskSequence(selfAttention(scope, x, n, { heads: heads(x) }), n),
  'transformer block with positions': (scope, x, n) => {
    const placed = addPositions(scope.in('positions'), x);
    return maskSequence(transformerBlock(scope.in('block'), placed, n, { heads: heads(x), hidden: 3 }), n);
  },
  'attention pooling': (scope, x, n) => attentionPooling(scope, x, n, { units: 2 }),
};

/** Numbers that lie apart, in no order: a largest one stays the largest as it moves a little. */
function spread(shape: readonly number[]): number[] {
  const count = shape.reduce((a, b) => a * b, 1);
  return Array.from({ length: count }, (_, index) => (2 * ((index * 7) % count)) / count - 1);
}

function sequenceCase({ steps, lengths, width }: Batch, layer: SequenceLayer): LayerCase {
  const shape = [steps, lengths.length, width];
  return {
    inputs: [
      { shape, values: spread(shape) },
      { shape: [lengths.length], dtype: 'int32', values: lengths },
    ],
    build: (scope, x, n) => layer(scope, x, n),
  };
}

const sequenceCases = Object.entries(batches).flatMap(([batchName, batch]) => [
  ...Object.entries(sequenceLayers).map(([name, layer]) => ({
    name: `${name}, ${batchName}`,
    layer: sequenceCase(batch, layer),
  })),
  {
    name: `target attention, ${batchName}`,
    layer: {
      inputs: [
        ...sequenceCase(batch, (_scope, x) => x).inputs,
        { shape: [batch.lengths.length, batch.width] },
      ],
      build: (scope, x, n, candidate) =>
        targetAttention(scope, { x_TBE: x, lengths_B: n }, candidate, { units: 2 }),
    } satisfies LayerCase,
  },
]);

const rows = (shape: number[]) => ({ inputs: [{ shape }] });
const ids = (shape: number[], values: number[]) => ({ inputs: [{ shape, dtype: 'int32', values }] as const });

const rowCases: { name: string; layer: LayerCase }[] = [
  ...[[1, 3], [4, 1], [1, 1], [2, 1, 3], [3]].flatMap((shape): { name: string; layer: LayerCase }[] => [
    { name: `gelu of [${shape.join()}]`, layer: { ...rows(shape), build: (_scope, x) => gelu(x) } },
    { name: `silu of [${shape.join()}]`, layer: { ...rows(shape), build: (_scope, x) => silu(x) } },
    { name: `layer norm of [${shape.join()}]`, layer: { ...rows(shape), build: (s, x) => layerNorm(s, x) } },
  ]),
  ...[
    [1, 3],
    [4, 1],
    [1, 1],
  ].flatMap((shape): { name: string; layer: LayerCase }[] => [
    {
      name: `dense of [${shape.join()}]`,
      layer: { ...rows(shape), build: (s, x) => dense(s, x, { units: 2 }) },
    },
    {
      name: `dense to one unit without a bias, [${shape.join()}]`,
      layer: { ...rows(shape), build: (s, x) => dense(s, x, { units: 1, bias: false }) },
    },
    {
      name: `cross network of [${shape.join()}]`,
      layer: { ...rows(shape), build: (s, x) => crossNetwork(s, x, { layers: 1 }) },
    },
    {
      name: `no cross at all, [${shape.join()}]`,
      layer: { ...rows(shape), build: (s, x) => relu(crossNetwork(s, x, { layers: 0 })) },
    },
    {
      name: `an ensemble of one, [${shape.join()}]`,
      layer: { ...rows(shape), build: (s, x) => ensembleDense(s, x, { members: 1, units: 2 }) },
    },
    {
      name: `one bin per column, [${shape.join()}]`,
      layer: {
        ...rows(shape),
        build: (_scope, x) =>
          piecewiseLinear(
            x,
            Array.from({ length: x.size(1) }, () => [-0.5, 0.7]),
          ),
      },
    },
  ]),
  {
    name: 'an ensemble of three inputs of their own',
    layer: { ...rows([2, 3, 2]), build: (s, x) => ensembleDense(s, x, { members: 3, units: 2 }) },
  },
  {
    name: 'an ensemble whose members begin alike',
    layer: {
      ...rows([2, 3, 2]),
      build: (s, x) => ensembleDense(s, x, { members: 3, units: 2, apart: false }),
    },
  },
  {
    name: 'embedding of one id',
    layer: { ...ids([1], [2]), build: (s, x) => embedding(s, x, { count: 3, width: 2 }) },
  },
  {
    name: 'embedding of a scalar',
    layer: { ...ids([], [0]), build: (s, x) => embedding(s, x, { count: 1, width: 1 }) },
  },
  {
    name: 'embedding of one id many times',
    layer: {
      ...ids([2, 2, 2], Array<number>(8).fill(1)),
      build: (s, x) => embedding(s, x, { count: 2, width: 3 }),
    },
  },
  {
    name: 'empty bags only',
    layer: {
      ...ids([2, 3], Array<number>(6).fill(0)),
      build: (s, x) => embeddingBag(s, x, { count: 3, width: 2 }),
    },
  },
  {
    name: 'one bag of one',
    layer: { ...ids([1, 1], [2]), build: (s, x) => embeddingBag(s, x, { count: 3, width: 2 }) },
  },
  {
    name: 'a bag of the same thing thrice, beside an empty one',
    layer: {
      ...ids([2, 3], [1, 1, 1, 0, 0, 0]),
      build: (s, x) => embeddingBag(s, x, { count: 2, width: 2 }),
    },
  },
];

const trainingOnly: { name: string; layer: LayerCase }[] = [
  ...Object.entries(batches).map(([name, batch]) => ({
    name: `batch norm over sequences, ${name}`,
    layer: sequenceCase(batch, (scope, x, n) => sequenceBatchNorm(scope, x, n)),
  })),
  ...[
    [1, 3],
    [4, 1],
    [1, 1],
  ].map((shape) => ({
    name: `batch norm of [${shape.join()}]`,
    layer: { ...rows(shape), build: (scope, x) => batchNorm(scope, x) } satisfies LayerCase,
  })),
  ...[[1, 3], [4, 1], [2, 1, 3], [3]].map((shape) => ({
    name: `dropout of [${shape.join()}]`,
    layer: { ...rows(shape), build: (scope, x) => dropout(scope, x, 0.4) } satisfies LayerCase,
  })),
];

test.each([...sequenceCases, ...rowCases, ...trainingOnly])(
  '$name: the gradients are those of central differences',
  async ({ layer }) => {
    expect(await gradientError(differentiable(layer))).toBeLessThan(3e-3);
  },
);

test.each([...sequenceCases, ...rowCases])(
  '$name: inference computes what training does',
  async ({ layer }) => {
    const inputs = drawInputs({ float32: true, ...layer, build: () => [] });
    const [trained] = await runLayer(layer, true, inputs);
    const [inferred] = await runLayer(layer, false, inputs);
    expect(distance(trained!, inferred!)).toBeLessThan(1e-6);
  },
);
