import { applyOne, broadcast, type Dim, NUMBERS, type OpCall, type OpDefinition, type Value } from '../onnx';

/**
 * Y = A'·B' + C, where ' transposes on demand and C broadcasts over Y.
 * dA' = dY·B'ᵀ, dB' = A'ᵀ·dY, dC = dY.
 */
export const Gemm: OpDefinition = {
  opType: 'Gemm',
  sinceVersion: 13,
  inferTypes(call) {
    const [a, b] = [call.input(0), call.input(1)];
    if (a.rank !== 2 || b.rank !== 2) call.fail('A and B must be matrices');
    call.expectType([0, 1, 2], NUMBERS);
    const [rows, inner] = oriented(call, 'transA', a);
    const [innerB, columns] = oriented(call, 'transB', b);
    if (inner !== innerB) call.fail(`the inner dimensions ${inner} and ${innerB} differ`);
    const c = call.inputs[2];
    if (c && broadcast(c.shape, [rows, columns])?.join() !== [rows, columns].join())
      call.fail(`C does not broadcast to [${rows},${columns}]`);
    return [{ dtype: a.dtype, shape: [rows, columns] }];
  },
  gradient(node, [dy]) {
    if (!dy) return [null, null, null];
    const [a, b] = [node.input(0), node.input(1)];
    const transA = node.int('transA') === 1;
    const transB = node.int('transB') === 1;
    const da = transA ? gemm(b, dy, { transA: transB, transB: true }) : gemm(dy, b, { transB: !transB });
    const db = transB ? gemm(dy, a, { transA: true, transB: transA }) : gemm(a, dy, { transA: !transA });
    return [da, db, dy];
  },
  samples: [
    {
      name: 'with a bias',
      inputs: [{ shape: [2, 3] }, { shape: [3, 4] }, { shape: [4] }],
      build: (a, b, c) => gemm(a, b, { c: c }),
    },
    {
      name: 'A transposed',
      inputs: [{ shape: [3, 2] }, { shape: [3, 4] }],
      build: (a, b) => gemm(a, b, { transA: true }),
    },
    {
      name: 'B transposed, C a column',
      inputs: [{ shape: [2, 3] }, { shape: [4, 3] }, { shape: [2, 1] }],
      build: (a, b, c) => gemm(a, b, { transB: true, c: c }),
    },
    {
      name: 'C a row, inner size 1',
      inputs: [{ shape: [2, 1] }, { shape: [1, 4] }, { shape: [1, 4] }],
      build: (a, b, c) => gemm(a, b, { c: c }),
    },
    {
      name: 'both transposed, C a scalar',
      inputs: [{ shape: [3, 2] }, { shape: [4, 3] }, { shape: [] }],
      build: (a, b, c) => gemm(a, b, { transA: true, transB: true, c: c }),
    },
    {
      name: 'both transposed',
      inputs: [{ shape: [3, 2] }, { shape: [4, 3] }],
      build: (a, b) => gemm(a, b, { transA: true, transB: true }),
    },
  ],
};

export function gemm(
  a: Value,
  b: Value,
  options: { transA?: boolean; transB?: boolean; c?: Value } = {},
): Value {
  const { transA = false, transB = false, c } = options;
  return applyOne(Gemm, c ? [a, b, c] : [a, b], {
    transA: { int: transA ? 1 : 0 },
    transB: { int: transB ? 1 : 0 },
  });
}

function oriented(call: OpCall, name: string, matrix: Value): [Dim, Dim] {
  return call.int(name) === 1 ? [matrix.dim(1), matrix.dim(0)] : [matrix.dim(0), matrix.dim(1)];
}
