import { calibrationBins } from './calibration-bins';
import { type ScoreGroups } from './score-groups';

/**
 * Probabilities are clipped to [1e-7, 1 − 1e-7] before a logarithm: about the distance from 1 to the next
 * float32 below it, so that one saturated mistake costs 16.1 nats and not infinity.
 */
export const LOG_LOSS_CLIP = 1e-7;

/** How far probabilities can be taken at their word; null without examples. Smaller is better in all of them. */
export interface CalibrationMetrics {
  /** Mean negative log likelihood, in nats; clipped at {@link LOG_LOSS_CLIP}. */
  readonly logLoss: number | null;
  /**
   * Log loss over the entropy of the base rate, which is that of always answering it; below 1 is information (He et al.
   * 2014, eq. 1). Null when one class is absent.
   */
  readonly normalizedEntropy: number | null;
  /** Mean squared error of the probability (Brier 1950). */
  readonly brier: number | null;
  /** Expected calibration error (Naeini et al. 2015) over 15 bins of equal mass. */
  readonly ece: number | null;
}

export function calibrationMetrics(
  labels_N: Float32Array,
  probabilities_N: Float32Array,
  groups: ScoreGroups,
): CalibrationMetrics {
  const count = labels_N.length;
  if (count === 0) return { logLoss: null, normalizedEntropy: null, brier: null, ece: null };
  const loss = logLoss(labels_N, probabilities_N);
  const entropy = binaryEntropy(groups.positives / count);
  return {
    logLoss: loss,
    normalizedEntropy: entropy === 0 ? null : loss / entropy,
    brier: brierScore(labels_N, probabilities_N),
    ece: expectedCalibrationError(groups),
  };
}

/** Mean of −[y·ln p + (1−y)·ln(1−p)] in nats, p clipped at {@link LOG_LOSS_CLIP}. */
export function logLoss(labels_N: Float32Array, probabilities_N: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < labels_N.length; i++) {
    const p = Math.min(1 - LOG_LOSS_CLIP, Math.max(LOG_LOSS_CLIP, probabilities_N[i] ?? 0));
    sum -= labels_N[i] === 1 ? Math.log(p) : Math.log1p(-p);
  }
  return sum / labels_N.length;
}

function brierScore(labels_N: Float32Array, probabilities_N: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < labels_N.length; i++) sum += ((probabilities_N[i] ?? 0) - (labels_N[i] ?? 0)) ** 2;
  return sum / labels_N.length;
}

/** Σ mass_b / n · |mean probability_b − positive rate_b|. */
function expectedCalibrationError(groups: ScoreGroups): number {
  const total = groups.positives + groups.negatives;
  return calibrationBins(groups).reduce(
    (sum, bin) => sum + (bin.count / total) * Math.abs(bin.meanProbability - bin.positiveRate),
    0,
  );
}

function binaryEntropy(p: number): number {
  return p === 0 || p === 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log1p(-p);
}
