import { type CalibrationMetrics, calibrationMetrics } from './calibration-metrics';
import { type RankingMetrics, rankingMetrics } from './ranking';
import { groupByScore } from './score-groups';
import { type Confusion, confusionAt, type ThresholdMetrics, thresholdMetrics } from './threshold-metrics';

/** Everything that is said about a model on a part of the data. A metric is null where it is undefined. */
export interface Evaluation extends ThresholdMetrics, RankingMetrics, CalibrationMetrics {
  readonly count: number;
  readonly positives: number;
  /** Decisions at it are what `confusion` and the threshold metrics judge. */
  readonly threshold: number;
  readonly confusion: Confusion;
}

/**
 * Judges probabilities against labels.
 *
 * @param labels_N 0 or 1.
 * @param probabilities_N finite, 0..1.
 * @param threshold an example is called positive when its probability is at or above it.
 * @throws RangeError when lengths differ, a label is neither 0 nor 1, or a probability is outside 0..1.
 */
export function evaluate(
  labels_N: Float32Array,
  probabilities_N: Float32Array,
  threshold: number,
): Evaluation {
  const outside = probabilities_N.findIndex((p) => !(p >= 0 && p <= 1));
  if (outside >= 0) throw new RangeError(`the probability of example ${outside} is outside 0..1`);
  const groups = groupByScore(labels_N, probabilities_N);
  const confusion = confusionAt(labels_N, probabilities_N, threshold);
  return {
    count: labels_N.length,
    positives: groups.positives,
    threshold,
    confusion,
    ...thresholdMetrics(confusion),
    ...rankingMetrics(groups),
    ...calibrationMetrics(labels_N, probabilities_N, groups),
  };
}
