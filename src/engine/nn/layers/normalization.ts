import { type Value } from '../../onnx';
import { layerNormalization } from '../../ops';
import { ones, zeros } from '../initializers';
import { type Scope } from '../scope';

/** Each row brought to mean 0 and variance 1 over the last axis, then scaled and shifted. Ba et al. 2016. */
export function layerNorm(scope: Scope, x: Value): Value {
  const width = x.size(-1);
  const scale = scope.parameter('scale', [width], { initializer: ones });
  const bias = scope.parameter('bias', [width], { initializer: zeros });
  return layerNormalization(x, scale, { bias });
}
