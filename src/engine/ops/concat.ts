import { applyOne, type Dim, type OpDefinition, type Value } from '../onnx';
import { split } from './split';

/** Tensors joined along an axis.  Each input's gradient is its part of dy. */
export const Concat: OpDefinition = {
  opType: 'Concat',
  sinceVersion: 13,
  inferTypes(call) {
    const first = call.input(0);
    const axis = call.axis(call.int('axis'), first.rank);
    let joined: Dim = 0;
    for (let index = 0; index < call.inputs.length; index += 1) {
      const part = call.input(index);
      const fits =
        part.dtype === first.dtype &&
        part.rank === first.rank &&
        part.shape.every((dim, at) => at === axis || dim === first.shape[at]);
      if (!fits) call.fail(`input ${index} differs from input 0 beyond axis ${axis}`);
      joined += part.size(axis);
    }
    return [{ dtype: first.dtype, shape: first.shape.map((dim, at) => (at === axis ? joined : dim)) }];
  },
  gradient(node, [dy]) {
    const axis = node.int('axis');
    const sizes = node.inputs.map((_, index) => node.input(index).size(axis));
    return dy ? split(dy, { axis, sizes }) : sizes.map(() => null);
  },
  samples: [
    {
      name: 'rows',
      inputs: [{ shape: [1, 3] }, { shape: [2, 3] }],
      build: (a, b) => concat([a, b], 0),
    },
    {
      name: 'last axis, three parts',
      inputs: [{ shape: [2, 1, 2] }, { shape: [2, 1, 3] }, { shape: [2, 1, 1] }],
      build: (...parts) => concat(parts, -1),
    },
    {
      name: 'an axis within, one part twice',
      inputs: [{ shape: [2, 1, 1, 2] }, { shape: [2, 3, 1, 2] }],
      build: (a, b) => concat([a, b, a], -3),
    },
    {
      name: 'sixty parts, one of them longer',
      inputs: Array.from({ length: 60 }, (_, part) => ({ shape: [part === 9 ? 2 : 1, 2] })),
      build: (...parts) => concat(parts, 0),
    },
  ],
};

/** The only part itself where there is one. */
export function concat(parts: readonly Value[], axis: number): Value {
  const [only] = parts;
  return parts.length === 1 && only ? only : applyOne(Concat, parts, { axis: { int: axis } });
}
