import { calibrationMetrics } from './calibration-metrics';
import { bootstrapIntervals } from './intervals';
import { twoSidedP, Z_95 } from './normal';
import { logLossTest, type PairedTest } from './paired-tests';
import { MIN_UNITS, numberUnits, percentileInterval, resample, unitsOf } from './resampling';
import { type ScoredExamples } from './scored-examples';
import { groupByScore } from './score-groups';

/** A correction is looked at where chance would show one as large in fewer cases than this, over all segments. */
const SIGNIFICANCE = 0.05;
const REPLICATES = 1000;
const MAX_ITERATIONS = 50;
const CONVERGED = 1e-12;
/** A model that says never predicts no positive at all. */
const LEAST_PREDICTED = 1e-9;

/** Held-out examples that share the value of a feature. */
export interface Segment {
  readonly value: string;
  readonly validation: ScoredExamples;
  readonly test: ScoredExamples;
}

export interface Interval {
  readonly estimate: number;
  /** 95 %; null where there are too few subjects, or examples. */
  readonly low: number | null;
  readonly high: number | null;
}

/** A factor on the odds, fitted on the validation part and judged on the test part. */
export interface SegmentCorrection {
  /** Shrunk to 1 by what the segments have in common. */
  readonly oddsFactor: number;
  /** Not shrunk, with its 95 % interval. */
  readonly fitted: Interval;
  /** Of the hypothesis that there is nothing to correct; adjusted for the number of segments (Holm 1979). */
  readonly pValue: number;
  /** On the test part: second is with the correction. */
  readonly logLoss: PairedTest;
  /** Significant on the validation part, and better on the test part. */
  readonly isOffered: boolean;
}

/** How far the probabilities of a segment can be taken at their word, on the test part. */
export interface SegmentCalibration {
  readonly value: string;
  readonly count: number;
  /** Sum of the probabilities. */
  readonly predicted: number;
  readonly observed: number;
  /** Observed over predicted. */
  readonly ratio: Interval;
  readonly ece: Interval;
  /** Null where the validation part has one class only. */
  readonly correction: SegmentCorrection | null;
}

/**
 * Predicted and observed positives per segment, and what a correction of each would do.
 *
 * A correction multiplies the odds. It is fitted on the validation part by maximum likelihood, with a standard error
 * over subjects, and shrunk by τ² / (τ² + error²), where τ², the variance of the true corrections, is what the fitted
 * ones vary more than their errors explain (DerSimonian & Laird 1986, around no correction at all): where segments differ
 * by chance only, nothing is left of them. The test part, on which nothing was fitted, says whether it helps.
 */
export async function segmentCalibration(segments: readonly Segment[]): Promise<SegmentCalibration[]> {
  const fits = segments.map(({ validation }) => fitShift(validation));
  const shrink = shrinkage(fits.flatMap((fit) => fit ?? []));
  const pValues = holm(fits.map((fit) => (fit ? twoSidedP(fit.shift / fit.error) : null)));
  const results: SegmentCalibration[] = [];
  for (const [index, { value, test }] of segments.entries()) {
    const { labels_N, probabilities_N } = test;
    const [fit, pValue] = [fits[index] ?? null, pValues[index] ?? null];
    results.push({
      value,
      count: labels_N.length,
      predicted: sum(probabilities_N),
      observed: sum(labels_N),
      ratio: await ratioOf(test),
      ece: await eceOf(test),
      correction: fit && pValue !== null ? await judged(fit, { test, pValue, shrink }) : null,
    });
  }
  return results;
}

/** The probability with its odds multiplied; 0 and 1 stay what they are. */
export function withOddsFactor(probability: number, factor: number): number {
  const odds = factor * probability;
  return odds === 0 ? 0 : odds / (odds + 1 - probability);
}

interface Shift {
  /** Of the logit. */
  readonly shift: number;
  /** Its standard error. */
  readonly error: number;
}

/** The shift of all logits under which as many positives are expected as there are; Newton's method. */
function fitShift(examples: ScoredExamples): Shift | null {
  const { labels_N, probabilities_N, subjects_N } = examples;
  const positives = sum(labels_N);
  if (positives === 0 || positives === labels_N.length) return null;
  const corrected = (shift: number) =>
    Float64Array.from(probabilities_N, (p) => withOddsFactor(clipped(p), Math.exp(shift)));
  let shift = 0;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const p_N = corrected(shift);
    const step = (positives - sum(p_N)) / information(p_N);
    // A step of one changes odds by e: beyond that the curvature says little.
    shift += Math.min(1, Math.max(-1, step));
    if (Math.abs(step) < CONVERGED) break;
  }
  const p_N = corrected(shift);
  const { of_N, total } = numberUnits(labels_N.length, subjects_N);
  if (total < MIN_UNITS) return null;
  // The sandwich: examples of a subject err together.
  const scores_U = new Float64Array(total);
  labels_N.forEach((label, n) => {
    const unit = of_N[n] ?? 0;
    scores_U[unit] = (scores_U[unit] ?? 0) + label - (p_N[n] ?? 0);
  });
  const variance = scores_U.reduce((squares, score) => squares + score * score, 0) / information(p_N) ** 2;
  return { shift, error: Math.sqrt((variance * total) / (total - 1)) };
}

