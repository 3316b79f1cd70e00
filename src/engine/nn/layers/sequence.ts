import { describeCall, GraphError, tensorOf, type Value } from '../../onnx';
import {
  add,
  cast,
  div,
  gather,
  less,
  max,
  mul,
  reduceMax,
  reduceSum,
  reshape,
  sub,
  unsqueeze,
} from '../../ops';

/**
 * Sequences are time-major, x_TBE: a step of all sequences is one contiguous block. They begin at step 0 and
 * are padded at the end; lengths_B (int32) counts the valid steps, 0 … T.
 */

/**
 * Refuses what is no sequence with its lengths: broadcasting would take lengths of another batch for a while.
 *
 * @throws GraphError naming the layer and both shapes.
 */
export function expectSequence(layer: string, x_TBE: Value, lengths_B: Value): void {
  if (
    x_TBE.rank !== 3 ||
    lengths_B.rank !== 1 ||
    lengths_B.dtype !== 'int32' ||
    lengths_B.dim(0) !== x_TBE.dim(1)
  )
    throw new GraphError(
      `${describeCall(layer, [x_TBE, lengths_B])}: x must be [T,B,E] and the lengths int32 [B]`,
    );
}

/** [T,B,1]: 1 at valid steps, 0 at padding. */
export function sequenceMask(lengths_B: Value, steps: number): Value {
  const count = Array.from({ length: steps }, (_, step) => step);
  const step_T1 = lengths_B.graph.constant(tensorOf('int32', [steps, 1], count));
  return unsqueeze(cast(less(step_T1, unsqueeze(lengths_B, [0])), 'float32'), [2]);
}

/** x at valid steps, 0 at padding: what a convolution must see. */
export function maskSequence(x_TBE: Value, lengths_B: Value): Value {
  expectSequence('maskSequence', x_TBE, lengths_B);
  return mul(x_TBE, sequenceMask(lengths_B, x_TBE.size(0)));
}

/** Mean over the valid steps: [B,E], 0 for an empty sequence. */
export function meanOverTime(x_TBE: Value, lengths_B: Value): Value {
  expectSequence('meanOverTime', x_TBE, lengths_B);
  const total = reduceSum(maskSequence(x_TBE, lengths_B), [0]);
  return div(total, unsqueeze(max(cast(lengths_B, 'float32'), 1), [1]));
}

/** Largest over the valid steps: [B,E], 0 for an empty sequence. */
export function maxOverTime(x_TBE: Value, lengths_B: Value): Value {
  expectSequence('maxOverTime', x_TBE, lengths_B);
  const mask = sequenceMask(lengths_B, x_TBE.size(0));
  // Padding is moved far below; then empty sequences, all padding, are brought to 0.
  const lowered = add(x_TBE, mul(sub(mask, 1), 1e30));
  const anyStep = cast(less(0, cast(lengths_B, 'float32')), 'float32');
  return mul(reduceMax(mul(lowered, unsqueeze(unsqueeze(anyStep, [0]), [2])), [0]), unsqueeze(anyStep, [1]));
}

/** The last valid step: [B,E], 0 for an empty sequence. Needs a static batch. */
export function lastStep(x_TBE: Value, lengths_B: Value): Value {
  expectSequence('lastStep', x_TBE, lengths_B);
  const [steps, batch, width] = [x_TBE.size(0), x_TBE.size(1), x_TBE.size(2)];
  const { graph } = lengths_B;
  const column = graph.constant(
    tensorOf(
      'int32',
      [batch],
      Array.from({ length: batch }, (_, b) => b),
    ),
  );
  const isNotEmpty = less(0, lengths_B);
  const last = sub(lengths_B, cast(isNotEmpty, 'int32'));
  const picked = gather(reshape(x_TBE, [steps * batch, width]), add(mul(last, batch), column));
  return mul(picked, unsqueeze(cast(isNotEmpty, 'float32'), [1]));
}
