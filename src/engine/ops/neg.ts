import { applyOne, NUMBERS, type Value } from '../onnx';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = −x.  dx = −dy. */
export const Neg = unaryOp('Neg', 13, {
  accepts: NUMBERS,
  gradient: (dy) => neg(dy),
  samples: unarySamples(neg),
});

export function neg(x: Value): Value {
  return applyOne(Neg, [x]);
}
