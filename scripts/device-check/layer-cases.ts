import { dropout } from '../../src/engine/nn';
import { type Device } from '../../src/engine/runtime';
import { drawInputs, sampleGraph, withGradients } from '../../test/support/central-differences';
import { batchNormCases, layerCases as layers, recurrentCase } from '../../test/support/layer-cases';
import { differentiable, type LayerCase, runLayer } from '../../test/support/layers';
import { lossCases as losses } from '../../test/support/loss-cases';
import { type Computed, type DeviceCase, VALUES } from './device-case';
import { run } from './op-cases';

/** Every layer: its training form with all gradients, and its inference form, which has fused ops. */
export function layerCases(): DeviceCase[] {
  const recurrent = (['rnn', 'gru', 'lstm'] as const).flatMap((cell) => [
    [cell, recurrentCase(cell, false)] as const,
    [`${cell}, both ways`, recurrentCase(cell, true)] as const,
  ]);
  const inBothForms = [...Object.entries(layers), ...Object.entries(batchNormCases), ...recurrent].map(
    ([name, layer]) => ({
      ...trainingForm(name, layer),
      async compute(device: Device): Promise<Computed> {
        const inputs = drawInputs({ float32: true, ...layer, build: () => [] });
        const inferred = await runLayer(layer, false, inputs, { device });
        return {
          ...(await trainingForm(name, layer).compute(device)),
          ...Object.fromEntries(
            inferred.map((tensor, index) => [`inferred ${index}`, { tensor, tolerance: VALUES }]),
          ),
        };
      },
    }),
  );
  const noisy: LayerCase = { inputs: [{ shape: [4, 6] }], build: (scope, x) => dropout(scope, x, 0.5) };
  return [...inBothForms, trainingForm('dropout', noisy)];
}

function trainingForm(name: string, layer: LayerCase): DeviceCase {
  return {
    kind: 'layer',
    name,
    size: 'small',
    compute: (device) => run(withGradients(sampleGraph(differentiable(layer))), device),
  };
}

export function lossCases(): DeviceCase[] {
  return Object.entries(losses).map(([name, loss]) => ({
    kind: 'loss',
    name,
    size: 'small',
    compute: (device) => run(withGradients(sampleGraph(loss)), device),
  }));
}
