import { applyOne, type Value } from '../onnx';
import { binaryOp, binarySamples, type Operand, operands } from './support/elementwise';

/** y = a·b.  da = dy·b, db = dy·a. */
export const Mul = binaryOp('Mul', 14, {
  gradient: (dy, { a, b }) => [mul(dy, b), mul(dy, a)],
  samples: binarySamples(mul),
});

export function mul(a: Operand, b: Operand): Value {
  return applyOne(Mul, operands(a, b));
}
