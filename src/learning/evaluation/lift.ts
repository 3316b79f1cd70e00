import { calibrationBins } from './calibration-bins';
import { type ScoreGroups } from './score-groups';

export const DECILES = 10;

/** A tenth of the examples, the first being that of the highest probabilities. */
export interface LiftDecile {
  /** Examples in it; fractional where equal probabilities straddle a border. */
  readonly count: number;
  readonly positives: number;
  readonly meanProbability: number;
  readonly positiveRate: number;
  /** Its positive rate over that of all examples; null without positives. */
  readonly lift: number | null;
  /** Share of all positives that it and those before it hold, 0..1; null without positives. */
  readonly cumulativeGain: number | null;
  /** Positive rate of it and those before it, over that of all examples; null without positives. */
  readonly cumulativeLift: number | null;
}

/**
 * Lift and gain by decile: what is won by turning to the examples of the highest probabilities first.
 *
 * Examples of equal probability that straddle a border are shared out in proportion, so that the order of ties cannot
 * matter. Empty without examples.
 */
export function liftDeciles(groups: ScoreGroups): LiftDecile[] {
  const total = groups.positives + groups.negatives;
  const base = groups.positives === 0 ? null : groups.positives / total;
  let seen = 0;
  let found = 0;
  return calibrationBins(groups, DECILES).map(({ count, meanProbability, positiveRate }) => {
    const positives = count * positiveRate;
    seen += count;
    found += positives;
    return {
      count,
      positives,
      meanProbability,
      positiveRate,
      lift: base === null ? null : positiveRate / base,
      cumulativeGain: base === null ? null : found / groups.positives,
      cumulativeLift: base === null ? null : found / seen / base,
    };
  });
}
