import { apply, type OpDefinition, type Value } from '../onnx';
import { namedInputs, type RecurrentInputs, recurrentSample, recurrentTypes } from './support/recurrent';

/**
 * Gates in the order i, o, f, c:  c = f·c + i·c̃,  h = o·tanh c.
 * The fused op, for inference: the layers have a gradient of their own. Beyond a sequence's length Y is 0.
 */
export const LSTM: OpDefinition = {
  opType: 'LSTM',
  sinceVersion: 14,
  inferTypes: (call) => recurrentTypes(call, 4, 2),
  gradient: null,
  samples: [
    {
      name: 'two lengths',
      inputs: recurrentSample(4),
      float32: true,
      build: (...inputs) => lstm(namedInputs(inputs), 2).all,
    },
  ],
};

/** @returns the states of all steps [T,1,B,H] and the last of each sequence [1,B,H]. */
export function lstm(inputs: RecurrentInputs, hidden: number): { all: Value; last: Value } {
  const { x_TBI, kernel, recurrent, bias, lengths_B } = inputs;
  const node = apply(LSTM, [x_TBI, kernel, recurrent, bias, lengths_B], {
    hidden_size: { int: hidden },
  });
  return { all: node.output(0), last: node.output(1) };
}
