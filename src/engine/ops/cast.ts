import { applyOne, type DType, ELEMENT_TYPE, isFloat, type OpDefinition, type Value } from '../onnx';

/** y = x in another type.  dx = dy in x's type; none for integers. */
export const Cast: OpDefinition = {
  opType: 'Cast',
  sinceVersion: 13,
  inferTypes(call) {
    const to = Object.entries(ELEMENT_TYPE).find(([, code]) => code === call.int('to'));
    if (!to) return call.fail('the type is not known');
    return [{ dtype: to[0] as DType, shape: call.input(0).shape }];
  },
  gradient: (node, [dy]) => [dy && isFloat(node.input(0).dtype) ? cast(dy, node.input(0).dtype) : null],
  samples: [
    {
      name: 'to double precision',
      inputs: [{ shape: [2, 3] }],
      float32: true,
      build: (x) => cast(x, 'float64'),
    },
    {
      name: 'to integers',
      inputs: [{ shape: [3], values: [-1.5, 0, 2.5] }],
      build: (x) => cast(x, 'int64'),
      expected: [[-1, 0, 2]],
    },
    {
      name: 'to bool',
      inputs: [{ shape: [3], values: [-1.5, 0, 2.5] }],
      build: (x) => cast(x, 'bool'),
      expected: [[1, 0, 1]],
    },
  ],
};

/** The value itself where it has the type already. */
export function cast(x: Value, dtype: DType): Value {
  return x.dtype === dtype ? x : applyOne(Cast, [x], { to: { int: ELEMENT_TYPE[dtype] } });
}
