import { withGradient } from '../../autodiff';
import { GraphError, type Value } from '../../onnx';
import {
  add,
  batchNormalization,
  div,
  max,
  min,
  mul,
  reduceSum,
  reduceSumSquare,
  reshape,
  sqrt,
  sub,
} from '../../ops';
import { type Buffer } from '../buffers';
import { ones, zeros } from '../initializers';
import { type Scope } from '../scope';
import { expectSequence, sequenceMask } from './sequence';

export interface BatchNormOptions {
  /** Share of a batch in the running statistics: running ← running + momentum·(batch − running). 0.1 unless given. */
  readonly momentum?: number;
  /** Added to the variance: 1e-5 unless given. */
  readonly epsilon?: number;
}

/**
 * Batch normalization (Ioffe and Szegedy 2015, algorithm 1): each column of x_BE brought to mean 0 and variance 1
 * over the batch, then scaled and shifted. Inference uses running statistics (ONNX BatchNormalization, opset 15).
 *
 * A batch is normalized by its own biased variance; the running estimate takes the unbiased one, as PyTorch's does.
 * A batch of one example has none: its normalized columns are 0, and the running variance stays as it is.
 */
export function batchNorm(scope: Scope, x_BE: Value, options: BatchNormOptions = {}): Value {
  if (x_BE.rank !== 2) throw new GraphError(`batchNorm: x must be [B,E], not ${x_BE.describe()}`);
  return normalize(scope, x_BE, null, options);
}

/**
 * The same over the valid steps of all sequences of x_TBE: padding does not count, and is 0 in the result.
 * A batch of nothing but padding leaves the running statistics as they are.
 */
export function sequenceBatchNorm(
  scope: Scope,
  x_TBE: Value,
  lengths_B: Value,
  options: BatchNormOptions = {},
): Value {
  expectSequence('sequenceBatchNorm', x_TBE, lengths_B);
  const [steps, width] = [x_TBE.size(0), x_TBE.size(2)];
  const valid_TB1 = sequenceMask(lengths_B, steps);
  const rows = normalize(scope, reshape(x_TBE, [-1, width]), reshape(valid_TB1, [-1, 1]), options);
  return mul(reshape(rows, [steps, -1, width]), valid_TB1);
}

/** @param valid_M1 1 for rows that count; null where all do. The result's other rows have no meaning. */
function normalize(scope: Scope, x_ME: Value, valid_M1: Value | null, options: BatchNormOptions): Value {
  const { momentum = 0.1, epsilon = 1e-5 } = options;
  const width = x_ME.size(1);
  const scale = scope.parameter('scale', [width], { initializer: ones });
  const bias = scope.parameter('bias', [width], { initializer: zeros });
  const mean = scope.buffer('mean', [width], zeros);
  const variance = scope.buffer('variance', [width], ones);
  if (!scope.training)
    return batchNormalization(x_ME, { scale, bias, mean: mean.value, variance: variance.value }, epsilon);

  const keepValid = (value: Value): Value => (valid_M1 ? mul(value, valid_M1) : value);
  const count = valid_M1 ? reduceSum(valid_M1) : x_ME.graph.scalar('float32', x_ME.size(0));
  const atLeastOne = max(count, 1);
  const ofBatch = div(reduceSum(keepValid(x_ME), [0]), atLeastOne);
  const centred = keepValid(sub(x_ME, ofBatch));
  const squares = reduceSumSquare(centred, [0]);
  const r = div(1, sqrt(add(div(squares, atLeastOne), epsilon)));
  const normal = mul(centred, r);

  const beyondOne = max(sub(count, 1), 0);
  move(mean, ofBatch, mul(min(count, 1), momentum));
  move(variance, div(squares, max(beyondOne, 1)), mul(min(beyondOne, 1), momentum));

  const [y] = withGradient('batchNorm', {
    inputs: [x_ME, scale, bias],
    outputs: [add(mul(normal, scale), bias)],
    // dx = scale·r·(dy − (Σdy + x̂·Σ(dy·x̂))/n): the batch's mean and variance depend on x too.
    pullback([dy]) {
      const dValid = keepValid(dy as Value);
      const dScale = reduceSum(mul(dValid, normal), [0]);
      const dBias = reduceSum(dValid, [0]);
      const through = div(add(dBias, mul(normal, dScale)), atLeastOne);
      return [mul(keepValid(sub(dValid, through)), mul(scale, r)), dScale, dBias];
    },
  });
  return y;
}

function move(running: Buffer, batch: Value, share: Value): void {
  running.update(add(running.value, mul(sub(batch, running.value), share)));
}
