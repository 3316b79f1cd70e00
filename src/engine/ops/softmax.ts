import { applyOne, FLOATS, type OpDefinition, type Value } from '../onnx';
import { mul } from './mul';
import { reduceSum } from './reduce-sum';
import { sub } from './sub';

/** y = eˣ/Σeˣ along an axis.  dx = y·(dy − Σ dy·y). */
export const Softmax: OpDefinition = {
  opType: 'Softmax',
  sinceVersion: 13,
  inferTypes(call) {
    call.expectType([0], FLOATS);
    call.axis(call.int('axis'), call.input(0).rank);
    return [call.input(0).type];
  },
  gradient(node, [dy]) {
    const y = node.output(0);
    return [dy ? mul(y, sub(dy, reduceSum(mul(dy, y), [node.int('axis')], true))) : null];
  },
  samples: [
    { name: 'last axis', inputs: [{ shape: [2, 4] }], build: (x) => softmax(x, -1) },
    { name: 'an axis within', inputs: [{ shape: [2, 3, 1, 2] }], build: (x) => softmax(x, -3) },
    { name: 'one class', inputs: [{ shape: [3, 1] }], build: (x) => softmax(x, 1) },
    { name: 'first axis', inputs: [{ shape: [3, 2] }], build: (x) => softmax(x, 0) },
  ],
};

export function softmax(x: Value, axis: number): Value {
  return applyOne(Softmax, [x], { axis: { int: axis } });
}
