import { applyOne, broadcast, FLOATS, type OpDefinition, type Shape, type Value } from '../onnx';

/** y = Σ inputs.  Every input's gradient is dy. */
export const Sum: OpDefinition = {
  opType: 'Sum',
  sinceVersion: 13,
  inferTypes(call) {
    call.expectType([...call.inputs.keys()], FLOATS);
    let shape: Shape = call.input(0).shape;
    for (let index = 1; index < call.inputs.length; index += 1) {
      shape = broadcast(shape, call.input(index).shape) ?? call.fail('the shapes do not broadcast');
    }
    return [{ dtype: call.input(0).dtype, shape }];
  },
  gradient: (node, [dy]) => node.inputs.map(() => dy ?? null),
  samples: [
    {
      name: 'three, one of them broadcast',
      inputs: [{ shape: [2, 3] }, { shape: [3] }, { shape: [2, 3] }],
      build: (...terms) => sum(terms),
    },
    {
      name: 'each broadcast along another axis',
      inputs: [{ shape: [2, 1, 1] }, { shape: [3, 1] }, { shape: [2] }, { shape: [] }],
      build: (...terms) => sum(terms),
    },
  ],
};

/** The only term itself where there is one. */
export function sum(terms: readonly Value[]): Value {
  const [only] = terms;
  return terms.length === 1 && only ? only : applyOne(Sum, terms);
}
