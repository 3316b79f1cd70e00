import { applyOne, type OpDefinition, type Value } from '../onnx';
import { reducedType, spread } from './support/reduction';

/** y = Σ x over axes.  dx = dy at every element that was summed. */
export const ReduceSum: OpDefinition = {
  opType: 'ReduceSum',
  sinceVersion: 13,
  inferTypes: (call) => [reducedType(call, call.constantInts(1))],
  gradient: (node, [dy]) => [dy ? spread(node, node.constantInts(1), dy) : null, null],
  samples: [
    { name: 'everything', inputs: [{ shape: [2, 3] }], build: (x) => reduceSum(x) },
    { name: 'a scalar', inputs: [{ shape: [] }], build: (x) => reduceSum(x) },
    { name: 'inner axes of four', inputs: [{ shape: [2, 3, 1, 2] }], build: (x) => reduceSum(x, [-2, 1]) },
    { name: 'everything, kept', inputs: [{ shape: [2, 1, 3] }], build: (x) => reduceSum(x, [], true) },
    { name: 'rows, kept', inputs: [{ shape: [2, 3] }], build: (x) => reduceSum(x, [0], true) },
    { name: 'two of three', inputs: [{ shape: [2, 3, 2] }], build: (x) => reduceSum(x, [0, -1]) },
  ],
};

/** @param axes all of them unless given. @param keepDims leaves them with size 1. */
export function reduceSum(x: Value, axes: readonly number[] = [], keepDims = false): Value {
  return applyOne(ReduceSum, [x, x.graph.ints(axes)], { keepdims: { int: keepDims ? 1 : 0 } });
}
