import { describeCall, GraphError, type Value } from '../../onnx';
import {
  add,
  concat,
  matMul,
  mul,
  relu,
  reshape,
  slice,
  softmax,
  squeeze,
  sub,
  tanh,
  transpose,
  unsqueeze,
} from '../../ops';
import { gelu } from '../activations';
import { normal } from '../initializers';
import { type Scope } from '../scope';
import { dense } from './dense';
import { dropout } from './dropout';
import { layerNorm } from './normalization';
import { expectSequence, sequenceMask } from './sequence';

/** Added to the scores of padding: far below any score, yet finite, so that a row of nothing else stays a number. */
const NEVER = 1e9;

/**
 * Multi-head self-attention (Vaswani et al. 2017, eq. 1) over x_TBE: every step looks at all valid steps.
 * softmax(q·kᵀ/√D)·v per head of D = E/heads units, the heads joined and projected. Padding steps of the result
 * hold numbers without meaning.
 */
export function selfAttention(
  scope: Scope,
  x_TBE: Value,
  lengths_B: Value,
  options: { heads: number },
): Value {
  expectSequence('selfAttention', x_TBE, lengths_B);
  const { heads } = options;
  const [steps, width] = [x_TBE.size(0), x_TBE.size(2)];
  const perHead = width / heads;
  if (!Number.isInteger(perHead))
    throw new GraphError(
      `${describeCall('selfAttention', [x_TBE])}: ${heads} heads do not share ${width} units`,
    );
  const project = (name: string, perm: readonly number[]): Value =>
    transpose(reshape(dense(scope.in(name), x_TBE, { units: width }), [steps, -1, heads, perHead]), perm);
  const query_BHTD = project('query', [1, 2, 0, 3]);
  const key_BHDT = project('key', [1, 2, 3, 0]);
  const value_BHTD = project('value', [1, 2, 0, 3]);

  const mask_TB1 = sequenceMask(lengths_B, steps);
  const penalty_B11T = unsqueeze(transpose(mul(sub(mask_TB1, 1), NEVER), [1, 2, 0]), [1]);
  const scores = add(mul(matMul(query_BHTD, key_BHDT), 1 / Math.sqrt(perHead)), penalty_B11T);
  const mixed_TBHD = transpose(matMul(softmax(scores, -1), value_BHTD), [2, 0, 1, 3]);
  return dense(scope.in('output'), reshape(mixed_TBHD, [steps, -1, width]), { units: width });
}

/**
 * A Transformer encoder block, normalized before each part (Xiong et al. 2020): x + attention(norm x), then
 * x + feed-forward(norm x) with GELU between.
 */
export function transformerBlock(
  scope: Scope,
  x_TBE: Value,
  lengths_B: Value,
  options: { heads: number; hidden: number; dropout?: number },
): Value {
  const { heads, hidden, dropout: rate = 0 } = options;
  const attended = selfAttention(
    scope.in('attention'),
    layerNorm(scope.in('attentionNorm'), x_TBE),
    lengths_B,
    { heads },
  );
  const x = add(x_TBE, dropout(scope.in('attentionDropout'), attended, rate));
  const inner = gelu(dense(scope.in('expand'), layerNorm(scope.in('hiddenNorm'), x), { units: hidden }));
  const outer = dense(scope.in('contract'), inner, { units: x.size(2) });
  return add(x, dropout(scope.in('hiddenDropout'), outer, rate));
}

/**
 * A trainable vector per step, added to x_TBE: what tells attention the order.
 *
 * @param options.maxLength rows of the table: T unless given. Programs over histories of different T, none above it,
 * then share one table, of which each sees its first T rows.
 */
export function addPositions(scope: Scope, x_TBE: Value, options: { maxLength?: number } = {}): Value {
  const [steps, width] = [x_TBE.size(0), x_TBE.size(2)];
  const { maxLength = steps } = options;
  const table = scope.parameter('table', [maxLength, 1, width], { initializer: normal(0.02) });
  return add(x_TBE, slice(table, { axis: 0, start: 0, end: steps }));
}

/**
 * A weighted mean over time with trainable weights, a = softmax(tanh(x·W + b)·u): [B,E], 0 for an empty sequence.
 * Yang et al. 2016, eq. 5–7.
 */
export function attentionPooling(
  scope: Scope,
  x_TBE: Value,
  lengths_B: Value,
  options: { units: number },
): Value {
  expectSequence('attentionPooling', x_TBE, lengths_B);
  const hidden = tanh(dense(scope.in('hidden'), x_TBE, { units: options.units }));
  return weightedOverTime(x_TBE, dense(scope.in('score'), hidden, { units: 1, bias: false }), lengths_B);
}

/**
 * Attention over a history given a candidate (Zhou et al. 2018, "Deep Interest Network", with a softmax): each
 * step is scored by a small network over step, candidate, their difference and product. [B,E].
 */
export function targetAttention(
  scope: Scope,
  history: { x_TBE: Value; lengths_B: Value },
  candidate_BE: Value,
  options: { units: number },
): Value {
  const { x_TBE, lengths_B } = history;
  expectSequence('targetAttention', x_TBE, lengths_B);
  if (candidate_BE.shape.join() !== x_TBE.shape.slice(1).join())
    throw new GraphError(
      `${describeCall('targetAttention', [x_TBE, candidate_BE])}: the candidate must be [B,E], as a step is`,
    );
  const candidate_1BE = unsqueeze(candidate_BE, [0]);
  const own = concat([x_TBE, sub(x_TBE, candidate_1BE), mul(x_TBE, candidate_1BE)], 2);
  // The candidate's part of the first layer is the same for all steps: made once, broadcast.
  const ofSteps_TBU = dense(scope.in('steps'), own, { units: options.units });
  const ofCandidate_1BU = dense(scope.in('candidate'), candidate_1BE, { units: options.units, bias: false });
  const hidden = relu(add(ofSteps_TBU, ofCandidate_1BU));
  return weightedOverTime(x_TBE, dense(scope.in('score'), hidden, { units: 1 }), lengths_B);
}

/** Σₜ softmax(score)ₜ·xₜ over valid steps; 0 for an empty sequence. */
function weightedOverTime(x_TBE: Value, score_TB1: Value, lengths_B: Value): Value {
  const mask_TB1 = sequenceMask(lengths_B, x_TBE.size(0));
  const weights_TB1 = mul(softmax(add(score_TB1, mul(sub(mask_TB1, 1), NEVER)), 0), mask_TB1);
  const weights_B1T = transpose(weights_TB1, [1, 2, 0]);
  return squeeze(matMul(weights_B1T, transpose(x_TBE, [1, 0, 2])), [1]);
}
