import { type ScoredExamples } from './scored-examples';
import { CONFIDENCE, MIN_UNITS, percentileInterval, resample, unitsOf } from './resampling';
import { type Metric, METRICS, WeightedMetrics } from './weighted-metrics';

const MIN_REPLICATES = 200;
const MAX_REPLICATES = 1000;
/** Examples that all replicates visit together, about. */
const BUDGET = 20_000_000;
/** Of the replicates, those in which a metric has to be defined, as where both classes were drawn. */
const MIN_DEFINED = 0.9;

export interface MetricInterval {
  readonly metric: Metric;
  readonly estimate: number | null;
  /** Null where the estimate is, where there are too few units, or where more than a tenth of the replicates lack it. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface BootstrapIntervals {
  /** 0.95. */
  readonly level: number;
  readonly replicates: number;
  readonly resampled: 'EXAMPLES' | 'SUBJECTS';
  /** Subjects, or examples, that there are. */
  readonly units: number;
  readonly metrics: readonly MetricInterval[];
}

/**
 * How far each metric would move with other examples like these: 95 % percentile intervals of a seeded bootstrap, over
 * subjects where they are known. The same examples, threshold and seed give the same intervals.
 *
 * Cost is bounded: 1000 replicates, fewer (200 at least) where there are more than 20,000 examples, and a sample of
 * 100,000 of them where there are more. The threshold is taken as given, not chosen again in each replicate.
 */
export async function bootstrapIntervals(
  { labels_N, probabilities_N, subjects_N }: ScoredExamples,
  threshold: number,
  seed = 0,
): Promise<BootstrapIntervals> {
  const units = unitsOf(labels_N.length, subjects_N, seed);
  const drawnFrom = units.of_N.reduce((sum, unit) => sum + (unit < 0 ? 0 : 1), 0);
  const replicates = Math.min(MAX_REPLICATES, Math.max(MIN_REPLICATES, Math.floor(BUDGET / drawnFrom)));
  const weighted = new WeightedMetrics(labels_N, probabilities_N, units, threshold);
  const ofSample = weighted.of(new Int32Array(units.count).fill(1));
  const everyone = { ...units, of_N: new Int32Array(labels_N.length), count: 1 };
  const estimates =
    units.sampled === 1
      ? ofSample
      : new WeightedMetrics(labels_N, probabilities_N, everyone, threshold).of(Int32Array.of(1));
  const values = new Map(METRICS.map((metric) => [metric, [] as number[]]));
  const isEnough = units.count >= MIN_UNITS;
  if (isEnough)
    await resample(units, { replicates, seed }, (drawn) => {
      const metrics = weighted.of(drawn);
      for (const metric of METRICS) {
        const value = metrics[metric];
        if (value !== null) values.get(metric)?.push(value);
      }
    });
  return {
    level: CONFIDENCE,
    replicates: isEnough ? replicates : 0,
    resampled: subjects_N ? 'SUBJECTS' : 'EXAMPLES',
    units: units.total,
    metrics: METRICS.map((metric) => {
      const estimate = estimates[metric];
      const own = ofSample[metric];
      const seen = Float64Array.from(values.get(metric) ?? []);
      if (estimate === null || own === null || !isEnough || seen.length < MIN_DEFINED * replicates)
        return { metric, estimate, low: null, high: null };
      const around = { estimate, ofSample: own, sampled: units.sampled };
      return { metric, estimate, ...percentileInterval(seen, around) };
    }),
  };
}
