import { seededRandom } from '../training/random';

/** What was seen of something that might be shown. */
export interface RateEvidence {
  readonly shown: number;
  /** Of those shown. */
  readonly positives: number;
  /** Of those shown with a prediction: how many, and the sum of what was predicted. */
  readonly predictedShown: number;
  readonly predicted: number;
}

/** A Beta distribution of a rate. */
export interface BetaPosterior {
  readonly alpha: number;
  readonly beta: number;
}

export const NO_EVIDENCE: RateEvidence = { shown: 0, positives: 0, predictedShown: 0, predicted: 0 };

/**
 * The posterior of a rate in this context, whose prior mean is what the model says and whose prior weighs as much as so
 * many showings: Beta(κp + positives, κ(1 − p) + showings − positives).
 *
 * Past showings were to other people and in other places. Where it is known what was predicted of them, they count as
 * so many showings like this one as would have been expected to succeed as often, so that the mean becomes
 * p · (κp + positives) / (κp + expected): the model's answer, corrected by how it erred on this item alone. Without
 * predictions, each counts as one like this.
 *
 * @param probability the model's, 0..1; kept off the ends by 1e-6
 * @param strength κ > 0, in showings
 */
export function posteriorOf(probability: number, strength: number, evidence: RateEvidence): BetaPosterior {
  const p = Math.min(1 - 1e-6, Math.max(1e-6, probability));
  const { shown, positives, predictedShown, predicted } = evidence;
  const showings = shown - predictedShown + predicted / p;
  return {
    alpha: strength * p + positives,
    beta: strength * (1 - p) + Math.max(0, showings - positives),
  };
}

export const meanOf = ({ alpha, beta }: BetaPosterior): number => alpha / (alpha + beta);

/**
 * One draw of a rate, in 0..1, that depends on the seed, the item and the posterior alone: the other items, and the
 * order in which they are given, do not matter.
 */
export function sampleRate(posterior: BetaPosterior, seed: number, item: string): number {
  return sampleBeta(posterior, seededRandom(seedOf(seed, item)));
}

/** A gamma over the sum of two; in logarithms, because those of small shapes are smaller than a number can be. */
export function sampleBeta({ alpha, beta }: BetaPosterior, random: () => number): number {
  const first = logGamma(alpha, random);
  const second = logGamma(beta, random);
  return 1 / (1 + Math.exp(second - first));
}

/**
 * The logarithm of a draw from Gamma(shape, 1), shape > 0 (Marsaglia & Tsang 2000); for shapes below 1 by
 * G(a) = G(a + 1) · U^(1/a).
 */
function logGamma(shape: number, random: () => number): number {
  if (shape < 1) return logGamma(shape + 1, random) + Math.log(1 - random()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d) + Math.log(v);
  }
}

/** Box and Muller 1958. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** FNV-1a over the item's UTF-16 units, begun with the seed. */
function seedOf(seed: number, item: string): number {
  let hash = Math.imul(0x811c9dc5 ^ seed, 0x01000193);
  for (let i = 0; i < item.length; i++) hash = Math.imul(hash ^ item.charCodeAt(i), 0x01000193);
  return hash;
}
