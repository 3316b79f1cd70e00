import { apply, FLOATS, type OpDefinition, type Value } from '../onnx';
import { mul } from './mul';
import { reduceMean } from './reduce-mean';
import { sub } from './sub';

/**
 * y = x̂·scale + bias with x̂ = (x − mean)·r and r = 1/√(variance + ε), over the last axis.
 * With g = dy·scale:  dx = r·(g − mean g − x̂·mean(g·x̂)),  dscale = dy·x̂,  dbias = dy.
 * The op's second and third output are mean and r; no gradient passes through them.
 */
export const LayerNormalization: OpDefinition = {
  opType: 'LayerNormalization',
  sinceVersion: 17,
  inferTypes(call) {
    call.expectType([0, 1, 2], FLOATS);
    const x = call.input(0);
    for (const index of [1, 2])
      if (call.input(index).shape.join() !== String(x.dim(-1)))
        call.fail(`input ${index} must have the size of the last axis, ${x.dim(-1)}`);
    // Computed in single precision whatever x is (`stash_type` 1).
    const statistics = { dtype: 'float32' as const, shape: [...x.shape.slice(0, -1), 1] };
    return [x.type, statistics, statistics];
  },
  gradient(node, [dy]) {
    if (!dy) return [null, null, null];
    const [x, scale] = [node.input(0), node.input(1)];
    const [mean, reciprocal] = [node.output(1), node.output(2)];
    const normal = mul(sub(x, mean), reciprocal);
    const g = mul(dy, scale);
    const projected = mul(normal, reduceMean(mul(g, normal), [-1], true));
    const dx = mul(reciprocal, sub(sub(g, reduceMean(g, [-1], true)), projected));
    return [dx, mul(dy, normal), dy];
  },
  samples: [
    {
      name: 'rows of a matrix',
      inputs: [{ shape: [3, 5] }, { shape: [5], low: 0.5, high: 1.5 }, { shape: [5] }],
      float32: true,
      build: (x, scale, bias) => layerNormalization(x, scale, { bias: bias }),
    },
    {
      name: 'a vector',
      inputs: [{ shape: [4] }, { shape: [4], low: 0.5, high: 1.5 }, { shape: [4] }],
      float32: true,
      build: (x, scale, bias) => layerNormalization(x, scale, { bias: bias }),
    },
    {
      name: 'rows of one number',
      inputs: [{ shape: [3, 1] }, { shape: [1], low: 0.5, high: 1.5 }, { shape: [1] }],
      float32: true,
      build: (x, scale, bias) => layerNormalization(x, scale, { bias: bias }),
    },
    {
      name: 'a sequence',
      inputs: [{ shape: [2, 2, 4] }, { shape: [4], low: 0.5, high: 1.5 }, { shape: [4] }],
      float32: true,
      build: (x, scale, bias) => layerNormalization(x, scale, { bias: bias }),
    },
  ],
};

/** @param options.epsilon 1e-5 unless given. */
export function layerNormalization(
  x: Value,
  scale: Value,
  options: { bias: Value; epsilon?: number },
): Value {
  const { bias, epsilon = 1e-5 } = options;
  return apply(LayerNormalization, [x, scale, bias], {
    axis: { int: -1 },
    epsilon: { float: epsilon },
  }).output(0);
}
