import { applyOne, type OpDefinition, tensorOf, type Value } from '../onnx';
import { pad } from './pad';

/**
 * x[start..end) along one axis.  dx = dy between zeros.
 *
 * Bounds that are known only when the graph runs (one number each, along axis 0) give a dimension named after
 * them; such a slice has no gradient.
 */
export const Slice: OpDefinition = {
  opType: 'Slice',
  sinceVersion: 13,
  inferTypes(call) {
    const x = call.input(0);
    const [from, to] = [call.input(1), call.input(2)];
    const axis = call.axis(call.constantInts(3)[0] ?? 0, x.rank);
    if (!from.constant || !to.constant) {
      if (axis !== 0 || [...from.shape, ...to.shape].join() !== '1,1')
        call.fail('bounds known only when the graph runs are [1] each, along axis 0');
      return [{ dtype: x.dtype, shape: [`${from.name}:${to.name}`, ...x.shape.slice(1)] }];
    }
    const [start = 0] = call.constantInts(1);
    const [end = 0] = call.constantInts(2);
    if (start < 0 || end < start || end > x.size(axis))
      call.fail(`[${start}, ${end}) is outside axis ${axis}`);
    return [{ dtype: x.dtype, shape: x.shape.map((dim, at) => (at === axis ? end - start : dim)) }];
  },
  gradient(node, [dy]) {
    const x = node.input(0);
    const [start = 0] = node.constantInts(1);
    const [end = 0] = node.constantInts(2);
    const axis = node.axis(node.constantInts(3)[0] ?? 0, x.rank);
    return [dy ? pad(dy, { axis, before: start, after: x.size(axis) - end }) : null, null, null, null];
  },
  samples: [
    {
      name: 'middle rows',
      inputs: [{ shape: [4, 2] }],
      build: (x) => slice(x, { axis: 0, start: 1, end: 3 }),
    },
    {
      name: 'an axis within',
      inputs: [{ shape: [2, 3, 1, 2] }],
      build: (x) => slice(x, { axis: -3, start: 0, end: 2 }),
    },
    {
      name: 'last column',
      inputs: [{ shape: [2, 3] }],
      build: (x) => slice(x, { axis: -1, start: 2, end: 3 }),
    },
  ],
};

/** @param range start (inclusive) and end (exclusive), counted from the beginning. */
export function slice(x: Value, range: { axis: number; start: number; end: number }): Value {
  const { axis, start, end } = range;
  if (start === 0 && end === x.shape.at(axis)) return x;
  return applyOne(Slice, [x, x.graph.ints([start]), x.graph.ints([end]), x.graph.ints([axis])]);
}

/** Rows of x between bounds that are known only when the graph runs. @param bounds integers, [1] each. */
export function sliceRows(x: Value, { start, end }: { start: Value; end: Value }): Value {
  const axes = x.graph.constant(tensorOf(start.dtype, [1], [0]));
  return applyOne(Slice, [x, start, end, axes]);
}
