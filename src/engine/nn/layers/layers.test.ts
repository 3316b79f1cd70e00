import { drawInputs, gradientError } from '../../../../test/support/central-differences';
import { layerCases } from '../../../../test/support/layer-cases';
import { differentiable, distance, type LayerCase, runLayer } from '../../../../test/support/layers';
import { toNumbers } from '../../onnx';
import { dropout } from './dropout';

describe.each(Object.entries(layerCases))('%s', (_name, layer) => {
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
    const layer = layerCases[name]!;
    const [pooled] = await runLayer(layer, true, drawInputs({ float32: true, ...layer, build: () => [] }));
    expect(toNumbers(pooled!).slice(0, 2).map(Math.abs)).toEqual([0, 0]);
  }
});

test('a causal convolution does not look ahead', async () => {
  const layer = layerCases['conv1d, causal and dilated']!;
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
