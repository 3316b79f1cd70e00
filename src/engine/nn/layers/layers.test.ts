import { drawInputs, gradientError } from '../../../../test/support/central-differences';
import { differentiable, distance, type LayerCase, runLayer } from '../../../../test/support/layers';
import { toNumbers } from '../../onnx';
import { gelu, silu } from '../activations';
import {
  addPositions,
  attentionPooling,
  selfAttention,
  targetAttention,
  transformerBlock,
} from './attention';
import { conv1d } from './conv1d';
import { dense } from './dense';
import { dropout } from './dropout';
import { embedding } from './embedding';
import { layerNorm } from './normalization';
import { crossNetwork, embeddingBag, ensembleDense, piecewiseLinear } from './tabular';
import { lastStep, maskSequence, maxOverTime, meanOverTime } from './sequence';

const lengths = { shape: [4], dtype: 'int32', values: [0, 1, 3, 5] } as const;
const sequence = { shape: [5, 4, 2] };

const layers: Record<string, LayerCase> = {
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
  gelu: { inputs: [{ shape: [5] }], build: (_scope, x) => gelu(x) },
  silu: { inputs: [{ shape: [5] }], build: (_scope, x) => silu(x) },
};

describe.each(Object.entries(layers))('%s', (_name, layer) => {
  test('the gradients are those of central differences', async () => {
    expect(await gradientError(differentiable(layer))).toBeLessThan(3e-3);
  });

  test('inference computes what training does', async () => {
    const inputs = drawInputs({ float32: true, ...layer, build: () => [] });
    const [trained] = await runLayer(layer, true, inputs);
    const [inferred] = await runLayer(layer, false, inputs);
    expect(distance(trained!, inferred!)).toBeLessThan(1e-6);
  });
});

test('pooling an empty sequence gives zeros', async () => {
  for (const name of ['mean over time', 'max over time', 'last step']) {
    const layer = layers[name]!;
    const [pooled] = await runLayer(layer, true, drawInputs({ float32: true, ...layer, build: () => [] }));
    expect(toNumbers(pooled!).slice(0, 2).map(Math.abs)).toEqual([0, 0]);
  }
});

test('a causal convolution does not look ahead', async () => {
  const layer = layers['conv1d, causal and dilated']!;
  const [x] = drawInputs({ float32: true, ...layer, build: () => [] });
  const [before] = await runLayer(layer, true, [x!]);
  const changed = (x!.data as Float32Array).slice();
  changed.fill(9, 4 * 8); // the last step of all sequences
  const [after] = await runLayer(layer, true, [{ ...x!, data: changed } as typeof x & object]);
  expect(toNumbers(after!).slice(0, 4 * 8)).toEqual(toNumbers(before!).slice(0, 4 * 8));
});

describe('dropout', () => {
  test('the gradient passes where the value passes', async () => {
    const layer: LayerCase = {
      inputs: [{ shape: [4, 6] }],
      build: (scope, x) => dropout(scope, x, 0.5),
    };
    expect(await gradientError(differentiable(layer))).toBeLessThan(3e-3);
  });
});
