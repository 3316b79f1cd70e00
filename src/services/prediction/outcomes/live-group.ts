import {
  type Interval,
  meanInterval,
  rocAucInterval,
  shareInterval,
} from '../../../learning/evaluation/analytic-intervals';
import { type CalibrationBin, calibrationBins } from '../../../learning/evaluation/calibration-bins';
import { calibrationMetrics, LOG_LOSS_CLIP } from '../../../learning/evaluation/calibration-metrics';
import { rocAuc } from '../../../learning/evaluation/ranking';
import { groupByScore } from '../../../learning/evaluation/score-groups';

/** Outcomes that a metric needs at least: of fewer it would say more of chance than of the model. */
export const MIN_OUTCOMES = 30;

export const METRIC_REASONS = ['NO_OUTCOMES', 'TOO_FEW_OUTCOMES', 'ONE_CLASS'] as const;
export type MetricReason = (typeof METRIC_REASONS)[number];

/** A metric with its 95 % interval, or why there is none. */
export interface LiveMetric {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly reason: MetricReason | null;
}

export interface LiveQuality {
  readonly rocAuc: LiveMetric;
  readonly logLoss: LiveMetric;
  readonly brier: LiveMetric;
  readonly ece: LiveMetric;
  readonly baseRate: LiveMetric;
  /** Highest probabilities first; empty where `ece` has no value. */
  readonly calibration: readonly CalibrationBin[];
}

/**
 * How good predictions were whose outcomes are known.
 * @param labels_N 0 or 1
 * @param probabilities_N 0..1
 */
export function liveQuality(labels_N: Float32Array, probabilities_N: Float32Array): LiveQuality {
  const count = labels_N.length;
  const groups = groupByScore(labels_N, probabilities_N);
  const { positives, negatives } = groups;
  const baseRate =
    count === 0 ? none('NO_OUTCOMES') : metric(positives / count, shareInterval(positives, count));
  if (count < MIN_OUTCOMES) {
    const missing = none(count === 0 ? 'NO_OUTCOMES' : 'TOO_FEW_OUTCOMES');
    return {
      ...{ rocAuc: missing, logLoss: missing, brier: missing, ece: missing },
      ...{ baseRate, calibration: [] },
    };
  }
  const { logLoss, brier, ece } = calibrationMetrics(labels_N, probabilities_N, groups);
  const auc = rocAuc(groups);
  const losses_N = Float64Array.from(labels_N, (label, n) => lossOf(label, probabilities_N[n] ?? 0));
  const squares_N = Float64Array.from(labels_N, (label, n) => (label - (probabilities_N[n] ?? 0)) ** 2);
  return {
    rocAuc: auc === null ? none('ONE_CLASS') : metric(auc, rocAucInterval(auc, positives, negatives)),
    logLoss: metric(logLoss, meanInterval(losses_N)),
    brier: metric(brier, meanInterval(squares_N)),
    ece: metric(ece, null),
    baseRate,
    calibration: calibrationBins(groups),
  };
}

function lossOf(label: number, probability: number): number {
  const p = Math.min(1 - LOG_LOSS_CLIP, Math.max(LOG_LOSS_CLIP, probability));
  return label === 1 ? -Math.log(p) : -Math.log1p(-p);
}

function metric(value: number | null, interval: Interval | null): LiveMetric {
  return { value, low: interval?.low ?? null, high: interval?.high ?? null, reason: null };
}

function none(reason: MetricReason): LiveMetric {
  return { value: null, low: null, high: null, reason };
}
