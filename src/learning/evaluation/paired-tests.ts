import { LOG_LOSS_CLIP } from './calibration-metrics';
import { twoSidedP, Z_95 } from './normal';
import { MIN_UNITS, numberUnits, percentileInterval, resample, unitsOf } from './resampling';
import { type PairedExamples } from './scored-examples';
import { forEachGroup, groupByScore, type ScoreGroups } from './score-groups';

const MIN_REPLICATES = 1000;
const MAX_REPLICATES = 2000;
const BUDGET = 100_000_000;

/** Two models on the same examples, in one metric. */
export interface PairedTest {
  /** Null where the metric is undefined, as the ROC AUC is when a class is absent. */
  readonly first: number | null;
  readonly second: number | null;
  /** Second − first. */
  readonly difference: number | null;
  /** 95 % interval of the difference; null where it cannot be told. */
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided, of the hypothesis that they are equally good; null where it cannot be told. */
  readonly pValue: number | null;
}

const NOTHING: PairedTest = {
  ...{ first: null, second: null, difference: null },
  ...{ low: null, high: null, pValue: null },
};

/**
 * Tests whether two ROC AUCs of the same examples differ (DeLong, DeLong & Clarke-Pearson 1988, eq. 4–6).
 *
 * V₁₀ of a positive is the share of negatives below it, V₀₁ of a negative that of positives above it, ties half; their
 * means are the AUC. With D the difference between the models of either, centred, M positives and N negatives:
 *
 *     var = I₁₀/(I₁₀−1) · Σ D₁₀² / M²  +  I₀₁/(I₀₁−1) · Σ D₀₁² / N²  +  2 · I/(I−1) · Σ D₁₀·D₀₁ / (M·N)
 *
 * where D is summed within each subject first, I counts subjects, and I₁₀, I₀₁ those with a positive, a negative
 * (Obuchowski 1997). Where each example is its own subject, the last term is 0 and the rest is DeLong's.
 * O(n log n), as by Sun & Xu 2014.
 */
export function delongTest({ labels_N, first_N, second_N, subjects_N }: PairedExamples): PairedTest {
  const groups = [groupByScore(labels_N, first_N), groupByScore(labels_N, second_N)] as const;
  const { positives, negatives } = groups[0];
  if (positives === 0 || negatives === 0) return NOTHING;
  const [placeFirst, placeSecond] = [placement(groups[0]), placement(groups[1])];
  const differences_N = new Float64Array(labels_N.length);
  let [sumFirst, sumSecond] = [0, 0];
  for (let n = 0; n < labels_N.length; n++) {
    const label = labels_N[n] ?? 0;
    const before = placeFirst(label, first_N[n] ?? 0);
    const after = placeSecond(label, second_N[n] ?? 0);
    sumFirst += label * before;
    sumSecond += label * after;
    differences_N[n] = after - before;
  }
  const [first, second] = [sumFirst / positives, sumSecond / positives];
  const difference = second - first;
  const error = standardError(
    { labels_N, centred_N: differences_N.map((each) => each - difference), subjects_N },
    { positives, negatives },
  );
  const tested = { first, second, difference };
  if (error === null || (error === 0 && difference !== 0))
    return { ...tested, low: null, high: null, pValue: null };
  return {
    ...tested,
    low: difference - Z_95 * error,
    high: difference + Z_95 * error,
    // The same order of the same examples: nothing speaks against their being equally good.
    pValue: error === 0 ? 1 : twoSidedP(difference / error),
  };
}

/** Null where fewer than two subjects have a positive, or a negative. */
function standardError(
  differences: {
    readonly labels_N: Float32Array;
    readonly centred_N: Float64Array;
    readonly subjects_N: Int32Array | null;
  },
  { positives, negatives }: { positives: number; negatives: number },
): number | null {
  const { labels_N, centred_N, subjects_N } = differences;
  const { of_N, total } = numberUnits(labels_N.length, subjects_N);
  const sums = [new Float64Array(total), new Float64Array(total)] as const;
  const has = [new Uint8Array(total), new Uint8Array(total)] as const;
  for (let n = 0; n < labels_N.length; n++) {
    const ofClass = labels_N[n] === 1 ? 1 : 0;
    const unit = of_N[n] ?? 0;
    sums[ofClass][unit] = (sums[ofClass][unit] ?? 0) + (centred_N[n] ?? 0);
    has[ofClass][unit] = 1;
  }
  const of = { negative: 0, positive: 0, both: 0, withNegative: 0, withPositive: 0 };
  for (let unit = 0; unit < total; unit++) {
    const [negative, positive] = [sums[0][unit] ?? 0, sums[1][unit] ?? 0];
    of.negative += negative ** 2;
    of.positive += positive ** 2;
    of.both += negative * positive;
    of.withNegative += has[0][unit] ?? 0;
    of.withPositive += has[1][unit] ?? 0;
  }
  if (of.withPositive < 2 || of.withNegative < 2) return null;
  const unbiased = (count: number) => count / (count - 1);
  const variance =
    (unbiased(of.withPositive) * of.positive) / positives ** 2 +
    (unbiased(of.withNegative) * of.negative) / negatives ** 2 +
    (2 * unbiased(total) * of.both) / (positives * negatives);
  return Math.sqrt(Math.max(0, variance));
}