const clipped = (p: number) => Math.min(1 - 1e-7, Math.max(1e-7, p));
const information = (p_N: Float64Array) => p_N.reduce((total, p) => total + p * (1 - p), 0);

/** What is left of a fitted shift. */
function shrinkage(fits: readonly Shift[]): (fit: Shift) => number {
  const weights = fits.map(({ error }) => 1 / error ** 2);
  const excess = fits.reduce((total, { shift, error }) => total + (shift / error) ** 2, 0) - fits.length;
  const variance = Math.max(0, excess / weights.reduce((total, weight) => total + weight, 0));
  return ({ shift, error }) => (variance === 0 ? 0 : (shift * variance) / (variance + error ** 2));
}

/** Step-down: the smallest times the number of hypotheses, the next times one less, and none below the one before. */
function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const order = pValues.flatMap((p, index) => (p === null ? [] : [{ p, index }])).sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let before = 0;
  order.forEach(({ p, index }, rank) => {
    before = Math.max(before, Math.min(1, p * (order.length - rank)));
    adjusted[index] = before;
  });
  return adjusted;
}

async function judged(
  fit: Shift,
  { test, pValue, shrink }: { test: ScoredExamples; pValue: number; shrink: (fit: Shift) => number },
): Promise<SegmentCorrection> {
  const oddsFactor = Math.exp(shrink(fit));
  const { labels_N, probabilities_N, subjects_N } = test;
  const second_N = probabilities_N.map((p) => withOddsFactor(p, oddsFactor));
  const logLoss = await logLossTest({ labels_N, first_N: probabilities_N, second_N, subjects_N });
  const { shift, error } = fit;
  const [low, high] = [Math.exp(shift - Z_95 * error), Math.exp(shift + Z_95 * error)];
  return {
    oddsFactor,
    fitted: { estimate: Math.exp(shift), low, high },
    pValue,
    logLoss,
    isOffered: pValue < SIGNIFICANCE && (logLoss.difference ?? 0) < 0,
  };
}

/** Observed over predicted, with a percentile interval over subjects. */
async function ratioOf(
  { labels_N, probabilities_N, subjects_N }: ScoredExamples,
  seed = 0,
): Promise<Interval> {
  const units = unitsOf(labels_N.length, subjects_N, seed);
  const observed_U = new Float64Array(units.count);
  const predicted_U = new Float64Array(units.count);
  units.of_N.forEach((unit, n) => {
    if (unit < 0) return;
    observed_U[unit] = (observed_U[unit] ?? 0) + (labels_N[n] ?? 0);
    predicted_U[unit] = (predicted_U[unit] ?? 0) + (probabilities_N[n] ?? 0);
  });
  const estimate = sum(labels_N) / Math.max(LEAST_PREDICTED, sum(probabilities_N));
  if (units.count < MIN_UNITS) return { estimate, low: null, high: null };
  const ratio = (drawn: Int32Array) => {
    let [observed, predicted] = [0, 0];
    for (let unit = 0; unit < drawn.length; unit++) {
      observed += (drawn[unit] ?? 0) * (observed_U[unit] ?? 0);
      predicted += (drawn[unit] ?? 0) * (predicted_U[unit] ?? 0);
    }
    return observed / Math.max(LEAST_PREDICTED, predicted);
  };
  const replicates: number[] = [];
  await resample(units, { replicates: REPLICATES, seed }, (drawn) => replicates.push(ratio(drawn)));
  const ofSample = ratio(new Int32Array(units.count).fill(1));
  return {
    estimate,
    ...percentileInterval(Float64Array.from(replicates), { estimate, ofSample, sampled: units.sampled }),
  };
}

async function eceOf(examples: ScoredExamples): Promise<Interval> {
  const { labels_N, probabilities_N } = examples;
  const { metrics } = await bootstrapIntervals(examples, 0.5);
  const found = metrics.find(({ metric }) => metric === 'ece');
  const own = calibrationMetrics(labels_N, probabilities_N, groupByScore(labels_N, probabilities_N)).ece;
  return { estimate: own ?? NaN, low: found?.low ?? null, high: found?.high ?? null };
}

function sum(values: Float32Array | Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
