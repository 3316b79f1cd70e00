import { applyOne, broadcast, type OpDefinition, type Value } from '../onnx';

/** x repeated to a larger shape, as broadcasting would.  dx = dy (summed back by the backward pass). */
export const Expand: OpDefinition = {
  opType: 'Expand',
  sinceVersion: 13,
  inferTypes(call) {
    const x = call.input(0);
    const shape = broadcast(x.shape, call.constantInts(1));
    return [{ dtype: x.dtype, shape: shape ?? call.fail('the shapes do not broadcast') }];
  },
  gradient: (_node, [dy]) => [dy ?? null, null],
  samples: [
    { name: 'a row', inputs: [{ shape: [1, 3] }], build: (x) => expand(x, [2, 3]) },
    { name: 'axes within and before', inputs: [{ shape: [2, 1, 3] }], build: (x) => expand(x, [2, 2, 4, 3]) },
    { name: 'a scalar', inputs: [{ shape: [] }], build: (x) => expand(x, [2, 2]) },
  ],
};

export function expand(x: Value, shape: readonly number[]): Value {
  return x.shape.join() === shape.join() ? x : applyOne(Expand, [x, x.graph.ints(shape)]);
}
