import { applyOne, FLOATS, type OpDefinition, type Value } from '../onnx';
import { add } from './add';
import { div } from './div';
import { mul } from './mul';
import { neg } from './neg';
import { reduceSum } from './reduce-sum';
import { reshape } from './reshape';
import { sqrt } from './sqrt';
import { sub } from './sub';

/**
 * y = x̂·scale + bias with x̂ = (x − mean)·r and r = 1/√(variance + ε), per channel (axis 1), for statistics that
 * are given: the op's inference mode.
 * dx = dy·scale·r, dscale = dy·x̂, dbias = dy, dmean = −dx, dvariance = −½·dx·x̂·r, each summed over its channel.
 */
export const BatchNormalization: OpDefinition = {
  opType: 'BatchNormalization',
  sinceVersion: 15,
  inferTypes(call) {
    call.expectType([0, 1, 2, 3, 4], FLOATS);
    const x = call.input(0);
    if (x.rank < 2) call.fail('x must be [N,C,…]');
    for (const index of [1, 2, 3, 4])
      if (call.input(index).shape.join() !== String(x.dim(1)))
        call.fail(`input ${index} must have one number per channel, ${x.dim(1)}`);
    return [x.type];
  },
  gradient(node, [dy]) {
    if (!dy) return [null, null, null, null, null];
    const x = node.input(0);
    const others = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    const overChannel = (value: Value): Value =>
      reshape(value, [x.size(1), ...Array.from({ length: x.rank - 2 }, () => 1)]);
    const { epsilon } = node.attributes;
    const spread = add(node.input(4), epsilon && 'float' in epsilon ? epsilon.float : 0);
    const r = overChannel(div(1, sqrt(spread)));
    const normal = mul(sub(x, overChannel(node.input(3))), r);
    const dx = mul(mul(dy, overChannel(node.input(1))), r);
    const dVariance = mul(mul(mul(dx, normal), r), -0.5);
    return [dx, ...[mul(dy, normal), dy, neg(dx), dVariance].map((value) => reduceSum(value, others))];
  },
  samples: [
    [4, 3],
    [2, 3, 2],
    [1, 1],
  ].map((shape) => ({
    name: `x[${shape.join()}]`,
    inputs: [
      { shape },
      { shape: shape.slice(1, 2), low: 0.5, high: 1.5 },
      { shape: shape.slice(1, 2) },
      { shape: shape.slice(1, 2) },
      { shape: shape.slice(1, 2), low: 0.5, high: 2 },
    ],
    build: (...[x, scale, bias, mean, variance]: Value[]) =>
      batchNormalization(x as Value, { scale, bias, mean, variance } as BatchStatistics),
  })),
};

/** One number per channel, [C], each. */
export interface BatchStatistics {
  readonly scale: Value;
  readonly bias: Value;
  readonly mean: Value;
  /** Not negative. */
  readonly variance: Value;
}

/** @param x [N,C,…]. @param epsilon 1e-5 unless given. */
export function batchNormalization(x: Value, channel: BatchStatistics, epsilon = 1e-5): Value {
  const { scale, bias, mean, variance } = channel;
  return applyOne(BatchNormalization, [x, scale, bias, mean, variance], { epsilon: { float: epsilon } });
}
