import { applyOne, type OpDefinition, type Value } from '../onnx';
import { cast } from './cast';
import { Shape, shapeOf } from './shape';

/** Zeros (float32) of a shape that is known only when the graph runs: that of another value. */
export const ConstantOfShape: OpDefinition = {
  opType: 'ConstantOfShape',
  sinceVersion: 9,
  inferTypes(call) {
    const { producer } = call.input(0);
    const like = producer?.op === Shape ? producer.input(0) : call.fail('the shape must be that of a value');
    return [{ dtype: 'float32', shape: like.shape }];
  },
  gradient: null,
  samples: [
    {
      name: 'like a matrix',
      inputs: [{ shape: [2, 3] }],
      build: (x) => applyOne(ConstantOfShape, [shapeOf(x)]),
      expected: [[0, 0, 0, 0, 0, 0]],
    },
  ],
};

/** Zeros of x's type and shape: a constant where the shape is known while building. */
export function zerosLike(x: Value): Value {
  const known = x.shape.every((dim) => typeof dim === 'number');
  if (known) return x.graph.zeros(x.dtype, x.staticShape());
  return cast(applyOne(ConstantOfShape, [shapeOf(x)]), x.dtype);
}
