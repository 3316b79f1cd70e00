import { applyOne, type OpDefinition, type Value } from '../onnx';

/** The dimensions of x: int64 [rank]. */
export const Shape: OpDefinition = {
  opType: 'Shape',
  sinceVersion: 15,
  inferTypes: (call) => [{ dtype: 'int64', shape: [call.input(0).rank] }],
  gradient: null,
  samples: [
    { name: 'a matrix', inputs: [{ shape: [2, 3] }], build: (x) => shapeOf(x), expected: [[2, 3]] },
    { name: 'a scalar', inputs: [{ shape: [] }], build: (x) => shapeOf(x), expected: [[]] },
  ],
};

export function shapeOf(x: Value): Value {
  return applyOne(Shape, [x]);
}
