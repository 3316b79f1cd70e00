import { betaQuantile } from './beta';

/** How often the interval of a bin covers its rate, at least. */
export const RATE_LEVEL = 0.9;
const MAX_BINS = 20;
/** Fewer examples say too little about a rate of their own. */
const MIN_IN_BIN = 100;

/** What is known of how often examples with such probabilities turn out positive. Plain JSON. */
export interface RateIntervals {
  readonly level: number;
  /** Held-out examples that it is known from. */
  readonly examples: number;
  /** By rising probability: one or more. */
  readonly bins: readonly RateBin[];
}

export interface RateBin {
  /** The lowest probability in it; lower ones than the first bin's belong to the first. */
  readonly from: number;
  /** Of its examples. */
  readonly meanProbability: number;
  /** Bounds of the share of positives among examples such as these. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Cuts examples into bins of equal size by their probability, and says within what bounds each bin's rate of positives
 * lies: the exact interval of Clopper and Pearson (1934), which covers the rate in 90 % of cases or more.
 *
 * Examples of one subject are alike, so that they count as fewer: by the design effect (Kish 1965), the variance of the
 * subjects' sums of residuals over that of as many independent examples.
 *
 * @param probabilities_N of examples that neither the model nor its calibration was fitted on; one or more
 * @param subjects_N null where each example stands for itself
 */
export function fitRateIntervals(
  labels_N: Float32Array,
  probabilities_N: Float32Array,
  subjects_N: Int32Array | null,
): RateIntervals {
  const count = probabilities_N.length;
  const probability = (n: number): number => probabilities_N[n] ?? 0;
  const order = Int32Array.from({ length: count }, (_, n) => n).sort(
    (a, b) => probability(a) - probability(b),
  );
  const size = count / Math.min(MAX_BINS, Math.max(1, Math.floor(count / MIN_IN_BIN)));
  const effect = subjects_N ? designEffect(labels_N, probabilities_N, subjects_N) : 1;
  const bins: RateBin[] = [];
  for (let from = 0; from < count;) {
    let to = Math.min(count, Math.max(from + 1, Math.round((bins.length + 1) * size)));
    // Equal probabilities share a bin.
    while (to < count && probability(order[to] ?? 0) === probability(order[to - 1] ?? 0)) to++;
    const own = order.subarray(from, to);
    const positives = own.reduce((sum, n) => sum + (labels_N[n] ?? 0), 0);
    bins.push({
      from: probability(own[0] ?? 0),
      meanProbability: own.reduce((sum, n) => sum + probability(n), 0) / own.length,
      ...exactInterval(positives / effect, own.length / effect),
    });
    from = to;
  }
  return { level: RATE_LEVEL, examples: count, bins };
}

export interface RateInterval {
  readonly lower: number;
  readonly upper: number;
  readonly level: number;
}

/**
 * The interval of one probability: that of its bin, moved on the logit's scale by as much as the probability lies away from
 * the bin's mean, and widened, where need be, to hold the probability itself.
 */
export function rateInterval({ bins, level }: RateIntervals, probability: number): RateInterval {
  let bin = bins[0];
  for (const next of bins) if (next.from <= probability) bin = next;
  if (!bin) return { lower: 0, upper: 1, level };
  const moved = logit(inside(probability)) - logit(inside(bin.meanProbability));
  return {
    lower: Math.min(probability, sigmoid(logit(bin.lower) + moved)),
    upper: Math.max(probability, sigmoid(logit(bin.upper) + moved)),
    level,
  };
}

/** Of a rate, from positives among so many; neither need be whole. */
function exactInterval(positives: number, count: number): { lower: number; upper: number } {
  const tail = (1 - RATE_LEVEL) / 2;
  const negatives = Math.max(0, count - positives);
  return {
    lower: positives === 0 ? 0 : betaQuantile(tail, positives, negatives + 1),
    upper: negatives === 0 ? 1 : betaQuantile(1 - tail, positives + 1, negatives),
  };
}

/** 1 or more. */
function designEffect(labels_N: Float32Array, probabilities_N: Float32Array, subjects_N: Int32Array): number {
  const sums = new Map<number, number>();
  let squares = 0;
  subjects_N.forEach((subject, n) => {
    const residual = (labels_N[n] ?? 0) - (probabilities_N[n] ?? 0);
    squares += residual * residual;
    sums.set(subject, (sums.get(subject) ?? 0) + residual);
  });
  const ofSubjects = [...sums.values()].reduce((total, sum) => total + sum * sum, 0);
  return squares === 0 ? 1 : Math.max(1, ofSubjects / squares);
}

/** What single precision rounded to 0 or 1. */
const inside = (probability: number): number => Math.min(Math.max(probability, 1e-9), 1 - 1e-9);

function logit(probability: number): number {
  return probability <= 0
    ? -Infinity
    : probability >= 1
      ? Infinity
      : Math.log(probability / (1 - probability));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
