import { applyOne, type Value } from '../onnx';
import { cos } from './cos';
import { mul } from './mul';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = sin x.  dx = dy·cos x. */
export const Sin = unaryOp('Sin', 7, {
  gradient: (dy, x) => mul(dy, cos(x)),
  samples: unarySamples(sin, { low: -3, high: 3, float32: true }),
});

export function sin(x: Value): Value {
  return applyOne(Sin, [x]);
}
