import { type Value } from '../../onnx';
import { gemm, reshape } from '../../ops';
import { type Initializer, xavierUniform, zeros } from '../initializers';
import { type Scope } from '../scope';

/** y = x·kernel + bias over the last axis: [… , I] → [… , units]. */
export function dense(
  scope: Scope,
  x: Value,
  options: { units: number; bias?: boolean; initializer?: Initializer },
): Value {
  const { units, bias = true, initializer = xavierUniform } = options;
  const kernel = scope.parameter('kernel', [x.size(-1), units], { initializer, decays: true });
  const c = bias ? scope.parameter('bias', [units], { initializer: zeros }) : undefined;
  return linear(x, kernel, c);
}

/** The same with parameters given. One matrix product, however many axes x has. */
export function linear(x: Value, kernel: Value, bias?: Value): Value {
  const rows = x.rank === 2 ? x : reshape(x, [-1, x.size(-1)]);
  const y = gemm(rows, kernel, bias ? { c: bias } : {});
  return x.rank === 2 ? y : reshape(y, [...leading(x), kernel.size(1)]);
}

/** All axes but the last, for `reshape`: the one that is symbolic, if any, is left to be worked out. */
function leading(x: Value): number[] {
  return x.shape.slice(0, -1).map((dim) => (typeof dim === 'number' ? dim : -1));
}
