import { applyOne, type Value } from '../onnx';
import { less } from './less';
import { binaryOp, type Operand, operands } from './support/elementwise';
import { where } from './where';

/** y = min(a, b).  The gradient goes to the smaller; to b where they are equal. */
export const Min = binaryOp('Min', 13, {
  gradient: (dy, { a, b }) => {
    const first = less(a, b);
    return [where(first, dy, 0), where(first, 0, dy)];
  },
  samples: [
    {
      name: 'each in turn',
      inputs: [
        { shape: [2, 2], values: [1, 2, -3, 0.5] },
        { shape: [2], values: [0.5, 3] },
      ],
      build: (a, b) => min(a, b),
    },
    {
      name: 'broadcast both ways',
      inputs: [
        { shape: [2, 1, 1, 2], values: [1, 2, -3, 0.5] },
        { shape: [1, 3, 1], values: [0.7, -1, 4] },
      ],
      build: (a, b) => min(a, b),
    },
  ],
});

export function min(a: Operand, b: Operand): Value {
  return applyOne(Min, operands(a, b));
}
