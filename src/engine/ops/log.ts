import { applyOne, type Value } from '../onnx';
import { div } from './div';
import { unaryOp, unarySamples } from './support/elementwise';

/** y = ln x.  dx = dy/x. */
export const Log = unaryOp('Log', 13, {
  gradient: (dy, x) => div(dy, x),
  samples: unarySamples(log, { low: 0.2, high: 3 }),
});

export function log(x: Value): Value {
  return applyOne(Log, [x]);
}
