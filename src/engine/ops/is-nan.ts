import { applyOne, type Value } from '../onnx';
import { pinned, unaryOp } from './support/elementwise';

/** Where x is not a number. */
export const IsNaN = unaryOp('IsNaN', 13, {
  result: 'bool',
  samples: [
    pinned('one of three', [{ shape: [3], values: [1, NaN, Infinity] }], {
      build: (x) => isNaN(x),
      expected: [[0, 1, 0]],
    }),
  ],
});

export function isNaN(x: Value): Value {
  return applyOne(IsNaN, [x]);
}
