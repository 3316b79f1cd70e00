/** Subjects up to which the distribution is computed exactly: the work grows with their square. */
export const MAX_EXACT = 2_000;
const Z95 = 1.959963984540054;

/** How many of some independent events happen. */
export interface CountInterval {
  readonly expected: number;
  /** It lies from `low` to `high` with a probability of at least 95 %. */
  readonly low: number;
  readonly high: number;
  readonly method: 'EXACT' | 'NORMAL';
}

/**
 * How many events with these probabilities happen, if they are independent: the Poisson binomial distribution. Up to
 * 2,000 events its central quantiles, from the distribution itself, else those of the normal distribution of the same
 * mean and variance Σp(1 − p), with half a unit for continuity.
 */
export function countInterval(probabilities: readonly number[]): CountInterval {
  const expected = probabilities.reduce((sum, p) => sum + p, 0);
  const count = probabilities.length;
  if (count > MAX_EXACT) {
    const variance = probabilities.reduce((sum, p) => sum + p * (1 - p), 0);
    const half = Z95 * Math.sqrt(variance) + 0.5;
    return {
      expected,
      low: Math.max(0, Math.ceil(expected - half)),
      high: Math.min(count, Math.floor(expected + half)),
      method: 'NORMAL',
    };
  }
  const mass = distribution(probabilities);
  let low = 0;
  let below = 0;
  for (; low < count && below + (mass[low] ?? 0) <= 0.025; low++) below += mass[low] ?? 0;
  let high = count;
  let above = 0;
  for (; high > low && above + (mass[high] ?? 0) <= 0.025; high--) above += mass[high] ?? 0;
  return { expected, low, high, method: 'EXACT' };
}

/** P(k of them happen), k = 0 … n: one event after the other. */
export function distribution(probabilities: readonly number[]): Float64Array {
  const mass = new Float64Array(probabilities.length + 1);
  mass[0] = 1;
  probabilities.forEach((p, index) => {
    for (let k = index + 1; k > 0; k--) mass[k] = (mass[k] ?? 0) * (1 - p) + (mass[k - 1] ?? 0) * p;
    mass[0] = (mass[0] ?? 0) * (1 - p);
  });
  return mass;
}
