import { applyOne, type Value } from '../onnx';
import { binaryOp, binarySamples, type Operand, operands } from './support/elementwise';

/** y = a + b.  da = dy, db = dy. */
export const Add = binaryOp('Add', 14, {
  gradient: (dy) => [dy, dy],
  samples: binarySamples(add),
});

export function add(a: Operand, b: Operand): Value {
  return applyOne(Add, operands(a, b));
}
