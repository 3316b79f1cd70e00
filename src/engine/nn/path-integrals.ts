import { gradients } from '../autodiff';
import { tensorOf, type Value } from '../onnx';
import { mul, reduceSum } from '../ops';

/** A value whose rows are points of a path. */
export interface PathPoints {
  readonly values: Value;
  /** The axis of the rows. */
  readonly batchAxis: number;
}

/**
 * Integrals along a path of the gradient of an output, whose rows [B] are the points of a quadrature: of each value,
 * Σ weights[b] · ∂output[b]/∂values[b], without the axis of the rows.
 *
 * @param weights one for each row; 0 for rows that are no points of the path
 */
export function pathIntegrals(
  output_B: Value,
  weights: readonly number[],
  points: readonly PathPoints[],
): Value[] {
  const ofRows = output_B.graph.constant(tensorOf(output_B.dtype, [weights.length], [...weights]));
  const slopes = gradients(
    reduceSum(mul(output_B, ofRows)),
    points.map(({ values }) => values),
  );
  return slopes.map((slope, index) => reduceSum(slope, [points[index]?.batchAxis ?? 0]));
}
