import { applyOne, type OpDefinition, type Value } from '../onnx';
import { slice } from './slice';

/** Zeros before and after x along one axis.  dx = the part of dy between them. */
export const Pad: OpDefinition = {
  opType: 'Pad',
  sinceVersion: 13,
  inferTypes(call) {
    const x = call.input(0);
    const pads = call.constantInts(1);
    if (pads.length !== 2 * x.rank || pads.some((amount) => amount < 0))
      call.fail(`two amounts per axis are needed, none negative, not [${pads.join()}]`);
    const added = x.shape.map((_, axis) => (pads[axis] ?? 0) + (pads[axis + x.rank] ?? 0));
    return [
      { dtype: x.dtype, shape: x.shape.map((dim, axis) => (added[axis] ? x.size(axis) + added[axis] : dim)) },
    ];
  },
  gradient(node, [dy]) {
    const x = node.input(0);
    const pads = node.constantInts(1);
    let dx = dy;
    x.shape.forEach((dim, axis) => {
      const start = pads[axis] ?? 0;
      if (dx && dx.dim(axis) !== dim) dx = slice(dx, { axis, start, end: start + x.size(axis) });
    });
    return [dx ?? null, null];
  },
  samples: [
    {
      name: 'both sides',
      inputs: [{ shape: [2, 2] }],
      build: (x) => pad(x, { axis: 1, before: 1, after: 2 }),
    },
    {
      name: 'before only, from the end',
      inputs: [{ shape: [2, 1, 3, 2] }],
      build: (x) => pad(x, { axis: -3, before: 2, after: 0 }),
    },
  ],
};

/** x itself where nothing is added. */
export function pad(x: Value, zeros: { axis: number; before: number; after: number }): Value {
  if (zeros.before === 0 && zeros.after === 0) return x;
  const axis = zeros.axis < 0 ? zeros.axis + x.rank : zeros.axis;
  const amounts = Array.from({ length: 2 * x.rank }, () => 0);
  amounts[axis] = zeros.before;
  amounts[axis + x.rank] = zeros.after;
  return applyOne(Pad, [x, x.graph.ints(amounts)], { mode: { string: 'constant' } });
}
