import { applyOne, type Value } from '../onnx';
import { neg } from './neg';
import { binaryOp, binarySamples, type Operand, operands } from './support/elementwise';

/** y = a − b.  da = dy, db = −dy. */
export const Sub = binaryOp('Sub', 14, {
  gradient: (dy) => [dy, neg(dy)],
  samples: binarySamples(sub),
});

export function sub(a: Operand, b: Operand): Value {
  return applyOne(Sub, operands(a, b));
}
