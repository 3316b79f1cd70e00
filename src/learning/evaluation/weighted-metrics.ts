import { CALIBRATION_BINS } from './calibration-bins';
import { LOG_LOSS_CLIP } from './calibration-metrics';
import { type Evaluation } from './evaluate';
import { thresholdMetrics } from './threshold-metrics';
import { type Units } from './resampling';

// Looked up once: they are called for every example of every replicate.
const { abs, floor, max, min } = Math;

/** Every metric of an evaluation. */
export const METRICS = [
  'accuracy',
  'precision',
  'recall',
  'f1',
  'specificity',
  'balancedAccuracy',
  'mcc',
  'rocAuc',
  'prAuc',
  'ks',
  'gini',
  'logLoss',
  'normalizedEntropy',
  'brier',
  'ece',
] as const satisfies readonly (keyof Evaluation)[];

export type Metric = (typeof METRICS)[number];

/**
 * The metrics of examples that each occur so and so often, in one walk over them: what `evaluate` says of the examples
 * repeated. Sorting is done once, so that a bootstrap replicate costs little.
 */
export class WeightedMetrics {
  private readonly count: number;
  /** By falling probability. */
  private readonly scores: Float32Array;
  private readonly isPositive: Uint8Array;
  private readonly units: Int32Array;
  private readonly losses: Float64Array;

  /** @param units examples in none are left out. */
  constructor(
    labels_N: Float32Array,
    probabilities_N: Float32Array,
    units: Units,
    private readonly threshold: number,
  ) {
    const order = Int32Array.from(probabilities_N, (_, n) => n)
      .filter((n) => (units.of_N[n] ?? -1) >= 0)
      .sort((a, b) => (probabilities_N[b] ?? 0) - (probabilities_N[a] ?? 0));
    this.count = order.length;
    this.scores = Float32Array.from(order, (n) => probabilities_N[n] ?? 0);
    this.isPositive = Uint8Array.from(order, (n) => labels_N[n] ?? 0);
    this.units = order.map((n) => units.of_N[n] ?? 0);
    this.losses = Float64Array.from(this.scores, (score, i) => {
      const p = Math.min(1 - LOG_LOSS_CLIP, Math.max(LOG_LOSS_CLIP, score));
      return this.isPositive[i] === 1 ? -Math.log(p) : -Math.log1p(-p);
    });
  }

  /** @param drawn how often the examples of each unit occur. */
  of(drawn: Int32Array): Readonly<Record<Metric, number | null>> {
    const sums = this.totals(drawn);
    const { tp, fp, positives, negatives, loss, squares } = sums;
    const count = positives + negatives;
    const ranking = this.walk(drawn, { positives, negatives });
    const isOneClass = positives === 0 || negatives === 0;
    const auc = isOneClass ? null : ranking.wins / (positives * negatives);
    const rate = positives / count;
    const logLoss = count === 0 ? null : loss / count;
    return {
      ...thresholdMetrics({ tp, fp, tn: negatives - fp, fn: positives - tp }),
      rocAuc: auc,
      prAuc: isOneClass ? null : ranking.precision / positives,
      ks: isOneClass ? null : ranking.ks,
      gini: auc === null ? null : 2 * auc - 1,
      logLoss,
      normalizedEntropy:
        isOneClass || logLoss === null
          ? null
          : logLoss / -(rate * Math.log(rate) + (1 - rate) * Math.log1p(-rate)),
      brier: count === 0 ? null : squares / count,
      ece: count === 0 ? null : ranking.calibrationError / count,
    };
  }

  private totals(drawn: Int32Array) {
    const { count, scores, isPositive, units, losses, threshold } = this;
    const sums = { tp: 0, fp: 0, positives: 0, negatives: 0, loss: 0, squares: 0 };
    for (let i = 0; i < count; i++) {
      const weight = drawn[units[i] ?? 0] ?? 0;
      if (weight === 0) continue;
      const score = scores[i] ?? 0;
      const label = isPositive[i] ?? 0;
      sums.loss += weight * (losses[i] ?? 0);
      sums.squares += weight * (score - label) ** 2;
      const isCalled = score >= threshold;
      if (label === 1) {
        sums.positives += weight;
        if (isCalled) sums.tp += weight;
      } else {
        sums.negatives += weight;
        if (isCalled) sums.fp += weight;
      }
    }
    return sums;
  }

  /** Visits distinct scores from the highest to the lowest. */
  private walk(drawn: Int32Array, totals: { positives: number; negatives: number }) {
    const { count, scores, isPositive, units } = this;
    const { positives, negatives } = totals;
    const bins = new EqualBins(positives + negatives);
    let [tp, fp, wins, precision, ks] = [0, 0, 0, 0, 0];
    for (let i = 0; i < count;) {
      const score = scores[i] ?? 0;
      let [own, other] = [0, 0];
      for (; i < count && scores[i] === score; i++) {
        const weight = drawn[units[i] ?? 0] ?? 0;
        if (isPositive[i] === 1) own += weight;
        else other += weight;
      }
      if (own + other === 0) continue;
      wins += other * (tp + own / 2);
      tp += own;
      fp += other;
      precision += (own * tp) / (tp + fp);
      ks = max(ks, abs(tp / positives - fp / negatives));
      bins.add(own, other, score);
    }
    return { wins, precision, ks, calibrationError: bins.error() };
  }
}

/** The calibration error over bins of equal mass, shared out as `calibrationBins` does. */
class EqualBins {
  private readonly mass: number;
  private readonly gaps = new Float64Array(CALIBRATION_BINS);
  private at = 0;

  constructor(total: number) {
    this.mass = total / CALIBRATION_BINS;
  }

  add(positives: number, negatives: number, score: number): void {
    const size = positives + negatives;
    const end = this.at + size;
    while (end - this.at > 1e-9) {
      const bin = min(CALIBRATION_BINS - 1, floor((this.at + 1e-9) / this.mass));
      const to = bin === CALIBRATION_BINS - 1 ? end : min(end, (bin + 1) * this.mass);
      this.gaps[bin] = (this.gaps[bin] ?? 0) + (to - this.at) * (score - positives / size);
      this.at = to;
    }
    this.at = end;
  }

  /** Σ |probabilities − positives| over the bins, in examples. */
  error(): number {
    return this.gaps.reduce((sum, gap) => sum + Math.abs(gap), 0);
  }
}
