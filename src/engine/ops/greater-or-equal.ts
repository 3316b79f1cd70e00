import { applyOne, type Value } from '../onnx';
import { binaryOp, type Operand, operands, pinned } from './support/elementwise';

/** Where a ≥ b. */
export const GreaterOrEqual = binaryOp('GreaterOrEqual', 16, {
  result: 'bool',
  samples: [
    pinned(
      'all cases',
      [
        { shape: [3], dtype: 'float', values: [1, 2, 3] },
        { shape: [3], dtype: 'float', values: [1, 1, 4] },
      ],
      { build: (a, b) => greaterOrEqual(a, b), expected: [[1, 1, 0]] },
    ),
  ],
});

export function greaterOrEqual(a: Operand, b: Operand): Value {
  return applyOne(GreaterOrEqual, operands(a, b));
}
