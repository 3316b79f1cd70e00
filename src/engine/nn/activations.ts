import { type Value } from '../onnx';
import { add, div, erf, mul, relu, sigmoid, tanh } from '../ops';

/** x·Φ(x), with Φ the normal distribution function. Hendrycks and Gimpel 2016. */
export function gelu(x: Value): Value {
  return mul(mul(x, 0.5), add(erf(div(x, Math.SQRT2)), 1));
}

/** x·σ(x), also called swish. Elfwing et al. 2018. */
export function silu(x: Value): Value {
  return mul(x, sigmoid(x));
}

export const ACTIVATIONS = { relu, tanh, sigmoid, gelu, silu, linear: (x: Value): Value => x } as const;
export type Activation = keyof typeof ACTIVATIONS;
