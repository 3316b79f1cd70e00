import { applyOne, type OpDefinition, product, type Value } from '../onnx';
import { zerosLike } from './constant-of-shape';
import { reshape } from './reshape';
import { scatterNdAdd } from './scatter-nd';

/**
 * Slices of x along an axis, picked by index: y[i…, rest] = x[index[i…], rest].
 * dx[j] = Σ dy over the places that picked j.
 */
export const Gather: OpDefinition = {
  opType: 'Gather',
  sinceVersion: 13,
  inferTypes(call) {
    const x = call.input(0);
    const indices = call.input(1);
    if (indices.dtype !== 'int64' && indices.dtype !== 'int32') call.fail('indices must be integers');
    const axis = call.axis(call.int('axis'), x.rank);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return [{ dtype: x.dtype, shape }];
  },
  gradient(node, [dy]) {
    if (!dy) return [null, null];
    const x = node.input(0);
    if (node.int('axis') !== 0) node.fail('the gradient is known along axis 0 only: transpose first');
    const count = Number(product(node.input(1).staticShape()));
    const row = x.shape.slice(1).map((_, at) => x.size(at + 1));
    const rows = reshape(dy, [count, ...row]);
    return [scatterNdAdd(zerosLike(x), reshape(node.input(1), [count, 1]), rows), null];
  },
  samples: [
    {
      name: 'rows, one of them twice',
      inputs: [{ shape: [4, 3] }, { shape: [2, 2], dtype: 'int64', values: [3, 0, 3, 1] }],
      build: (x, indices) => gather(x, indices),
    },
    {
      name: 'blocks by an index with three axes',
      inputs: [{ shape: [2, 1, 2] }, { shape: [1, 3, 2], dtype: 'int32', values: [0, 1, 1, 1, 0, 1] }],
      build: (x, indices) => gather(x, indices),
    },
    {
      name: 'the only row',
      inputs: [{ shape: [1, 2] }, { shape: [1], dtype: 'int64', values: [0] }],
      build: (x, indices) => gather(x, indices),
    },
    {
      name: 'a vector by one index',
      inputs: [{ shape: [4] }, { shape: [], dtype: 'int32', values: [2] }],
      build: (x, indices) => gather(x, indices),
    },
  ],
};

export function gather(x: Value, indices: Value, axis = 0): Value {
  return applyOne(Gather, [x, indices], { axis: { int: axis } });
}
