import { setImmediate as nextTurn } from 'node:timers/promises';
import { seededRandom, shuffle } from '../training/random';

/** Of every interval. */
export const CONFIDENCE = 0.95;
/** Fewer subjects, or examples, say too little about how much others would differ. */
export const MIN_UNITS = 10;
/** Examples that are drawn from, at most; of more, a sample. */
export const MAX_RESAMPLED = 100_000;
/** How long other work waits for a replicate, about. */
const TURN_MS = 10;

const { floor } = Math;

/** What is drawn as a whole: the examples of one subject, or each example by itself. */
export interface Units {
  readonly count: number;
  /** Which unit each example is in, 0..count−1; −1 for none: [N]. */
  readonly of_N: Int32Array;
  /** How much wider an interval is than it would be of all examples, squared: units sampled over units, 0..1. */
  readonly sampled: number;
  /** Units there are, sampled or not. */
  readonly total: number;
}

/**
 * Examples of one subject are alike, so that they are drawn together: drawing them one by one would make intervals too
 * narrow (the cluster bootstrap; Davison & Hinkley 1997, §3.8).
 *
 * Of more than {@link MAX_RESAMPLED} examples, whole units are sampled until there are as many.
 *
 * @param subjects_N numbers; null where each example stands for itself.
 */
export function unitsOf(count: number, subjects_N: Int32Array | null, seed: number): Units {
  const { of_N, total } = numberUnits(count, subjects_N);
  if (count <= MAX_RESAMPLED) return { count: total, of_N, sampled: 1, total };
  const order = shuffle(
    Int32Array.from({ length: total }, (_, unit) => unit),
    seededRandom(seed ^ 0x5bd1e995),
  );
  const sizes = new Int32Array(total);
  for (const unit of of_N) sizes[unit] = (sizes[unit] ?? 0) + 1;
  const renumbered = new Int32Array(total).fill(-1);
  let kept = 0;
  let examples = 0;
  for (const unit of order) {
    if (examples >= MAX_RESAMPLED) break;
    renumbered[unit] = kept++;
    examples += sizes[unit] ?? 0;
  }
  return { count: kept, of_N: of_N.map((unit) => renumbered[unit] ?? -1), sampled: kept / total, total };
}

/** Numbers the subjects from 0, or the examples where there are none. */
export function numberUnits(
  count: number,
  subjects_N: Int32Array | null,
): { readonly of_N: Int32Array; readonly total: number } {
  if (!subjects_N) return { of_N: new Int32Array(count).map((_, n) => n), total: count };
  const numbers = new Map<number, number>();
  const of_N = subjects_N.map((subject) => {
    const unit = numbers.get(subject) ?? numbers.size;
    if (unit === numbers.size) numbers.set(subject, unit);
    return unit;
  });
  return { of_N, total: numbers.size };
}

/**
 * Draws as many units as there are, with replacement, again and again, and lets other work have its turn in between.
 *
 * @param visit told how often each unit was drawn: [units.count]
 */
export async function resample(
  units: Units,
  { replicates, seed }: { replicates: number; seed: number },
  visit: (drawn: Int32Array) => void,
): Promise<void> {
  const random = seededRandom(seed);
  const drawn = new Int32Array(units.count);
  let since = performance.now();
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawn.fill(0);
    for (let draw = 0; draw < units.count; draw++) {
      const unit = floor(random() * units.count);
      drawn[unit] = (drawn[unit] ?? 0) + 1;
    }
    visit(drawn);
    if (performance.now() - since > TURN_MS) {
      await nextTurn();
      since = performance.now();
    }
  }
}

/**
 * The percentile interval (Efron & Tibshirani 1993, §13.3) around an estimate.
 *
 * Where only a share f of the units was drawn from, deviations from the sample's own estimate are shrunk by √f, as the
 * standard error is (the m out of n bootstrap; Bickel, Götze & van Zwet 1997).
 *
 * @param replicates values of it; sorted in place.
 */
export function percentileInterval(
  replicates: Float64Array,
  { estimate, ofSample, sampled }: { estimate: number; ofSample: number; sampled: number },
): { readonly low: number; readonly high: number } {
  replicates.sort();
  const last = replicates.length - 1;
  const at = (share: number) => replicates[Math.min(last, Math.max(0, Math.round((last + 2) * share) - 1))];
  const around = (value = NaN) =>
    sampled === 1 ? value : estimate + Math.sqrt(sampled) * (value - ofSample);
  const tail = (1 - CONFIDENCE) / 2;
  return { low: around(at(tail)), high: around(at(1 - tail)) };
}
