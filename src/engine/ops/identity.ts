import { applyOne, type DType, ELEMENT_TYPE, type Value } from '../onnx';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = x.  dx = dy. */
export const Identity = unaryOp('Identity', 16, {
  accepts: Object.keys(ELEMENT_TYPE) as DType[],
  gradient: (dy) => dy,
  samples: unarySamples(identity),
});

export function identity(x: Value): Value {
  return applyOne(Identity, [x]);
}
