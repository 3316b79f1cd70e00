import { applyOne, named, NUMBERS, type OpDefinition, type Value } from '../onnx';
import { and } from './and';
import { greater } from './greater';
import { less } from './less';
import { where } from './where';

/** y = x kept within [low, high].  dx = dy strictly inside, 0 at and beyond the bounds. */
export const Clip: OpDefinition = {
  opType: 'Clip',
  sinceVersion: 13,
  inferTypes(call) {
    call.expectType([0, 1, 2], NUMBERS);
    return [call.input(0).type];
  },
  gradient(node, [dy]) {
    if (!dy) return [null, null, null];
    const x = node.input(0);
    return [where(and(greater(x, node.input(1)), less(x, node.input(2))), dy, 0), null, null];
  },
  samples: [
    {
      name: 'inside and outside',
      inputs: [{ shape: [4], values: [-2, -0.5, 0.75, 3] }],
      build: (x) => clip(x, -1, 1),
    },
    {
      name: 'open on one side, four axes',
      inputs: [{ shape: [2, 1, 3, 1], values: [-2, -0.5, 0.75, 3, -0.9, 9] }],
      build: (x) => clip(x, -1, Infinity),
    },
  ],
};

export function clip(x: Value, low: number, high: number): Value {
  const bound = (value: number): Value => named('Clip', [x], () => x.graph.scalar(x.dtype, value));
  return applyOne(Clip, [x, bound(low), bound(high)]);
}
