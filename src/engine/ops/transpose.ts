import { applyOne, type OpDefinition, type Value } from '../onnx';

/** y's axis i is x's axis perm[i].  dx = dy with the axes put back. */
export const Transpose: OpDefinition = {
  opType: 'Transpose',
  sinceVersion: 13,
  inferTypes(call) {
    const perm = call.ints('perm');
    const x = call.input(0);
    if ([...perm].sort((a, b) => a - b).join() !== x.shape.map((_, axis) => axis).join())
      call.fail(`[${perm.join()}] is no order of its axes`);
    return [{ dtype: x.dtype, shape: perm.map((axis) => x.dim(axis)) }];
  },
  gradient(node, [dy]) {
    const perm = node.ints('perm');
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return [dy ? transpose(dy, inverse) : null];
  },
  samples: [
    { name: 'matrix', inputs: [{ shape: [2, 3] }], build: (x) => transpose(x, [1, 0]) },
    { name: 'four axes', inputs: [{ shape: [2, 1, 3, 2] }], build: (x) => transpose(x, [3, 1, 0, 2]) },
    { name: 'none moved', inputs: [{ shape: [2, 3] }], build: (x) => transpose(x, [0, 1]) },
    { name: 'a cycle', inputs: [{ shape: [2, 3, 4] }], build: (x) => transpose(x, [2, 0, 1]) },
  ],
};

export function transpose(x: Value, perm: readonly number[]): Value {
  return applyOne(Transpose, [x], { perm: { ints: perm } });
}
