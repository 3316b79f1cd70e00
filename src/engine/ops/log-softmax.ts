import { applyOne, FLOATS, type OpDefinition, type Value } from '../onnx';
import { exp } from './exp';
import { mul } from './mul';
import { reduceSum } from './reduce-sum';
import { sub } from './sub';

/** y = x − ln Σeˣ along an axis, without overflow.  dx = dy − eʸ·Σ dy. */
export const LogSoftmax: OpDefinition = {
  opType: 'LogSoftmax',
  sinceVersion: 13,
  inferTypes(call) {
    call.expectType([0], FLOATS);
    call.axis(call.int('axis'), call.input(0).rank);
    return [call.input(0).type];
  },
  gradient(node, [dy]) {
    return [dy ? sub(dy, mul(exp(node.output(0)), reduceSum(dy, [node.int('axis')], true))) : null];
  },
  samples: [
    { name: 'last axis', inputs: [{ shape: [2, 4] }], build: (x) => logSoftmax(x, -1) },
    { name: 'an axis within', inputs: [{ shape: [2, 3, 2] }], build: (x) => logSoftmax(x, 1) },
    { name: 'one class', inputs: [{ shape: [3, 1] }], build: (x) => logSoftmax(x, 1) },
  ],
};

export function logSoftmax(x: Value, axis: number): Value {
  return applyOne(LogSoftmax, [x], { axis: { int: axis } });
}
