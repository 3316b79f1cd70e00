import { calibrationBins, type CalibrationBin } from './calibration-bins';
import { type LiftDecile, liftDeciles } from './lift';
import { forEachGroup, groupByScore, type ScoreGroup } from './score-groups';
import { type Confusion, type ThresholdMetrics, thresholdMetrics } from './threshold-metrics';

/** Most points that a curve has. */
export const MAX_CURVE_POINTS = 200;

export interface RocPoint {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
  /** Examples at or above it are called positive; 1 at the origin, where none is. */
  readonly threshold: number;
}

export interface PrecisionRecallPoint {
  readonly recall: number;
  readonly precision: number;
  readonly threshold: number;
}

/** What turning to the examples of the highest probabilities finds. */
export interface GainPoint {
  /** Of all examples, those at or above the threshold: 0..1. */
  readonly share: number;
  /** Of all positives, those among them: 0..1. */
  readonly gain: number;
  /** Gain over share: how many times more positives than among as many at random; null where the share is 0. */
  readonly lift: number | null;
  readonly threshold: number;
}

/** The two distributions whose largest distance is the Kolmogorov–Smirnov statistic. */
export interface KsPoint {
  readonly threshold: number;
  /** Of all positives, those below the threshold: 0..1. */
  readonly positivesBelow: number;
  /** Of all negatives, those below the threshold: 0..1. */
  readonly negativesBelow: number;
  readonly distance: number;
}

/** All decisions that one threshold leads to. */
export interface ThresholdPoint extends ThresholdMetrics {
  readonly threshold: number;
  readonly confusion: Confusion;
}

/** What the usual diagrams are drawn from. ROC, precision-recall, gain and KS are empty when a class is absent. */
export interface EvaluationCurves {
  readonly roc: readonly RocPoint[];
  readonly precisionRecall: readonly PrecisionRecallPoint[];
  readonly calibration: readonly CalibrationBin[];
  readonly gain: readonly GainPoint[];
  readonly deciles: readonly LiftDecile[];
  readonly ks: readonly KsPoint[];
  readonly thresholds: readonly ThresholdPoint[];
}

/** Curves of at most {@link MAX_CURVE_POINTS} points each, thinned evenly along their length. */
export function evaluationCurves(labels_N: Float32Array, probabilities_N: Float32Array): EvaluationCurves {
  const groups = groupByScore(labels_N, probabilities_N);
  const { positives, negatives } = groups;
  const visited: ScoreGroup[] = [];
  forEachGroup(groups, (group) => visited.push(group));
  const called = (group: ScoreGroup) => group.truePositives + group.falsePositives;
  const share = (group: ScoreGroup) => called(group) / (positives + negatives);
  const of = {
    calibration: calibrationBins(groups),
    deciles: liftDeciles(groups),
    thresholds: thin(visited, share).map((group) => thresholdPoint(group, { positives, negatives })),
  };
  if (positives === 0 || negatives === 0) return { ...of, roc: [], precisionRecall: [], gain: [], ks: [] };
  const truePositiveRate = (group: ScoreGroup) => group.truePositives / positives;
  const falsePositiveRate = (group: ScoreGroup) => group.falsePositives / negatives;
  const distance = (group: ScoreGroup) => Math.abs(truePositiveRate(group) - falsePositiveRate(group));
  const middle = (group: ScoreGroup) => (falsePositiveRate(group) + truePositiveRate(group)) / 2;
  const origin: ScoreGroup = {
    score: 1,
    ...{ truePositives: 0, falsePositives: 0, positives: 0, negatives: 0 },
  };
  const fromOrigin = [origin, ...visited];
  return {
    ...of,
    roc: thin(fromOrigin, middle).map((group) => ({
      falsePositiveRate: falsePositiveRate(group),
      truePositiveRate: truePositiveRate(group),
      threshold: group.score,
    })),
    precisionRecall: thin(visited, truePositiveRate).map((group) => ({
      recall: truePositiveRate(group),
      precision: group.truePositives / called(group),
      threshold: group.score,
    })),
    gain: thin(fromOrigin, share).map((group) => ({
      share: share(group),
      gain: truePositiveRate(group),
      lift: called(group) === 0 ? null : truePositiveRate(group) / share(group),
      threshold: group.score,
    })),
    ks: thin(fromOrigin, middle, farthest(visited, distance)).map((group) => ({
      threshold: group.score,
      positivesBelow: 1 - truePositiveRate(group),
      negativesBelow: 1 - falsePositiveRate(group),
      distance: distance(group),
    })),
  };
}

function thresholdPoint(
  { score, truePositives: tp, falsePositives: fp }: ScoreGroup,
  { positives, negatives }: { positives: number; negatives: number },
): ThresholdPoint {
  const confusion = { tp, fp, tn: negatives - fp, fn: positives - tp };
  return { threshold: score, confusion, ...thresholdMetrics(confusion) };
}

function farthest(
  visited: readonly ScoreGroup[],
  distance: (group: ScoreGroup) => number,
): ScoreGroup | undefined {
  return visited.reduce<ScoreGroup | undefined>(
    (best, group) => (best === undefined || distance(group) > distance(best) ? group : best),
    undefined,
  );
}

/**
 * Keeps the first point, and the last one in each of equally long stretches of a position that rises 0..1.
 *
 * @param kept a point that is kept in any case
 */
function thin<P>(points: readonly P[], position: (point: P) => number, kept?: P): P[] {
  if (points.length <= MAX_CURVE_POINTS) return [...points];
  const stretch = (point: P) => Math.ceil(position(point) * (MAX_CURVE_POINTS - 3));
  return points.filter((point, index) => {
    const next = points[index + 1];
    return index === 0 || point === kept || next === undefined || stretch(next) !== stretch(point);
  });
}
