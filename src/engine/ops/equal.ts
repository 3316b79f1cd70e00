import { applyOne, NUMBERS, type Value } from '../onnx';
import { binaryOp, type Operand, operands, pinned } from './support/elementwise';

/** Where a = b. */
export const Equal = binaryOp('Equal', 13, {
  accepts: [...NUMBERS, 'bool'],
  result: 'bool',
  samples: [
    pinned(
      'all cases',
      [
        { shape: [3], dtype: 'int64', values: [1, 2, 3] },
        { shape: [3], dtype: 'int64', values: [1, 1, 4] },
      ],
      { build: (a, b) => equal(a, b), expected: [[1, 0, 0]] },
    ),
  ],
});

export function equal(a: Operand, b: Operand): Value {
  return applyOne(Equal, operands(a, b));
}
