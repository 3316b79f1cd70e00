import { applyOne, type Value } from '../onnx';
import { pinned, unaryOp } from './support/elementwise';

/** The largest whole number that is not above x. Flat between them: gradients stop here. */
export const Floor = unaryOp('Floor', 13, {
  gradient: () => null,
  samples: [
    pinned('both sides of zero', [{ shape: [4], values: [-1.5, -0.25, 0.5, 2] }], {
      build: (x) => floor(x),
      expected: [[-2, -1, 0, 2]],
    }),
  ],
});

export function floor(x: Value): Value {
  return applyOne(Floor, [x]);
}
