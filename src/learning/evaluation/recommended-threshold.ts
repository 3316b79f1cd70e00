import { groupByScore } from './score-groups';

/**
 * The threshold of largest F1 = 2·tp / (2·tp + fp + fn): the usual choice where positives are the rarer class
 * and nobody has named the cost of either mistake. Tenants may set their own.
 *
 * It lies midway between the lowest probability that is called positive and the next one below, so that
 * a last-digit difference between two machines does not change a decision. Among equal F1 the highest wins.
 *
 * @returns in (0, 1); 0.5 when no threshold in there calls a positive example positive.
 */
export function recommendThreshold(labels_N: Float32Array, probabilities_N: Float32Array): number {
  const groups = groupByScore(labels_N, probabilities_N);
  let best = 0;
  let bestGroup = -1;
  groups.truePositives.forEach((tp, group) => {
    const called = tp + (groups.falsePositives[group] ?? 0);
    const f1 = (2 * tp) / (called + groups.positives);
    // A probability of 0 is a promise: calling those examples positive is no threshold.
    if (f1 > best && (groups.scores[group] ?? 0) > 0) {
      best = f1;
      bestGroup = group;
    }
  });
  const lowestCalled = groups.scores[bestGroup];
  if (lowestCalled === undefined) return 0.5;
  const nextBelow = groups.scores[bestGroup + 1] ?? 0;
  return (lowestCalled + nextBelow) / 2;
}
