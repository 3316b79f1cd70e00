import { type Interval, shareInterval } from '../evaluation/analytic-intervals';
import { twoSidedP } from '../evaluation/normal';
import { type DriftState, MIN_EFFECTIVE } from './compare-columns';
import { type DriftReference } from './drift-reference';

/** How often the label has turned out yes, then and now. */
export interface LabelDrift {
  readonly state: DriftState;
  readonly referenceRate: number;
  readonly outcomes: number;
  readonly liveRate: number | null;
  /** Wilson's, 95 %, of the live rate, with the outcomes of one subject as alike. */
  readonly interval: Interval | null;
  /** How probable such a difference is without any drift. */
  readonly pValue: number | null;
}

/** From where on the odds are worth a look, and from where on they are others; or their inverse. */
const WATCH = 1.25;
const DRIFTED = 1.5;

/** @param live outcomes, with how many independent ones they are worth */
export function labelDrift(
  { examples, positives, effective }: DriftReference['label'],
  live: DriftReference['label'],
  alpha: number,
): LabelDrift {
  const referenceRate = positives / Math.max(1, examples);
  if (Math.min(effective, live.effective) < MIN_EFFECTIVE)
    return {
      ...{ state: 'UNKNOWN', referenceRate, outcomes: live.examples },
      ...{ liveRate: null, interval: null, pValue: null },
    };
  const liveRate = live.positives / live.examples;
  // Two shares, with the pooled one for their variance.
  const pooled = (referenceRate * effective + liveRate * live.effective) / (effective + live.effective);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / effective + 1 / live.effective));
  const pValue = deviation === 0 ? 1 : twoSidedP((liveRate - referenceRate) / deviation);
  const odds = (rate: number, count: number) => (rate * count + 0.5) / ((1 - rate) * count + 0.5);
  const ratio = odds(liveRate, live.effective) / odds(referenceRate, effective);
  const change = Math.max(ratio, 1 / ratio);
  const isLarge = pValue < alpha;
  const state = isLarge && change >= DRIFTED ? 'DRIFTED' : isLarge && change >= WATCH ? 'WATCH' : 'STABLE';
  const interval = shareInterval(liveRate * live.effective, live.effective);
  return { state, referenceRate, outcomes: live.examples, liveRate, interval, pValue };
}
