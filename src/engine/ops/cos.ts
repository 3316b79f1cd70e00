import { applyOne, type Value } from '../onnx';
import { mul } from './mul';
import { neg } from './neg';
import { sin } from './sin';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = cos x.  dx = −dy·sin x. */
export const Cos = unaryOp('Cos', 7, {
  gradient: (dy, x) => neg(mul(dy, sin(x))),
  samples: unarySamples(cos, { low: -3, high: 3, float32: true }),
});

export function cos(x: Value): Value {
  return applyOne(Cos, [x]);
}
