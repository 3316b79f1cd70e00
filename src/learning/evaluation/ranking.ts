import { forEachGroup, type ScoreGroups } from './score-groups';

/** How well scores order the examples: 0..1 each, Gini -1..1; null where one class is absent. */
export interface RankingMetrics {
  readonly rocAuc: number | null;
  readonly prAuc: number | null;
  readonly ks: number | null;
  readonly gini: number | null;
}

export function rankingMetrics(groups: ScoreGroups): RankingMetrics {
  const auc = rocAuc(groups);
  return {
    rocAuc: auc,
    prAuc: averagePrecision(groups),
    ks: kolmogorovSmirnov(groups),
    gini: auc === null ? null : 2 * auc - 1,
  };
}

/**
 * Probability that a random positive scores above a random negative, ties counting half.
 * Equals the Mann–Whitney U statistic over positives · negatives, and the trapezoid area under the ROC curve.
 */
export function rocAuc(groups: ScoreGroups): number | null {
  const { positives, negatives } = groups;
  if (positives === 0 || negatives === 0) return null;
  let wins = 0;
  forEachGroup(groups, (group) => {
    wins += group.negatives * (group.truePositives - group.positives / 2);
  });
  return wins / (positives * negatives);
}

/**
 * Average precision: Σ (recall_g − recall_g₋₁) · precision_g over distinct scores, descending.
 * Unlike the trapezoid area under the precision-recall curve it does not interpolate optimistically.
 */
export function averagePrecision(groups: ScoreGroups): number | null {
  if (groups.positives === 0 || groups.negatives === 0) return null;
  let sum = 0;
  forEachGroup(groups, (group) => {
    sum += (group.positives * group.truePositives) / (group.truePositives + group.falsePositives);
  });
  return sum / groups.positives;
}

/** Kolmogorov–Smirnov: the largest gap between true and false positive rate over all thresholds. */
export function kolmogorovSmirnov(groups: ScoreGroups): number | null {
  const { positives, negatives } = groups;
  if (positives === 0 || negatives === 0) return null;
  let largest = 0;
  forEachGroup(groups, (group) => {
    largest = Math.max(largest, Math.abs(group.truePositives / positives - group.falsePositives / negatives));
  });
  return largest;
}
