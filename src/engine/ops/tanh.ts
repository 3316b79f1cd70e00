import { applyOne, type Value } from '../onnx';
import { mul } from './mul';
import { sub } from './sub';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = tanh x.  dx = dy·(1 − y²). */
export const Tanh = unaryOp('Tanh', 13, {
  gradient: (dy, _x, y) => mul(dy, sub(1, mul(y, y))),
  samples: unarySamples(tanh, { low: -2, high: 2 }),
});

export function tanh(x: Value): Value {
  return applyOne(Tanh, [x]);
}
