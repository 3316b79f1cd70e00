import { calibrationBins, type CalibrationBin } from './calibration-bins';
import { forEachGroup, groupByScore, type ScoreGroup } from './score-groups';

/** Most points that a stored curve has. */
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

/** What the usual three diagrams are drawn from. ROC and precision-recall are empty when a class is absent. */
export interface EvaluationCurves {
  readonly roc: readonly RocPoint[];
  readonly precisionRecall: readonly PrecisionRecallPoint[];
  readonly calibration: readonly CalibrationBin[];
}

/** Curves of at most {@link MAX_CURVE_POINTS} points each, thinned evenly along their length. */
export function evaluationCurves(labels_N: Float32Array, probabilities_N: Float32Array): EvaluationCurves {
  const groups = groupByScore(labels_N, probabilities_N);
  const calibration = calibrationBins(groups);
  if (groups.positives === 0 || groups.negatives === 0) return { roc: [], precisionRecall: [], calibration };
  const visited: ScoreGroup[] = [];
  forEachGroup(groups, (group) => visited.push(group));
  const roc = visited.map((group) => ({
    falsePositiveRate: group.falsePositives / groups.negatives,
    truePositiveRate: group.truePositives / groups.positives,
    threshold: group.score,
  }));
  const precisionRecall = visited.map((group) => ({
    recall: group.truePositives / groups.positives,
    precision: group.truePositives / (group.truePositives + group.falsePositives),
    threshold: group.score,
  }));
  return {
    roc: thin(
      [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: 1 }, ...roc],
      (point) => (point.falsePositiveRate + point.truePositiveRate) / 2,
    ),
    precisionRecall: thin(precisionRecall, (point) => point.recall),
    calibration,
  };
}

/** Keeps the first point, and the last one in each of equally long stretches of a position that rises 0..1. */
function thin<P>(points: readonly P[], position: (point: P) => number): P[] {
  if (points.length <= MAX_CURVE_POINTS) return [...points];
  const stretch = (point: P) => Math.ceil(position(point) * (MAX_CURVE_POINTS - 2));
  return points.filter((point, index) => {
    const next = points[index + 1];
    return index === 0 || next === undefined || stretch(next) !== stretch(point);
  });
}
