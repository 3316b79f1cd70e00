import { applyOne, type Value } from '../onnx';
import { pinned, unaryOp } from './support/elementwise';

/** Logical negation. */
export const Not = unaryOp('Not', 1, {
  accepts: ['bool'],
  samples: [
    pinned('both', [{ shape: [2], dtype: 'bool', values: [0, 1] }], {
      build: (x) => not(x),
      expected: [[1, 0]],
    }),
  ],
});

export function not(x: Value): Value {
  return applyOne(Not, [x]);
}
