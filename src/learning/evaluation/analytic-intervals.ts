import { Z_95 } from './normal';

/** A 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of a share, from how often it was so (Wilson 1927): inside 0..1, also where the share is 0 or 1. */
export function shareInterval(successes: number, count: number): Interval {
  const share = successes / count;
  const z2 = Z_95 ** 2;
  const scale = 1 / (1 + z2 / count);
  const centre = scale * (share + z2 / (2 * count));
  const reach = scale * Z_95 * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count ** 2));
  return { low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) };
}

/** Of a mean, from its terms: by the normal approximation; two terms or more. */
export function meanInterval(terms_N: Float64Array): Interval {
  const count = terms_N.length;
  const mean = terms_N.reduce((sum, term) => sum + term, 0) / count;
  const squares = terms_N.reduce((sum, term) => sum + (term - mean) ** 2, 0);
  const reach = Z_95 * Math.sqrt(squares / (count - 1) / count);
  return { low: mean - reach, high: mean + reach };
}

/**
 * Of a ROC AUC (Hanley & McNeil 1982, eq. 2): var = [A(1−A) + (M−1)(A/(2−A) − A²) + (N−1)(2A²/(1+A) − A²)] / (M·N),
 * with M positives and N negatives. Cut at 0 and 1.
 */
export function rocAucInterval(auc: number, positives: number, negatives: number): Interval {
  const square = auc ** 2;
  const variance =
    (auc * (1 - auc) +
      (positives - 1) * (auc / (2 - auc) - square) +
      (negatives - 1) * ((2 * square) / (1 + auc) - square)) /
    (positives * negatives);
  const reach = Z_95 * Math.sqrt(Math.max(0, variance));
  return { low: Math.max(0, auc - reach), high: Math.min(1, auc + reach) };
}
