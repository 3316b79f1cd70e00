import { applyOne, type Value } from '../onnx';
import { div } from './div';
import { mul } from './mul';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = √x.  dx = dy/(2y). */
export const Sqrt = unaryOp('Sqrt', 13, {
  gradient: (dy, _x, y) => div(dy, mul(y, 2)),
  samples: unarySamples(sqrt, { low: 0.2, high: 3 }),
});

export function sqrt(x: Value): Value {
  return applyOne(Sqrt, [x]);
}
