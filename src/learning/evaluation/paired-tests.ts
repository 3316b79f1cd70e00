import { LOG_LOSS_CLIP } from './calibration-metrics';
import { twoSidedP, Z_95 } from './normal';
import { MIN_UNITS, percentileInterval, resample, unitsOf } from './resampling';
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
  let [sumFirst, sumSecond] = [0, 0];
  const differences_N = Float64Array.from(labels_N, (label, n) => {
    const before = placeFirst(label, first_N[n] ?? 0);
    const after = placeSecond(label, second_N[n] ?? 0);
    if (label === 1) {
      sumFirst += before;
      sumSecond += after;
    }
    return after - before;
  });
  const [first, second] = [sumFirst / positives, sumSecond / positives];
  const difference = second - first;
  const subjects = new Map<number, Share>();
  labels_N.forEach((label, n) => {
    const subject = subjects_N?.[n] ?? n;
    const share = subjects.get(subject) ?? { positives: 0, negatives: 0, ofPositives: 0, ofNegatives: 0 };
    subjects.set(subject, share);
    const centred = (differences_N[n] ?? 0) - difference;
    if (label === 1) {
      share.positives++;
      share.ofPositives += centred;
    } else {
      share.negatives++;
      share.ofNegatives += centred;
    }
  });
  const error = standardError([...subjects.values()], { positives, negatives });
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

/** A subject's examples: how many of either class, and the sums of their centred differences. */
interface Share {
  positives: number;
  negatives: number;
  ofPositives: number;
  ofNegatives: number;
}

/** Null where fewer than two subjects have a positive, or a negative. */
function standardError(
  subjects: readonly Share[],
  { positives, negatives }: { positives: number; negatives: number },
): number | null {
  const sums = { positive: 0, negative: 0, both: 0, withPositive: 0, withNegative: 0 };
  for (const share of subjects) {
    sums.positive += share.ofPositives ** 2;
    sums.negative += share.ofNegatives ** 2;
    sums.both += share.ofPositives * share.ofNegatives;
    if (share.positives > 0) sums.withPositive++;
    if (share.negatives > 0) sums.withNegative++;
  }
  if (sums.withPositive < 2 || sums.withNegative < 2) return null;
  const unbiased = (count: number) => count / (count - 1);
  const variance =
    (unbiased(sums.withPositive) * sums.positive) / positives ** 2 +
    (unbiased(sums.withNegative) * sums.negative) / negatives ** 2 +
    (2 * unbiased(subjects.length) * sums.both) / (positives * negatives);
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
