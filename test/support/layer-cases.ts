import {
  addPositions,
  attentionPooling,
  batchNorm,
  type CellKind,
  conv1d,
  crossNetwork,
  dense,
  embedding,
  embeddingBag,
  ensembleDense,
  gelu,
  lastStep,
  layerNorm,
  maskSequence,
  maxOverTime,
  meanOverTime,
  piecewiseLinear,
  recurrent,
  selfAttention,
  sequenceBatchNorm,
  silu,
  targetAttention,
  transformerBlock,
} from '../../src/engine/nn';
import { type LayerCase } from './layers';

const lengths = { shape: [4], dtype: 'int32', values: [0, 1, 3, 5] } as const;
const sequence = { shape: [5, 4, 2] };

/** Every layer on small inputs, sequences of all lengths among them. */
export const layerCases: Record<string, LayerCase> = {
  'dense over rows': { inputs: [{ shape: [3, 4] }], build: (scope, x) => dense(scope, x, { units: 2 }) },
  'dense over a sequence': { inputs: [sequence], build: (scope, x) => dense(scope, x, { units: 3 }) },
  'embedding of a batch of sequences': {
    inputs: [{ shape: [3, 2], dtype: 'int32', values: [0, 4, 4, 2, 1, 4] }],
    build: (scope, ids) => embedding(scope, ids, { count: 5, width: 3 }),
  },
  'conv1d, same': {
    inputs: [sequence],
    build: (scope, x) => conv1d(scope, x, { filters: 3, width: 3 }),
  },
  'conv1d, causal and dilated': {
    inputs: [sequence],
    build: (scope, x) => conv1d(scope, x, { filters: 2, width: 2, dilation: 2, padding: 'causal' }),
  },
  'layer norm': { inputs: [{ shape: [3, 5] }], build: (scope, x) => layerNorm(scope, x) },
  'mean over time': { inputs: [sequence, lengths], build: (_scope, x, n) => meanOverTime(x, n) },
  'max over time': { inputs: [sequence, lengths], build: (_scope, x, n) => maxOverTime(x, n) },
  'last step': { inputs: [sequence, lengths], build: (_scope, x, n) => lastStep(x, n) },
  'masked sequence': { inputs: [sequence, lengths], build: (_scope, x, n) => maskSequence(x, n) },
  'self-attention': {
    inputs: [{ shape: [5, 4, 4] }, lengths],
    build: (scope, x, n) => maskSequence(selfAttention(scope, x, n, { heads: 2 }), n),
  },
  'transformer block with positions': {
    inputs: [{ shape: [5, 4, 4] }, lengths],
    build: (scope, x, n) => {
      const placed = addPositions(scope.in('positions'), x);
      return meanOverTime(transformerBlock(scope.in('block'), placed, n, { heads: 2, hidden: 6 }), n);
    },
  },
  'positions from a table of more steps': {
    inputs: [sequence],
    build: (scope, x) => addPositions(scope, x, { maxLength: 7 }),
  },
  'attention pooling': {
    inputs: [sequence, lengths],
    build: (scope, x, n) => attentionPooling(scope, x, n, { units: 3 }),
  },
  'target attention': {
    inputs: [sequence, lengths, { shape: [4, 2] }],
    build: (scope, x, n, candidate) =>
      targetAttention(scope, { x_TBE: x, lengths_B: n }, candidate, { units: 3 }),
  },
  'cross network': {
    inputs: [{ shape: [3, 4] }],
    build: (scope, x) => crossNetwork(scope, x, { layers: 2 }),
  },
  'piecewise-linear encoding': {
    inputs: [{ shape: [3, 2], values: [-0.7, 0.1, 0.4, 0.9, 3, -2] }],
    build: (_scope, x) =>
      piecewiseLinear(x, [
        [-1, 0, 1],
        [0, 0.5, 2],
      ]),
  },
  'ensemble of dense layers': {
    inputs: [{ shape: [3, 4] }],
    build: (scope, x) => {
      const first = ensembleDense(scope.in('0'), x, { members: 2, units: 3 });
      return ensembleDense(scope.in('1'), first, { members: 2, units: 1 });
    },
  },
  'bag of embeddings': {
    inputs: [{ shape: [3, 3], dtype: 'int32', values: [1, 3, 1, 0, 0, 0, 2, 0, 0] }],
    build: (scope, ids) => embeddingBag(scope, ids, { count: 4, width: 2 }),
  },
  'summed bags of a batch of sequences': {
    inputs: [{ shape: [2, 2, 3], dtype: 'int32', values: [1, 3, 1, 0, 0, 0, 0, 2, 0, 3, 3, 3] }],
    build: (scope, ids) => embeddingBag(scope, ids, { count: 4, width: 2, pooling: 'sum' }),
  },
  gelu: { inputs: [{ shape: [5] }], build: (_scope, x) => gelu(x) },
  silu: { inputs: [{ shape: [5] }], build: (_scope, x) => silu(x) },
};

const T = 4;

/** One sequence of every length, 0 and T among them; gives the states of all steps and the last ones. */
export function recurrentCase(cell: CellKind, bidirectional: boolean): LayerCase {
  return {
    inputs: [{ shape: [T, T + 1, 3] }, { shape: [T + 1], dtype: 'int32', values: [0, 1, 2, 3, 4] }],
    build: (scope, x, n) => {
      const { all, last } = recurrent(scope, x, n, { cell, units: 2, bidirectional });
      return [all, last];
    },
  };
}

const ofLengths = (values: number[]) => ({ shape: [values.length], dtype: 'int32', values }) as const;
const overTime: LayerCase['build'] = (scope, x, n) => sequenceBatchNorm(scope, x, n);

/** Apart, because in inference they compute something else than in training: with the running statistics. */
export const batchNormCases: Record<string, LayerCase> = {
  'batch norm': { inputs: [{ shape: [5, 3] }], build: (scope, x) => batchNorm(scope, x) },
  'batch norm of two': {
    inputs: [{ shape: [2, 2], values: [1, -1, 0.2, 0.7] }],
    build: (scope, x) => batchNorm(scope, x),
  },
  'batch norm of one': { inputs: [{ shape: [1, 3] }], build: (scope, x) => batchNorm(scope, x) },
  'batch norm over time, all lengths': {
    inputs: [{ shape: [3, 4, 2] }, ofLengths([0, 1, 2, 3])],
    build: overTime,
  },
  'batch norm over time, one valid step': {
    inputs: [{ shape: [2, 2, 2] }, ofLengths([0, 1])],
    build: overTime,
  },
  'batch norm over time, nothing but padding': {
    inputs: [{ shape: [2, 3, 2] }, ofLengths([0, 0, 0])],
    build: overTime,
  },
  'batch norm over time, full sequences': {
    inputs: [{ shape: [2, 3, 2] }, ofLengths([2, 2, 2])],
    build: overTime,
  },
};
