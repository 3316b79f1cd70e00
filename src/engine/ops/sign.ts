import { applyOne, NUMBERS, type Value } from '../onnx';
import { pinned, unaryOp } from './support/elementwise';

/** y = −1, 0 or 1. Flat wherever it is differentiable: gradients stop here. */
export const Sign = unaryOp('Sign', 13, {
  accepts: NUMBERS,
  gradient: () => null,
  samples: [
    pinned('of each sign', [{ shape: [3], values: [-2, 0, 0.5] }], {
      build: (x) => sign(x),
      expected: [[-1, 0, 1]],
    }),
  ],
});

export function sign(x: Value): Value {
  return applyOne(Sign, [x]);
}
