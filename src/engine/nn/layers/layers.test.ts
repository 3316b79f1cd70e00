import { drawInputs, gradientError } from '../../../../test/support/central-differences';
import { differentiable, distance, type LayerCase, runLayer } from '../../../../test/support/layers';
import { toNumbers } from '../../onnx';
import { gelu, silu } from '../activations';
import { conv1d } from './conv1d';
import { dense } from './dense';
import { dropout } from './dropout';
import { embedding } from './embedding';
import { layerNorm } from './normalization';
import { lastStep, maskSequence, maxOverTime, meanOverTime } from './sequence';

const lengths = { shape: [4], dtype: 'int32', values: [0, 1, 3, 5] } as const;
const sequence = { shape: [5, 4, 2] };

const layers: Record<string, LayerCase> = {
  'dense over rows': { inputs: [{ shape: [3, 4] }], build: (scope, x) => dense(scope, x!, { units: 2 }) },
  'dense over a sequence': { inputs: [sequence], build: (scope, x) => dense(scope, x!, { units: 3 }) },
  'embedding of a batch of sequences': {
    inputs: [{ shape: [3, 2], dtype: 'int32', values: [0, 4, 4, 2, 1, 4] }],
    build: (scope, ids) => embedding(scope, ids!, { count: 5, width: 3 }),
  },
  'conv1d, same': {
    inputs: [sequence],
    build: (scope, x) => conv1d(scope, x!, { filters: 3, width: 3 }),
  },
  'conv1d, causal and dilated': {
    inputs: [sequence],
    build: (scope, x) => conv1d(scope, x!, { filters: 2, width: 2, dilation: 2, padding: 'causal' }),
  },
  'layer norm': { inputs: [{ shape: [3, 5] }], build: (scope, x) => layerNorm(scope, x!) },
  'mean over time': { inputs: [sequence, lengths], build: (_scope, x, n) => meanOverTime(x!, n!) },
  'max over time': { inputs: [sequence, lengths], build: (_scope, x, n) => maxOverTime(x!, n!) },
  'last step': { inputs: [sequence, lengths], build: (_scope, x, n) => lastStep(x!, n!) },
  'masked sequence': { inputs: [sequence, lengths], build: (_scope, x, n) => maskSequence(x!, n!) },
  gelu: { inputs: [{ shape: [5] }], build: (_scope, x) => gelu(x!) },
  silu: { inputs: [{ shape: [5] }], build: (_scope, x) => silu(x!) },
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
      build: (scope, x) => dropout(scope, x!, 0.5),
    };
    expect(await gradientError(differentiable(layer))).toBeLessThan(3e-3);
  });
});
