import { apply, type OpDefinition, type Value } from '../onnx';
import { concat } from './concat';
import { zerosLike } from './constant-of-shape';

/** A tensor cut along an axis.  dx = the parts' gradients, joined. */
export const Split: OpDefinition = {
  opType: 'Split',
  sinceVersion: 13,
  inferTypes(call) {
    const x = call.input(0);
    const axis = call.axis(call.int('axis'), x.rank);
    const sizes = call.constantInts(1);
    if (sizes.some((size) => size < 0) || sizes.reduce((total, size) => total + size, 0) !== x.dim(axis))
      call.fail(`the parts [${sizes.join()}] do not make up axis ${axis}`);
    return sizes.map((size) => ({
      dtype: x.dtype,
      shape: x.shape.map((dim, at) => (at === axis ? size : dim)),
    }));
  },
  gradient: (node, dParts) => [
    concat(
      dParts.map((dPart, part) => dPart ?? zerosLike(node.output(part))),
      node.int('axis'),
    ),
    null,
  ],
  samples: [
    {
      name: 'uneven rows',
      inputs: [{ shape: [4, 2] }],
      build: (x) => split(x, { axis: 0, sizes: [1, 3] }),
    },
    {
      name: 'columns',
      inputs: [{ shape: [2, 5] }],
      build: (x) => split(x, { axis: 1, sizes: [2, 1, 2] }),
    },
    {
      name: 'an axis within, from the end',
      inputs: [{ shape: [2, 3, 1, 2] }],
      build: (x) => split(x, { axis: -3, sizes: [1, 2] }),
    },
    {
      name: 'one part of two',
      inputs: [{ shape: [4, 2] }],
      build: (x) => split(x, { axis: 0, sizes: [1, 3] }).slice(1),
    },
    {
      name: 'sixty parts, one of them longer',
      inputs: [{ shape: [61, 2] }],
      build: (x) =>
        split(x, { axis: 0, sizes: Array.from({ length: 60 }, (_, part) => (part === 9 ? 2 : 1)) }),
    },
  ],
};

/** As many parts as sizes, which must make up the axis. The value itself where there is one part. */
export function split(x: Value, parts: { axis: number; sizes: readonly number[] }): readonly Value[] {
  if (parts.sizes.length === 1 && parts.sizes[0] === x.shape.at(parts.axis)) return [x];
  return apply(Split, [x, x.graph.ints(parts.sizes)], { axis: { int: parts.axis } }).outputs;
}
