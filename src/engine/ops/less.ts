import { applyOne, type Value } from '../onnx';
import { binaryOp, type Operand, operands, pinned } from './support/elementwise';

/** Where a < b. */
export const Less = binaryOp('Less', 13, {
  result: 'bool',
  samples: [
    pinned(
      'all cases',
      [
        { shape: [3], dtype: 'float', values: [1, 2, 3] },
        { shape: [3], dtype: 'float', values: [1, 1, 4] },
      ],
      { build: (a, b) => less(a, b), expected: [[0, 0, 1]] },
    ),
  ],
});

export function less(a: Operand, b: Operand): Value {
  return applyOne(Less, operands(a, b));
}
