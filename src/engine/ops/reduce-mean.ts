import { applyOne, type OpDefinition, type Value } from '../onnx';
import { div } from './div';
import { reducedAxes, reducedType, spread } from './support/reduction';

/** y = mean of x over axes, n elements each.  dx = dy/n. */
export const ReduceMean: OpDefinition = {
  opType: 'ReduceMean',
  sinceVersion: 13,
  inferTypes: (call) => [reducedType(call, call.ints('axes'))],
  gradient(node, [dy]) {
    const axes = node.ints('axes');
    const count = reducedAxes(node, axes).reduce((total, axis) => total * node.input(0).size(axis), 1);
    return [dy ? spread(node, axes, div(dy, count)) : null];
  },
  samples: [
    { name: 'outer axes of four', inputs: [{ shape: [2, 3, 1, 2] }], build: (x) => reduceMean(x, [0, -1]) },
    { name: 'an axis of size 1', inputs: [{ shape: [2, 1] }], build: (x) => reduceMean(x, [1]) },
    { name: 'everything', inputs: [{ shape: [2, 3] }], build: (x) => reduceMean(x, [0, 1]) },
    {
      name: 'last axis, kept',
      inputs: [{ shape: [2, 3] }],
      build: (x) => reduceMean(x, [-1], true),
    },
  ],
};

/** @param keepDims leaves the axes with size 1. */
export function reduceMean(x: Value, axes: readonly number[], keepDims = false): Value {
  return applyOne(ReduceMean, [x], { axes: { ints: axes }, keepdims: { int: keepDims ? 1 : 0 } });
}
