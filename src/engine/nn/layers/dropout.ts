import { describeCall, GraphError, type Value } from '../../onnx';
import { add, floor, mul, reshape, sub } from '../../ops';
import { type Scope } from '../scope';

/** Columns' factors lie in [LOW, 2·LOW): large enough that the product's fraction is well mixed. */
const LOW = 1024;

/**
 * Zeroes elements with probability `rate` and scales the rest by 1/(1 − rate); the identity in inference.
 *
 * Which ones is a hash of two short random vectors, fresh for every step, one number a row (r) and one a
 * column (c): element (i, j) is kept when the fraction of rᵢ·cⱼ + 0.. lies in the upper part. A step of [B,E] so
 * needs B + E random numbers instead of B·E, and its mask depends on the step's noise alone, which is what
 * lets a run resume exactly. Single precision leaves the fraction at least 12 bits: rates hold to 3·10⁻⁴.
 */
export function dropout(scope: Scope, x: Value, rate: number): Value {
  if (!(rate >= 0 && rate < 1))
    throw new GraphError(
      `${describeCall('dropout', [x])}: the rate is 0 or more and less than 1, not ${rate}`,
    );
  if (!scope.training || rate === 0) return x;
  const shape = x.staticShape();
  const columns = x.size(-1);
  const rows = shape.slice(0, -1);
  const row = reshape(scope.noise('rows', [rows.reduce((a, b) => a * b, 1)]), [...rows, 1]);
  const column = add(mul(scope.noise('columns', [columns]), LOW), LOW);
  const hash = mul(row, column);
  // ⌊h + keep⌋ − ⌊h⌋ is 1 exactly when the fraction of h is at least 1 − keep.
  const keep = 1 - rate;
  const kept = sub(floor(add(hash, keep)), floor(hash));
  return mul(mul(x, kept), 1 / keep);
}
