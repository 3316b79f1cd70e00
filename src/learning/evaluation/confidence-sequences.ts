import { lnGamma } from '../decisions/ln-gamma';
import { type Interval } from './analytic-intervals';

/** Sums over subjects: each brings the total of a quantity over its predictions, and how many those are. */
export interface SubjectSums {
  readonly subjects: number;
  /** Predictions of all of them. */
  readonly count: number;
  /** Of the quantity's totals x, of their squares, of their products with the subjects' counts n, and of n². */
  readonly x: number;
  readonly xx: number;
  readonly xn: number;
  readonly nn: number;
}

export interface MeanEstimate {
  readonly value: number;
  /** Of the value; NaN below two subjects. */
  readonly variance: number;
  /** Terms that are independent of each other. */
  readonly terms: number;
}

/**
 * The mean over predictions, where those of a subject may depend on each other: of the ratio Σx / Σn over subjects, by
 * linearization (Cochran 1977, 6.3). Var ≈ J/(J−1) · Σ(xⱼ − m·nⱼ)² / (Σn)².
 */
export function meanOverSubjects({ subjects, count, x, xx, xn, nn }: SubjectSums): MeanEstimate {
  const value = x / count;
  const squares = Math.max(0, xx - 2 * value * xn + value ** 2 * nn);
  return { value, variance: ((subjects / (subjects - 1)) * squares) / count ** 2, terms: subjects };
}

/** Of two means that do not depend on each other: first − second. */
export function differenceOf(first: MeanEstimate, second: MeanEstimate): MeanEstimate {
  return {
    value: first.value - second.value,
    variance: first.variance + second.variance,
    terms: (first.terms * second.terms) / (first.terms + second.terms),
  };
}

/**
 * How far a mean may be from the truth to one side, valid at all times at once: that it is ever farther has a probability
 * of at most alpha, however often one looks and whenever one stops.
 *
 * The boundary of Robbins' normal mixture over one half of the line (Robbins 1970; Howard et al. 2021, 3.3), with the
 * variance estimated: an asymptotic confidence sequence (Waudby-Smith et al. 2024). With t terms of variance σ² and prior
 * ρ²: σ · √( 2(tρ² + 1) / (t²ρ²) · ln(½ + √(tρ² + 1) / (2·alpha)) ). It holds from a number of terms on at which
 * means are close to normal: where some terms are rare and large, such as the losses of a rare label, from about 50 of them.
 *
 * @param tunedFor number of terms at which it is narrowest
 */
export function reachAtAllTimes({ variance, terms }: MeanEstimate, alpha: number, tunedFor: number): number {
  const l = -2 * Math.log(alpha);
  const tr = (terms * (l + Math.log(l + 1))) / tunedFor;
  const squared = ((2 * (tr + 1)) / tr) * Math.log(0.5 + Math.sqrt(tr + 1) / (2 * alpha));
  return Math.sqrt(variance * squared);
}

/** Halvings of the search for an end: below what matters of a rate. */
const HALVINGS = 50;

/**
 * Bounds of a rate that hold at all times at once with a probability of at least 1 − alpha, exactly: the rates whose
 * beta-binomial mixture (uniform prior) has not reached 1/alpha (Robbins 1970; Howard et al. 2021, 3.2).
 *
 * @param successes among `count` trials, each with the same rate given those before
 */
export function rateAtAllTimes(successes: number, count: number, alpha: number): Interval {
  if (count === 0) return { low: 0, high: 1 };
  const failures = count - successes;
  // ln B(s + 1, f + 1): the mixture's likelihood.
  const mixture = lnGamma(successes + 1) + lnGamma(failures + 1) - lnGamma(count + 2);
  const limit = -Math.log(alpha);
  const isExcluded = (rate: number): boolean => mixture - lnLikelihood(rate, successes, failures) >= limit;
  const mode = successes / count;
  return {
    low: isExcluded(0) ? endBetween(0, mode, isExcluded) : 0,
    high: isExcluded(1) ? endBetween(1, mode, isExcluded) : 1,
  };
}

function lnLikelihood(rate: number, successes: number, failures: number): number {
  const of = (count: number, share: number): number => (count === 0 ? 0 : count * Math.log(share));
  return of(successes, rate) + of(failures, 1 - rate);
}

/** Where the excluded rates end, between one that is and one that is not. */
function endBetween(excluded: number, included: number, isExcluded: (rate: number) => boolean): number {
  let [out, inside] = [excluded, included];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (out + inside) / 2;
    if (isExcluded(middle)) out = middle;
    else inside = middle;
  }
  return out;
}
