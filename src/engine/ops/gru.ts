import { apply, type OpDefinition, type Value } from '../onnx';
import { namedInputs, type RecurrentInputs, recurrentSample, recurrentTypes } from './support/recurrent';

/**
 * Gates in the order z, r, h; the reset gate acts after the recurrent product (`linear_before_reset`):
 * h̃ = tanh(x·Whᵀ + bw + r·(h·Rhᵀ + br)),  h = (1 − z)·h̃ + z·h.
 * The fused op, for inference: the layers have a gradient of their own. Beyond a sequence's length Y is 0.
 */
export const GRU: OpDefinition = {
  opType: 'GRU',
  sinceVersion: 14,
  inferTypes: (call) => recurrentTypes(call, 3, 1),
  gradient: null,
  samples: [
    {
      name: 'two lengths',
      inputs: recurrentSample(3),
      float32: true,
      build: (...inputs) => gru(namedInputs(inputs), 2).all,
    },
  ],
};

/** @returns the states of all steps [T,1,B,H] and the last of each sequence [1,B,H]. */
export function gru(inputs: RecurrentInputs, hidden: number): { all: Value; last: Value } {
  const { x_TBI, kernel, recurrent, bias, lengths_B } = inputs;
  const node = apply(GRU, [x_TBI, kernel, recurrent, bias, lengths_B], {
    linear_before_reset: { int: 1 },
    hidden_size: { int: hidden },
  });
  return { all: node.output(0), last: node.output(1) };
}
