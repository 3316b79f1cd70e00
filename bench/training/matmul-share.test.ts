import { matmulShare, opShares } from './matmul-share';

const kernel = (op: string, dur: number) => ({
  cat: 'Node',
  name: `${op}_kernel_time`,
  dur,
  args: { op_name: op },
});

test('shares are of leaf ops: the loop, whose time is theirs, does not count', () => {
  const shares = opShares([
    { cat: 'Session', name: 'model_run', dur: 900, args: {} },
    kernel('Gemm', 30),
    kernel('Gemm', 20),
    kernel('FusedMatMul', 10),
    kernel('Mul', 40),
    { ...kernel('Mul', 5), name: 'Mul_fence_before' },
    kernel('Loop', 800),
    { cat: 'Node', name: 'without arguments_kernel_time', dur: 7 },
  ]);
  expect(shares).toEqual([
    { op: 'Gemm', share: 0.5 },
    { op: 'Mul', share: 0.4 },
    { op: 'FusedMatMul', share: 0.1 },
  ]);
  expect(matmulShare(shares)).toBe(0.6);
});
