import { applyOne, type OpDefinition, type Value } from '../onnx';

/**
 * The first length[b] steps of each sequence in reverse order, padding where it was; time on axis 0, batch on
 * axis 1. The op undoes itself, so dx = the same reversal of dy.
 */
export const ReverseSequence: OpDefinition = {
  opType: 'ReverseSequence',
  sinceVersion: 10,
  inferTypes(call) {
    const [x, lengths] = [call.input(0), call.input(1)];
    if (x.rank < 2 || lengths.rank !== 1 || lengths.dim(0) !== x.dim(1) || lengths.dtype !== 'int64')
      call.fail('x is [T,B,…] and the lengths int64 [B]');
    return [x.type];
  },
  gradient: (node, [dy]) => [dy ? reverseSequence(dy, node.input(1)) : null, null],
  samples: [
    {
      name: 'lengths 0 to all',
      inputs: [{ shape: [3, 3, 2] }, { shape: [3], dtype: 'int64', values: [0, 2, 3] }],
      build: (x, lengths) => reverseSequence(x, lengths),
    },
    {
      name: 'one step of one sequence',
      inputs: [{ shape: [1, 1, 2] }, { shape: [1], dtype: 'int64', values: [1] }],
      build: (x, lengths) => reverseSequence(x, lengths),
    },
    {
      name: 'blocks, all padding beside a full sequence',
      inputs: [{ shape: [2, 2, 1, 3] }, { shape: [2], dtype: 'int64', values: [0, 2] }],
      build: (x, lengths) => reverseSequence(x, lengths),
    },
  ],
};

/** @param lengths int64 [B]. */
export function reverseSequence(x_TB: Value, lengths: Value): Value {
  return applyOne(ReverseSequence, [x_TB, lengths], { time_axis: { int: 0 }, batch_axis: { int: 1 } });
}
