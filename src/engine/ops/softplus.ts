import { applyOne, type Value } from '../onnx';
import { mul } from './mul';
import { sigmoid } from './sigmoid';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = ln(1 + eˣ), without overflow.  dx = dy·σ(x). */
export const Softplus = unaryOp('Softplus', 1, {
  gradient: (dy, x) => mul(dy, sigmoid(x)),
  samples: unarySamples(softplus, { low: -3, high: 3, float32: true }),
});

export function softplus(x: Value): Value {
  return applyOne(Softplus, [x]);
}
