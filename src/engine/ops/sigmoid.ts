import { applyOne, type Value } from '../onnx';
import { mul } from './mul';
import { sub } from './sub';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = 1/(1 + e⁻ˣ).  dx = dy·y·(1 − y). */
export const Sigmoid = unaryOp('Sigmoid', 13, {
  gradient: (dy, _x, y) => mul(dy, mul(y, sub(1, y))),
  samples: unarySamples(sigmoid, { low: -4, high: 4 }),
});

export function sigmoid(x: Value): Value {
  return applyOne(Sigmoid, [x]);
}
