import { applyOne, type OpDefinition, type Value } from '../onnx';
import { cast } from './cast';
import { div } from './div';
import { equal } from './equal';
import { mul } from './mul';
import { reduceSum } from './reduce-sum';
import { reducedType, restoreAxes } from './support/reduction';

/** y = largest x over axes.  dx = dy where x is the largest, shared equally between ties. */
export const ReduceMax: OpDefinition = {
  opType: 'ReduceMax',
  sinceVersion: 13,
  inferTypes: (call) => [reducedType(call, call.ints('axes'))],
  gradient(node, [dy]) {
    if (!dy) return [null];
    const axes = node.ints('axes');
    const x = node.input(0);
    const isLargest = cast(equal(x, restoreAxes(node, axes, node.output(0))), x.dtype);
    const share = div(restoreAxes(node, axes, dy), reduceSum(isLargest, axes, true));
    return [mul(isLargest, share)];
  },
  samples: [
    { name: 'rows', inputs: [{ shape: [3, 2] }], build: (x) => reduceMax(x, [0]) },
    { name: 'everything', inputs: [{ shape: [2, 3] }], build: (x) => reduceMax(x, [0, 1]) },
    { name: 'outer axes of four', inputs: [{ shape: [2, 3, 1, 2] }], build: (x) => reduceMax(x, [0, -1]) },
    { name: 'an axis of size 1', inputs: [{ shape: [2, 1] }], build: (x) => reduceMax(x, [1]) },
    { name: 'last axis, kept', inputs: [{ shape: [2, 3] }], build: (x) => reduceMax(x, [1], true) },
  ],
};

/** @param keepDims leaves the axes with size 1. */
export function reduceMax(x: Value, axes: readonly number[], keepDims = false): Value {
  return applyOne(ReduceMax, [x], { axes: { ints: axes }, keepdims: { int: keepDims ? 1 : 0 } });
}
