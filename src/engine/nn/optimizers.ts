import { type Value } from '../onnx';
import { add, div, mul, sqrt, sub } from '../ops';

/**
 * How parameters move against their gradient. One rule for tensors of any shape, elementwise.
 * What changes from step to step (learning rate, bias correction) is computed outside the graph, in double
 * precision, and enters as scalars.
 */
export interface Optimizer {
  /** Names of the tensors that it keeps per parameter, all zero at first. */
  readonly moments: readonly string[];
  /** The scalars of a step. @param step counts from 1. */
  scalars(step: number, learningRate: number): Readonly<Record<string, number>>;
  update(
    parameter: Value,
    gradient: Value,
    inputs: { moments: readonly Value[]; scalars: Readonly<Record<string, Value>> },
  ): { parameter: Value; moments: readonly Value[] };
}

/** p ← p − η·g, with momentum: v ← μ·v + g, p ← p − η·v (Sutskever et al. 2013, as PyTorch writes it). */
export function sgd(options: { momentum?: number } = {}): Optimizer {
  const { momentum = 0 } = options;
  return {
    moments: momentum ? ['velocity'] : [],
    scalars: (_step, learningRate) => ({ rate: learningRate }),
    update(parameter, gradient, { moments: [velocity], scalars }) {
      const direction = velocity ? add(mul(velocity, momentum), gradient) : gradient;
      return {
        parameter: sub(parameter, mul(direction, scalar(scalars, 'rate'))),
        moments: velocity ? [direction] : [],
      };
    },
  };
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1):  m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,
 * p ← p − η·m̂/(√v̂ + ε).
 *
 * The moments are kept as M = m/(1−β₁) and V = v/(1−β₂): M ← β₁M + g and V ← β₂V + g² are one multiplication
 * shorter each, and the constants move into the step's two scalars.
 */
export function adam(options: { beta1?: number; beta2?: number; epsilon?: number } = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return {
    moments: ['mean', 'square'],
    scalars(step, learningRate) {
      const mean = (1 - beta1) / (1 - beta1 ** step);
      const square = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
      return { rate: (learningRate * mean) / square, epsilon: epsilon / square };
    },
    update(parameter, gradient, { moments: [mean, square], scalars }) {
      if (!mean || !square) throw new RangeError('Adam keeps two moments');
      const newMean = add(mul(mean, beta1), gradient);
      const newSquare = add(mul(square, beta2), mul(gradient, gradient));
      const direction = div(newMean, add(sqrt(newSquare), scalar(scalars, 'epsilon')));
      return {
        parameter: sub(parameter, mul(direction, scalar(scalars, 'rate'))),
        moments: [newMean, newSquare],
      };
    },
  };
}

function scalar(scalars: Readonly<Record<string, Value>>, name: string): Value {
  const value = scalars[name];
  if (!value) throw new RangeError(`the step has no scalar ${name}`);
  return value;
}
