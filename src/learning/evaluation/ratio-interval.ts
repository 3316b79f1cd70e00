import { Z_95 } from './normal';
import { MIN_UNITS, numberUnits } from './resampling';

/** A share or a mean over examples, with a 95 % interval. */
export interface Estimate {
  /** Null of no examples. */
  readonly estimate: number | null;
  /** Both null where there is too little to tell. */
  readonly low: number | null;
  readonly high: number | null;
  /** How many examples it is of. */
  readonly examples: number;
}

/** What an estimate is of: the examples of one subject are alike and do not count as independent ones. */
export interface EstimateOptions {
  /** Only examples of which this is not 0: [N]. */
  readonly among_N?: Uint8Array | undefined;
  /** Whose they are; null where each stands for itself: [N]. */
  readonly subjects_N: Int32Array | null;
}

const NOTHING: Estimate = { estimate: null, low: null, high: null, examples: 0 };

/**
 * The share of examples that hit: Wilson's score interval (Wilson 1927) of as many independent examples as the
 * subjects' likeness leaves, by the design effect (Kish 1965; Rao & Scott 1992).
 *
 * @param hits_N 0 or 1: [N]
 */
export function shareEstimate(hits_N: Uint8Array, options: EstimateOptions): Estimate {
  const sums = sumsOf(hits_N, options);
  if (sums.examples === 0) return NOTHING;
  const { mean, examples, squares } = sums;
  const plain = mean * (1 - mean);
  // Where all or none hit, nothing shows how alike the examples of a subject are: they may all be.
  const n = plain === 0 ? sums.units : Math.min(examples, (plain * examples * examples) / squares);
  const z2 = Z_95 * Z_95;
  const middle = (mean + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z_95 / (1 + z2 / n)) * Math.sqrt((mean * (1 - mean)) / n + z2 / (4 * n * n));
  return {
    estimate: mean,
    low: Math.max(0, Math.min(mean, middle - half)),
    high: Math.min(1, Math.max(mean, middle + half)),
    examples,
  };
}

/** The mean of a value over examples, with the normal interval of a mean over subjects; none of fewer than ten subjects. */
export function meanEstimate(values_N: Float64Array, options: EstimateOptions): Estimate {
  const { mean, examples, squares, units } = sumsOf(values_N, options);
  if (examples === 0) return NOTHING;
  if (units < MIN_UNITS) return { estimate: mean, low: null, high: null, examples };
  const half = (Z_95 / examples) * Math.sqrt((squares * units) / (units - 1));
  return { estimate: mean, low: mean - half, high: mean + half, examples };
}

type Numbered = ReturnType<typeof numberUnits>;

/** Many estimates are of the same examples. */
const numbered = new WeakMap<Int32Array, Numbered>();

function unitsOf(count: number, subjects_N: Int32Array | null): Numbered {
  const known = subjects_N && numbered.get(subjects_N);
  if (known) return known;
  const units = numberUnits(count, subjects_N);
  if (subjects_N) numbered.set(subjects_N, units);
  return units;
}

interface Sums {
  readonly mean: number;
  readonly examples: number;
  /** Subjects that have one of the examples. */
  readonly units: number;
  /** Σ over subjects of (sum − mean · count)²: over examples², the variance of the mean as a ratio (Cochran 1977, §6.3). */
  readonly squares: number;
}

function sumsOf(values_N: ArrayLike<number>, { among_N, subjects_N }: EstimateOptions): Sums {
  const { of_N, total } = unitsOf(values_N.length, subjects_N);
  const sums_U = new Float64Array(total);
  const counts_U = new Float64Array(total);
  let sum = 0;
  let examples = 0;
  for (let n = 0; n < values_N.length; n++) {
    if (among_N && among_N[n] === 0) continue;
    const unit = of_N[n] ?? 0;
    const value = values_N[n] ?? 0;
    sums_U[unit] = (sums_U[unit] ?? 0) + value;
    counts_U[unit] = (counts_U[unit] ?? 0) + 1;
    sum += value;
    examples++;
  }
  const mean = sum / examples;
  let squares = 0;
  let units = 0;
  for (let unit = 0; unit < total; unit++) {
    const count = counts_U[unit] ?? 0;
    if (count === 0) continue;
    units++;
    squares += ((sums_U[unit] ?? 0) - mean * count) ** 2;
  }
  return { mean, examples, units, squares };
}
