import { applyOne, type OpDefinition, type Value } from '../onnx';
import { mul } from './mul';
import { reducedType, restoreAxes } from './support/reduction';

/** y = Σ x² over axes.  dx = 2·x·dy. */
export const ReduceSumSquare: OpDefinition = {
  opType: 'ReduceSumSquare',
  sinceVersion: 13,
  inferTypes: (call) => [reducedType(call, call.ints('axes'))],
  gradient: (node, [dy]) => {
    const axes = node.ints('axes');
    return [dy ? mul(node.input(0), mul(restoreAxes(node, axes, dy), 2)) : null];
  },
  samples: [
    { name: 'a vector', inputs: [{ shape: [4] }], build: (x) => reduceSumSquare(x, [0]) },
    {
      name: 'outer axes of four',
      inputs: [{ shape: [2, 3, 1, 2] }],
      build: (x) => reduceSumSquare(x, [0, -1]),
    },
    { name: 'everything', inputs: [{ shape: [2, 3] }], build: (x) => reduceSumSquare(x, [0, 1]) },
    { name: 'rows', inputs: [{ shape: [3, 2] }], build: (x) => reduceSumSquare(x, [0], true) },
  ],
};

/** @param keepDims leaves the axes with size 1. */
export function reduceSumSquare(x: Value, axes: readonly number[], keepDims = false): Value {
  return applyOne(ReduceSumSquare, [x], { axes: { ints: axes }, keepdims: { int: keepDims ? 1 : 0 } });
}
