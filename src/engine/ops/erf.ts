import { applyOne, type Value } from '../onnx';
import { exp } from './exp';
import { mul } from './mul';
import { neg } from './neg';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = (2/√π)∫₀ˣ e^(−t²)dt.  dx = dy·(2/√π)·e^(−x²). */
export const Erf = unaryOp('Erf', 13, {
  gradient: (dy, x) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
  samples: unarySamples(erf, { low: -2, high: 2, float32: true }),
});

export function erf(x: Value): Value {
  return applyOne(Erf, [x]);
}
