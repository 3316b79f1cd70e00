import { forEachGroup, type ScoreGroups } from './score-groups';

export const CALIBRATION_BINS = 15;

/** One bin of a reliability diagram. */
export interface CalibrationBin {
  /** Examples in the bin; fractional where equal probabilities straddle a border. */
  readonly count: number;
  readonly meanProbability: number;
  readonly positiveRate: number;
}

/**
 * Splits the examples into bins of equal mass by probability, highest first.
 *
 * Equal mass and not equal width: the rare high probabilities of skewed tasks would leave most equal-width
 * bins nearly empty, and their noise would look like miscalibration. Examples of equal probability that
 * straddle a border are shared out in proportion, so the order of ties cannot matter.
 */
export function calibrationBins(groups: ScoreGroups, bins = CALIBRATION_BINS): CalibrationBin[] {
  const total = groups.positives + groups.negatives;
  const mass = total / bins;
  const sums = Array.from({ length: total === 0 ? 0 : bins }, () => ({
    count: 0,
    probability: 0,
    positives: 0,
  }));
  forEachGroup(groups, (group) => {
    const size = group.positives + group.negatives;
    let from = group.truePositives + group.falsePositives - size;
    const end = from + size;
    while (end - from > 1e-9) {
      const index = Math.min(bins - 1, Math.floor((from + 1e-9) / mass));
      const to = index === bins - 1 ? end : Math.min(end, (index + 1) * mass);
      const bin = sums[index];
      if (!bin) break;
      bin.count += to - from;
      bin.probability += (to - from) * group.score;
      bin.positives += ((to - from) * group.positives) / size;
      from = to;
    }
  });
  return sums
    .filter((bin) => bin.count > 0)
    .map((bin) => ({
      count: bin.count,
      meanProbability: bin.probability / bin.count,
      positiveRate: bin.positives / bin.count,
    }));
}
