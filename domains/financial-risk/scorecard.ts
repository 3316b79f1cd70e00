/** Where a points-to-double-odds scale lies. */
export interface Scale {
  /** The score at which the odds are `odds`. */
  readonly base: number;
  /** Good to bad: payers for each defaulter. */
  readonly odds: number;
  /** So many points more double the odds. */
  readonly pointsToDouble: number;
}

/** Probabilities of exactly 0 or 1 have no odds. */
const CLIP = 1e-7;

/**
 * The score of a probability of default: `base + pointsToDouble · log₂(((1 − p) / p) / odds)`
 * (Siddiqi 2006, "Credit Risk Scorecards", chapter 6). The higher, the safer; not rounded.
 *
 * @param probability 0..1; clipped to 10⁻⁷ … 1 − 10⁻⁷
 */
export function scoreOf(probability: number, { base, odds, pointsToDouble }: Scale): number {
  const p = Math.min(1 - CLIP, Math.max(CLIP, probability));
  return base + pointsToDouble * Math.log2((1 - p) / p / odds);
}

/** The probability of default that has this score. */
export function probabilityOf(score: number, { base, odds, pointsToDouble }: Scale): number {
  return 1 / (1 + odds * 2 ** ((score - base) / pointsToDouble));
}
