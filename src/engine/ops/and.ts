import { applyOne, type Value } from '../onnx';
import { binaryOp, type Operand, operands, pinned } from './support/elementwise';

/** Where both hold. */
export const And = binaryOp('And', 7, {
  accepts: ['bool'],
  result: 'bool',
  samples: [
    pinned(
      'all cases',
      [
        { shape: [4], dtype: 'bool', values: [0, 0, 1, 1] },
        { shape: [4], dtype: 'bool', values: [0, 1, 0, 1] },
      ],
      { build: (a, b) => and(a, b), expected: [[0, 0, 0, 1]] },
    ),
  ],
});

export function and(a: Operand, b: Operand): Value {
  return applyOne(And, operands(a, b));
}
