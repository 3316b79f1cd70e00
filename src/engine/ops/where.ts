import { applyOne, broadcast, type OpDefinition, type Value } from '../onnx';
import { type Operand, operands } from './support/elementwise';

/** y = a where the condition holds, b elsewhere.  da = dy where it holds and 0 elsewhere, db the reverse. */
export const Where: OpDefinition = {
  opType: 'Where',
  sinceVersion: 16,
  inferTypes(call) {
    const [condition, a, b] = [call.input(0), call.input(1), call.input(2)];
    if (condition.dtype !== 'bool') call.fail('the condition must be bool');
    call.expectType([1, 2], [a.dtype]);
    const branches = broadcast(a.shape, b.shape);
    const shape = branches && broadcast(condition.shape, branches);
    return [{ dtype: a.dtype, shape: shape ?? call.fail('the shapes do not broadcast') }];
  },
  gradient(node, [dy]) {
    if (!dy) return [null, null, null];
    return [null, where(node.input(0), dy, 0), where(node.input(0), 0, dy)];
  },
  samples: [
    {
      name: 'broadcast branches',
      inputs: [
        { shape: [2, 3], dtype: 'bool', values: [1, 0, 0, 1, 1, 0] },
        { shape: [2, 3] },
        { shape: [3] },
      ],
      build: (condition, a, b) => where(condition, a, b),
    },
    {
      name: 'a column of conditions, branches larger than it',
      inputs: [{ shape: [2, 1], dtype: 'bool', values: [1, 0] }, { shape: [3, 1, 2] }, { shape: [] }],
      build: (condition, a, b) => where(condition, a, b),
    },
  ],
};

export function where(condition: Value, a: Operand, b: Operand): Value {
  return applyOne(Where, [condition, ...operands(a, b)]);
}
