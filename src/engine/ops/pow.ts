import { applyOne, type Value } from '../onnx';
import { log } from './log';
import { mul } from './mul';
import { sub } from './sub';
import { binaryOp, binarySamples, type Operand, operands } from './support/elementwise';

/** y = aᵇ.  da = dy·b·aᵇ⁻¹, db = dy·y·ln a (the gradient of the exponent holds for a > 0). */
export const Pow = binaryOp('Pow', 15, {
  gradient: (dy, { a, b, y }) => [mul(dy, mul(b, pow(a, sub(b, 1)))), mul(dy, mul(y, log(a)))],
  samples: [
    ...binarySamples(pow, { a: { low: 0.5, high: 2 }, b: { low: -2, high: 3 } }),
    {
      name: 'a whole power of numbers of both signs',
      inputs: [{ shape: [4], values: [-1.5, -0.25, 0, 2] }],
      build: (x) => pow(x, 3),
    },
  ],
});

export function pow(a: Operand, b: Operand): Value {
  return applyOne(Pow, operands(a, b));
}
