import { applyOne, type Value } from '../onnx';
import { mul } from './mul';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = eˣ.  dx = dy·y. */
export const Exp = unaryOp('Exp', 13, {
  gradient: (dy, _x, y) => mul(dy, y),
  samples: unarySamples(exp),
});

export function exp(x: Value): Value {
  return applyOne(Exp, [x]);
}
