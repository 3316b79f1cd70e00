import { applyOne, type OpDefinition, type Value } from '../onnx';
import { unsqueeze } from './unsqueeze';

/** x without axes of size 1.  dx = dy with them put back. */
export const Squeeze: OpDefinition = {
  opType: 'Squeeze',
  sinceVersion: 13,
  inferTypes(call) {
    const x = call.input(0);
    const dropped = new Set(call.constantInts(1).map((axis) => call.axis(axis, x.rank)));
    for (const axis of dropped) if (x.dim(axis) !== 1) call.fail(`axis ${axis} is not of size 1`);
    return [{ dtype: x.dtype, shape: x.shape.filter((_, axis) => !dropped.has(axis)) }];
  },
  gradient(node, [dy]) {
    const axes = node.constantInts(1).map((axis) => node.axis(axis, node.input(0).rank));
    return [dy ? unsqueeze(dy, axes) : null, null];
  },
  samples: [
    { name: 'last axis', inputs: [{ shape: [2, 3, 1] }], build: (x) => squeeze(x, [-1]) },
    { name: 'first and within', inputs: [{ shape: [1, 2, 1, 3] }], build: (x) => squeeze(x, [-2, 0]) },
    { name: 'to a scalar', inputs: [{ shape: [1, 1] }], build: (x) => squeeze(x, [0, 1]) },
  ],
};

export function squeeze(x: Value, axes: readonly number[]): Value {
  return applyOne(Squeeze, [x, x.graph.ints(axes)]);
}
