import { applyOne, NUMBERS, type Value } from '../onnx';
import { cast } from './cast';
import { greater } from './greater';
import { mul } from './mul';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = max(x, 0).  dx = dy where y > 0, else 0. */
export const Relu = unaryOp('Relu', 14, {
  accepts: NUMBERS,
  gradient: (dy, _x, y) => mul(dy, cast(greater(y, 0), dy.dtype)),
  samples: [...unarySamples(relu, { low: 0.1 }), ...unarySamples(relu, { high: -0.1 })],
});

export function relu(x: Value): Value {
  return applyOne(Relu, [x]);
}