/** V₁₀ of a positive and V₀₁ of a negative by score. */
function placement(groups: ScoreGroups): (label: number, score: number) => number {
  const { positives, negatives, scores } = groups;
  const ofPositive = new Float64Array(scores.length);
  const ofNegative = new Float64Array(scores.length);
  forEachGroup(groups, (group, g) => {
    ofPositive[g] = (negatives - group.falsePositives + group.negatives / 2) / negatives;
    ofNegative[g] = (group.truePositives - group.positives / 2) / positives;
  });
  return (label, score) => (label === 1 ? ofPositive : ofNegative)[find(scores, score)] ?? 0;
}

/** Where a score is among falling ones. */
function find(scores: Float32Array, score: number): number {
  let [from, to] = [0, scores.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((scores[middle] ?? 0) > score) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * Tests whether two log losses of the same examples differ: a paired bootstrap over subjects, or examples where none
 * are known. The interval is that of percentiles; the p-value is the share of replicates that are as far from the
 * difference as that is from 0 (Efron & Tibshirani 1993, §16.4), counting the data itself as one of them.
 *
 * Seeded: the same examples give the same answer. Cost is bounded: 2000 replicates, 1000 of 100,000 examples and more.
 */
export async function logLossTest(pairs: PairedExamples, seed = 0): Promise<PairedTest> {
  const { labels_N, first_N, second_N, subjects_N } = pairs;
  if (labels_N.length === 0) return NOTHING;
  const units = unitsOf(labels_N.length, subjects_N, seed);
  const sums_U = new Float64Array(units.count);
  const counts_U = new Float64Array(units.count);
  let [sumFirst, sumSecond] = [0, 0];
  labels_N.forEach((label, n) => {
    const before = lossOf(label, first_N[n] ?? 0);
    const after = lossOf(label, second_N[n] ?? 0);
    sumFirst += before;
    sumSecond += after;
    const unit = units.of_N[n] ?? -1;
    if (unit < 0) return;
    sums_U[unit] = (sums_U[unit] ?? 0) + after - before;
    counts_U[unit] = (counts_U[unit] ?? 0) + 1;
  });
  const [first, second] = [sumFirst / labels_N.length, sumSecond / labels_N.length];
  const difference = second - first;
  const tested = { first, second, difference };
  if (units.count < MIN_UNITS) return { ...tested, low: null, high: null, pValue: null };
  const meanOf = (drawn: Int32Array) => {
    let [sum, count] = [0, 0];
    for (let unit = 0; unit < drawn.length; unit++) {
      const times = drawn[unit] ?? 0;
      sum += times * (sums_U[unit] ?? 0);
      count += times * (counts_U[unit] ?? 0);
    }
    return sum / count;
  };
  const ofSample = meanOf(new Int32Array(units.count).fill(1));
  const replicates = Math.min(MAX_REPLICATES, Math.max(MIN_REPLICATES, Math.floor(BUDGET / units.count)));
  const values: number[] = [];
  await resample(units, { replicates, seed }, (drawn) => values.push(meanOf(drawn)));
  const shrink = Math.sqrt(units.sampled);
  const asFar = values.filter((value) => shrink * Math.abs(value - ofSample) >= Math.abs(difference));
  return {
    ...tested,
    ...percentileInterval(Float64Array.from(values), {
      estimate: difference,
      ofSample,
      sampled: units.sampled,
    }),
    pValue: (asFar.length + 1) / (replicates + 1),
  };
}

function lossOf(label: number, probability: number): number {
  const p = Math.min(1 - LOG_LOSS_CLIP, Math.max(LOG_LOSS_CLIP, probability));
  return label === 1 ? -Math.log(p) : -Math.log1p(-p);
}
