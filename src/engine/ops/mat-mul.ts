import { applyOne, broadcast, NUMBERS, type OpDefinition, type Value } from '../onnx';
import { gemm } from './gemm';
import { reshape } from './reshape';
import { transpose } from './transpose';

/**
 * Y = A·B over the last two axes, the others broadcast.  dA = dY·Bᵀ, dB = Aᵀ·dY.
 * Where B is a plain matrix, dB is one product over all rows of A.
 */
export const MatMul: OpDefinition = {
  opType: 'MatMul',
  sinceVersion: 13,
  inferTypes(call) {
    const [a, b] = [call.input(0), call.input(1)];
    call.expectType([0, 1], NUMBERS);
    if (a.rank < 2 || b.rank < 2) call.fail('both inputs need two axes at least');
    if (a.dim(-1) !== b.dim(-2)) call.fail(`the inner dimensions ${a.dim(-1)} and ${b.dim(-2)} differ`);
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (!batch) return call.fail('the outer dimensions do not broadcast');
    return [{ dtype: a.dtype, shape: [...batch, a.dim(-2), b.dim(-1)] }];
  },
  gradient(node, [dy]) {
    if (!dy) return [null, null];
    const [a, b] = [node.input(0), node.input(1)];
    const da = matMul(dy, swapLast(b));
    if (b.rank > 2) return [da, matMul(swapLast(a), dy)];
    const rows = (value: Value): Value => reshape(value, [-1, value.size(-1)]);
    return [da, gemm(rows(a), rows(dy), { transA: true })];
  },
  samples: [
    {
      name: 'matrices',
      inputs: [{ shape: [2, 3] }, { shape: [3, 4] }],
      build: (a, b) => matMul(a, b),
    },
    {
      name: 'a stack by one matrix',
      inputs: [{ shape: [2, 2, 3] }, { shape: [3, 2] }],
      build: (a, b) => matMul(a, b),
    },
    {
      name: 'one matrix by a stack',
      inputs: [{ shape: [2, 3] }, { shape: [3, 3, 2] }],
      build: (a, b) => matMul(a, b),
    },
    {
      name: 'stacks that broadcast both ways, a row by a column',
      inputs: [{ shape: [2, 1, 1, 1, 3] }, { shape: [1, 2, 2, 3, 1] }],
      build: (a, b) => matMul(a, b),
    },
    {
      name: 'stacks that broadcast',
      inputs: [{ shape: [2, 1, 2, 3] }, { shape: [2, 3, 2] }],
      build: (a, b) => matMul(a, b),
    },
  ],
};

export function matMul(a: Value, b: Value): Value {
  return applyOne(MatMul, [a, b]);
}

function swapLast(value: Value): Value {
  const axes = value.shape.map((_, axis) => axis);
  return transpose(value, [...axes.slice(0, -2), value.rank - 1, value.rank - 2]);
}
