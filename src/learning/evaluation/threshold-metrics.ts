/** Decisions at one threshold against what happened. */
export interface Confusion {
  readonly tp: number;
  readonly fp: number;
  readonly tn: number;
  readonly fn: number;
}

/** Read from a confusion matrix; 0..1 each, MCC -1..1; null where the denominator is 0. */
export interface ThresholdMetrics {
  readonly accuracy: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly specificity: number | null;
  readonly balancedAccuracy: number | null;
  /** Matthews correlation coefficient. */
  readonly mcc: number | null;
}

/** Counts decisions: an example is called positive when its probability is at or above the threshold. */
export function confusionAt(
  labels_N: Float32Array,
  probabilities_N: Float32Array,
  threshold: number,
): Confusion {
  let tp = 0;
  let fp = 0;
  let positives = 0;
  for (let i = 0; i < labels_N.length; i++) {
    const positive = labels_N[i] === 1;
    if (positive) positives++;
    if ((probabilities_N[i] ?? 0) < threshold) continue;
    if (positive) tp++;
    else fp++;
  }
  return { tp, fp, tn: labels_N.length - positives - fp, fn: positives - tp };
}

export function thresholdMetrics({ tp, fp, tn, fn }: Confusion): ThresholdMetrics {
  const recall = ratio(tp, tp + fn);
  const specificity = ratio(tn, tn + fp);
  // Square roots taken one by one: the product of four counts leaves the exact integers soon.
  const spread = Math.sqrt(tp + fp) * Math.sqrt(tp + fn) * Math.sqrt(tn + fp) * Math.sqrt(tn + fn);
  return {
    accuracy: ratio(tp + tn, tp + fp + tn + fn),
    precision: ratio(tp, tp + fp),
    recall,
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    specificity,
    balancedAccuracy: recall === null || specificity === null ? null : (recall + specificity) / 2,
    mcc: ratio(tp * tn - fp * fn, spread),
  };
}

function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator;
}
