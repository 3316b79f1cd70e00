import { applyOne, type Value } from '../onnx';
import { binaryOp, type Operand, operands, pinned } from './support/elementwise';

/** Where either holds. */
export const Or = binaryOp('Or', 7, {
  accepts: ['bool'],
  result: 'bool',
  samples: [
    pinned(
      'all cases',
      [
        { shape: [4], dtype: 'bool', values: [0, 0, 1, 1] },
        { shape: [4], dtype: 'bool', values: [0, 1, 0, 1] },
      ],
      { build: (a, b) => or(a, b), expected: [[0, 1, 1, 1]] },
    ),
  ],
});

export function or(a: Operand, b: Operand): Value {
  return applyOne(Or, operands(a, b));
}
