import { applyOne, NUMBERS, type Value } from '../onnx';
import { mul } from './mul';
import { sign } from './sign';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = |x|.  dx = dy·sign x. */
export const Abs = unaryOp('Abs', 13, {
  accepts: NUMBERS,
  gradient: (dy, x) => mul(dy, sign(x)),
  samples: [...unarySamples(abs, { low: 0.1 }), ...unarySamples(abs, { high: -0.1 })],
});

export function abs(x: Value): Value {
  return applyOne(Abs, [x]);
}
