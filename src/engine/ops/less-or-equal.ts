import { applyOne, type Value } from '../onnx';
import { binaryOp, type Operand, operands, pinned } from './support/elementwise';

/** Where a ≤ b. */
export const LessOrEqual = binaryOp('LessOrEqual', 16, {
  result: 'bool',
  samples: [
    pinned(
      'all cases',
      [
        { shape: [3], dtype: 'float', values: [1, 2, 3] },
        { shape: [3], dtype: 'float', values: [1, 1, 4] },
      ],
      { build: (a, b) => lessOrEqual(a, b), expected: [[1, 0, 1]] },
    ),
  ],
});

export function lessOrEqual(a: Operand, b: Operand): Value {
  return applyOne(LessOrEqual, operands(a, b));
}
