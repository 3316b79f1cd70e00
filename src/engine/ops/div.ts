import { applyOne, type Value } from '../onnx';
import { mul } from './mul';
import { neg } from './neg';
import { binaryOp, binarySamples, type Operand, operands } from './support/elementwise';

/** y = a/b.  da = dy/b, db = −dy·y/b. */
export const Div = binaryOp('Div', 14, {
  gradient: (dy, { b, y }) => [div(dy, b), neg(div(mul(dy, y), b))],
  samples: binarySamples(div, { b: { low: 0.5, high: 2 } }),
});

export function div(a: Operand, b: Operand): Value {
  return applyOne(Div, operands(a, b));
}
