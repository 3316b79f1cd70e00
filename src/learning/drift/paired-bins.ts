import { type Histogram } from './drift-reference';

export const DRIFT_BIN_KINDS = ['RANGE', 'CATEGORY', 'OTHER', 'UNKNOWN', 'MISSING'] as const;
export type DriftBinKind = (typeof DRIFT_BIN_KINDS)[number];

/** A bin of a feature, with how many values of the reference and of now lie in it. */
export interface PairedBin {
  readonly kind: DriftBinKind;
  /** Of RANGE: above this; null: whatever is small. */
  readonly above: number | null;
  /** Of RANGE: up to this, inclusive; null: whatever is large. */
  readonly upTo: number | null;
  readonly category: string | null;
  readonly reference: number;
  readonly live: number;
}

/** Bins of numbers, and categories with a bin of their own. */
const RANGES = 10;
const CATEGORIES = 20;

/** Two histograms of the same shape, in few bins: ten of equal mass of the reference, or its twenty largest categories. */
export function pairedBins(reference: Histogram, live: Histogram): PairedBin[] {
  const bins = reference.type === 'numbers' ? ranges(reference, live.counts) : named(reference, live);
  return [...bins, other('MISSING', reference.missing, live.missing)];
}

function ranges(
  { cuts, counts }: Extract<Histogram, { type: 'numbers' }>,
  live: readonly number[],
): PairedBin[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const bins: PairedBin[] = [];
  let above: number | null = null;
  let seen = 0;
  let held = { reference: 0, live: 0 };
  const close = (upTo: number | null) => {
    bins.push({ kind: 'RANGE', above, upTo, category: null, ...held });
    above = upTo;
    held = { reference: 0, live: 0 };
  };
  // A number that is always the same has bins below and above it; else what lies outside belongs to the outermost bins.
  const isConstant = cuts.length <= 2;
  counts.forEach((count, place) => {
    held = { reference: held.reference + count, live: held.live + (live[place] ?? 0) };
    seen += count;
    const cut = cuts[place];
    const isLast = place >= counts.length - 2;
    const isFull = held.reference > 0 && seen >= ((bins.length + 1) / RANGES) * total;
    if (cut !== undefined && (isConstant || (isFull && !isLast))) close(cut);
  });
  close(null);
  return bins;
}

function named(reference: Extract<Histogram, { type: 'categories' }>, live: Histogram): PairedBin[] {
  const rest = (counts: readonly number[]) => counts.slice(CATEGORIES).reduce((sum, count) => sum + count, 0);
  const bins = reference.categories.slice(0, CATEGORIES).map((category, place): PairedBin => ({
    ...other('CATEGORY', reference.counts[place] ?? 0, live.counts[place] ?? 0),
    category,
  }));
  const unlisted = 'unlisted' in live ? live.unlisted : 0;
  return [
    ...bins,
    ...(reference.categories.length > CATEGORIES
      ? [other('OTHER', rest(reference.counts), rest(live.counts))]
      : []),
    other('UNKNOWN', reference.unlisted, unlisted),
  ];
}

function other(kind: DriftBinKind, reference: number, live: number): PairedBin {
  return { kind, above: null, upTo: null, category: null, reference, live };
}
