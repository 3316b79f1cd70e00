import { chiSquareCritical } from './chi-square';
import { type DriftPart } from './drift-columns';
import { type Histogram, type ReferenceColumn } from './drift-reference';
import { type PairedBin, pairedBins } from './paired-bins';

export const DRIFT_STATES = ['UNKNOWN', 'STABLE', 'WATCH', 'DRIFTED'] as const;
/** In ascending order. */
export type DriftState = (typeof DRIFT_STATES)[number];

/** Independent values, of the reference and of now, below which nothing is said. */
export const MIN_EFFECTIVE = 100;
/** How often a report of data that has not drifted says otherwise of any of its features. */
export const FALSE_ALARM = 0.01;

/** From where on a difference is worth a look, and from where on the data is another. PSI: Siddiqi 2006. */
const LIMITS = { psi: { watch: 0.1, drifted: 0.25 }, ks: { watch: 0.1, drifted: 0.2 } };

/** How far a feature, or the score, is from what it was in training. */
export interface ColumnDrift {
  readonly part: DriftPart;
  readonly name: string;
  readonly state: DriftState;
  /** Independent values that the reference and the live values are worth. */
  readonly referenceEffective: number;
  readonly liveEffective: number;
  /** Population stability index, Σ (q − p)·ln(q / p); null with too few values. */
  readonly psi: number | null;
  /** What it comes to on average without any drift. */
  readonly psiExpected: number | null;
  /** What it passes without any drift no more often than the report allows. */
  readonly psiCritical: number | null;
  /** Largest distance of the distribution functions, at the reference's quantiles; null for categories. */
  readonly ks: number | null;
  readonly ksCritical: number | null;
  readonly bins: readonly PairedBin[];
}

/**
 * Compares live values with those of the reference, in the same bins.
 *
 * Without drift PSI is about (1/n + 1/m)·χ² with one degree of freedom less than there are bins (Yurdakul & Naranjo 2020),
 * and √(nm / (n + m))·KS follows Kolmogorov's distribution (Smirnov 1948). A difference counts where it is both too
 * large for chance and large enough to matter.
 *
 * @param alpha how often chance may pass the critical values of this comparison
 */
export function compareColumns(
  reference: ReferenceColumn,
  live: Pick<ReferenceColumn, 'effective' | 'histogram'>,
  alpha: number,
): ColumnDrift {
  const bins = pairedBins(reference.histogram, live.histogram);
  const common = {
    part: reference.part,
    name: reference.name,
    referenceEffective: reference.effective,
    liveEffective: live.effective,
    bins,
  };
  if (Math.min(reference.effective, live.effective) < MIN_EFFECTIVE)
    return {
      ...common,
      ...{ state: 'UNKNOWN', psi: null, psiExpected: null, psiCritical: null, ks: null, ksCritical: null },
    };
  const noise = 1 / reference.effective + 1 / live.effective;
  const degrees = Math.max(1, bins.filter((bin) => bin.reference + bin.live > 0).length - 1);
  // Of a feature there is one decision, of two measures.
  const each = reference.histogram.type === 'numbers' ? alpha / 2 : alpha;
  const psi = stabilityIndex(bins);
  const psiCritical = noise * chiSquareCritical(degrees, each);
  const ks = distance(reference.histogram, live.histogram);
  const ksCritical = ks === null ? null : Math.sqrt((-Math.log(each / 2) / 2) * noise);
  const isAt = (level: 'watch' | 'drifted') =>
    (psi > psiCritical && psi >= LIMITS.psi[level]) ||
    (ks !== null && ks > (ksCritical ?? 1) && ks >= LIMITS.ks[level]);
  const state = isAt('drifted') ? 'DRIFTED' : isAt('watch') ? 'WATCH' : 'STABLE';
  return { ...common, state, psi, psiExpected: noise * degrees, psiCritical, ks, ksCritical };
}

/** The gravest of several. */
export function gravest(states: readonly DriftState[]): DriftState {
  return states.reduce<DriftState>(
    (worst, state) => (DRIFT_STATES.indexOf(state) > DRIFT_STATES.indexOf(worst) ? state : worst),
    'UNKNOWN',
  );
}

/** Half a value more in every bin: an empty one says "few", not "never". */
function stabilityIndex(all: readonly PairedBin[]): number {
  const bins = all.filter(({ reference, live }) => reference + live > 0);
  const total = (of: 'reference' | 'live') => bins.reduce((sum, bin) => sum + bin[of] + 0.5, 0);
  const [ofReference, ofLive] = [total('reference'), total('live')];
  return bins.reduce((sum, { reference, live }) => {
    const p = (reference + 0.5) / ofReference;
    const q = (live + 0.5) / ofLive;
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}

function distance(reference: Histogram, live: Histogram): number | null {
  if (reference.type !== 'numbers') return null;
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  const [ofReference, ofLive] = [total(reference.counts), total(live.counts)];
  if (ofReference === 0 || ofLive === 0) return null;
  let largest = 0;
  let below = { reference: 0, live: 0 };
  reference.counts.forEach((count, place) => {
    below = { reference: below.reference + count, live: below.live + (live.counts[place] ?? 0) };
    largest = Math.max(largest, Math.abs(below.reference / ofReference - below.live / ofLive));
  });
  return largest;
}
