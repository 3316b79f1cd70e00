import { type Tensor } from '../../src/engine/onnx';
import { type Device } from '../../src/engine/runtime';
import { NetworkProgram } from '../../src/learning/training/network-program';
import { type Computed, type DeviceCase, GRADIENTS, type Result, VALUES } from './device-case';
import { drawExamples, type Preset, presets } from './presets';
import { fullChunk } from '../../test/support/full-chunk';

const STEPS = 10;
/** Adam moves a weight by the whole rate however small its gradient: where that is noise, so is the way it goes. */
const WEIGHTS = 1e-2;

/** Every preset of every domain: logits, loss and gradients of a step, and where ten steps arrive. */
export function presetCases(): DeviceCase[] {
  return presets().map((preset) => ({
    kind: 'preset',
    name: `${preset.slug} ${preset.size}`,
    size: preset.size === 'tiny' ? 'small' : 'large',
    compute: (device) => train(preset, device),
  }));
}

/** A model's logits, loss and gradients of a step, and where ten steps arrive. */
export async function train(
  { model, shape }: Pick<Preset, 'model' | 'shape'>,
  device: Device,
): Promise<Computed> {
  const { batchSize } = model;
  const examples = drawExamples(shape, batchSize * STEPS);
  const program = await NetworkProgram.compile({
    model,
    shape,
    exampleCount: examples.count,
    device,
    threads: 1,
  });
  try {
    const rates = new Float32Array(STEPS).fill(model.learningRate);
    const start = program.state();
    const untrained = await program.predict(examples);
    const first = await program.train(
      fullChunk(shape, { examples, steps: 1, firstStep: 0, learningRates: rates }),
    );
    const afterOne = program.state();
    program.restore(start);
    const losses = await program.train(
      fullChunk(shape, { examples, steps: STEPS, firstStep: 0, learningRates: rates }),
    );
    return {
      'logits before training': vector(untrained, VALUES),
      'loss of the first step': vector(first, VALUES),
      // Adam's first moment after one step is the gradient, its second the gradient's square.
      ...named('after one step', afterOne, GRADIENTS),
      'losses of ten steps': vector(losses, GRADIENTS),
      ...named('after ten steps', program.state(), WEIGHTS),
      'logits after training': vector(await program.predict(examples), WEIGHTS),
    };
  } finally {
    await program.close();
  }
}

function named(
  when: string,
  tensors: ReturnType<NetworkProgram['state']>,
  tolerance: number,
): Record<string, Result> {
  return Object.fromEntries(tensors.map(({ name, data }) => [`${name} ${when}`, vector(data, tolerance)]));
}

function vector(data: Float32Array, tolerance: number): Result {
  const tensor: Tensor = { dtype: 'float32', shape: [data.length], data };
  return { tensor, tolerance };
}
