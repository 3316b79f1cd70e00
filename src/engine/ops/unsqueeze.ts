import { applyOne, type OpDefinition, type Value } from '../onnx';
import { squeeze } from './squeeze';

/** x with axes of size 1 put in.  dx = dy without them. */
export const Unsqueeze: OpDefinition = {
  opType: 'Unsqueeze',
  sinceVersion: 13,
  inferTypes(call) {
    const x = call.input(0);
    const axes = call.constantInts(1);
    const rank = x.rank + axes.length;
    const added = new Set(axes.map((axis) => call.axis(axis, rank)));
    if (added.size < axes.length) call.fail(`the axes [${axes.join()}] repeat`);
    const kept = [...x.shape];
    const shape = Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (kept.shift() ?? 1)));
    return [{ dtype: x.dtype, shape }];
  },
  gradient: (node, [dy]) => [dy ? squeeze(dy, node.constantInts(1)) : null, null],
  samples: [
    { name: 'in the middle', inputs: [{ shape: [2, 3] }], build: (x) => unsqueeze(x, [1]) },
    { name: 'from the end', inputs: [{ shape: [2, 3] }], build: (x) => unsqueeze(x, [-1, -3]) },
    { name: 'a scalar', inputs: [{ shape: [] }], build: (x) => unsqueeze(x, [0, 1]) },
    { name: 'around', inputs: [{ shape: [2] }], build: (x) => unsqueeze(x, [0, 2]) },
  ],
};

export function unsqueeze(x: Value, axes: readonly number[]): Value {
  return applyOne(Unsqueeze, [x, x.graph.ints(axes)]);
}
