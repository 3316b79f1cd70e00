import { applyOne, type Value } from '../onnx';
import { binaryOp, type Operand, operands, pinned } from './support/elementwise';

/** Where a > b. */
export const Greater = binaryOp('Greater', 13, {
  result: 'bool',
  samples: [
    pinned(
      'all cases',
      [
        { shape: [3], dtype: 'float', values: [1, 2, 3] },
        { shape: [3], dtype: 'float', values: [1, 1, 4] },
      ],
      { build: (a, b) => greater(a, b), expected: [[0, 1, 0]] },
    ),
  ],
});

export function greater(a: Operand, b: Operand): Value {
  return applyOne(Greater, operands(a, b));
}
