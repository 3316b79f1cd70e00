import { type Estimate, shareEstimate } from '../../../src/learning/evaluation/ratio-interval';
import { type PastExamples } from '../../../src/services/policies/past-examples';
import { type AdPolicy } from './ad-policy-schema';

/** The feature that says how often the member was shown the ad within seven days. */
export const FREQUENCY = 'frequency';
const FREQUENCY_HOURS = 7 * 24;

/** What a policy would have done about past impressions. */
export interface AdPolicyFigures {
  readonly summary: string;
  /** Impressions that a cap on the ad may have held back; null where it cannot be told. */
  readonly cappedShare: Estimate | null;
  /** Of these, how many were clicked. */
  readonly cappedCtr: Estimate | null;
  /** Of the others. */
  readonly keptCtr: Estimate | null;
  /** The lowest bid with which half of the impressions pass the floor. */
  readonly bidForHalf: number;
}

/**
 * Past impressions know how often their ad was shown within seven days, and no bids. So a cap of seven days is previewed
 * exactly; a shorter one held back at most what it would have held back over seven days, and longer ones, and those of
 * campaigns, are not in the figures.
 */
export function previewAdPolicy({ frequencyCaps, floorEcpm }: AdPolicy, past: PastExamples): AdPolicyFigures {
  const { labels_N, probabilities_N, subjects_N, count } = past;
  const strictest = frequencyCaps
    .filter(({ of, hours }) => of === 'AD' && hours <= FREQUENCY_HOURS)
    .reduce((least, { impressions }) => Math.min(least, impressions), Infinity);
  const seen_N = past.numbers(FREQUENCY);
  const sorted = Float64Array.from(probabilities_N).sort();
  const median = sorted[Math.floor(count / 2)] ?? 0;
  const bidForHalf = median > 0 ? floorEcpm / (1000 * median) : 0;
  if (!seen_N) {
    const summary = `How often an ad had been shown was not kept with the ${count} past impressions.`;
    return { summary, cappedShare: null, cappedCtr: null, keptCtr: null, bidForHalf };
  }
  const capped_N = Uint8Array.from(seen_N, (seen) => (seen >= strictest ? 1 : 0));
  const clicked_N = Uint8Array.from(labels_N);
  const cappedShare = shareEstimate(capped_N, { subjects_N });
  const cappedCtr = shareEstimate(clicked_N, { among_N: capped_N, subjects_N });
  const keptCtr = shareEstimate(clicked_N, { among_N: capped_N.map((capped) => 1 - capped), subjects_N });
  const summary = `On ${count} past impressions this policy's caps would have held back at most ${percent(cappedShare)}, of which ${percent(cappedCtr)} were clicked, and kept others, of which ${percent(keptCtr)} were.`;
  return { summary, cappedShare, cappedCtr, keptCtr, bidForHalf };
}

/** `6.2 % (5.1–7.3)`, the interval in brackets. */
function percent({ estimate, low, high }: Estimate): string {
  if (estimate === null) return 'none';
  const [share, from, to] = [estimate, low, high].map((value) => ((value ?? NaN) * 100).toFixed(1));
  return low === null ? `${share} %` : `${share} % (${from}–${to})`;
}
