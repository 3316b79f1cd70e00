import { type CountedItems } from '../../events/item-rates';
import { type VersionOutcome } from './receipt';

/** What is removed, and counted. */
export const REMOVED_KINDS = [
  'EVENTS',
  'INDEX_ENTRIES',
  'DATASET_ROWS',
  'BROKEN_LINES',
  'HELD_OUT_PREDICTIONS',
  'SCORES',
  'PREDICTIONS',
  'OUTCOMES',
  'EXPORTS',
] as const;
export type RemovedKind = (typeof REMOVED_KINDS)[number];

/** A dataset whose file was written again without the subject. */
export interface ErasedDataset {
  readonly datasetId: string;
  readonly domain: string;
  readonly rows: number;
  readonly brokenLines: number;
}

/** How far an erasure is. Each step is written in the transaction that does it: whoever takes over counts nothing twice. */
export interface ErasureProgress {
  /** What is counted per item, by domain: the counts are taken back. */
  readonly counted: Readonly<Record<string, CountedItems | null>>;
  readonly removed: Readonly<Partial<Record<RemovedKind, number>>>;
  readonly datasets: readonly ErasedDataset[];
  /** Files that were looked through, as dataset and digest. */
  readonly searched: readonly string[];
  /** Jobs that began before have to end before the rest is done. */
  readonly cleanedAt: string | null;
  readonly versions: readonly VersionOutcome[];
  /** Scorings that were looked through. */
  readonly scorings: readonly string[];
  /** Digests of objects that are to go. */
  readonly garbage: readonly string[];
}

export const NOTHING_DONE: ErasureProgress = {
  counted: {},
  removed: {},
  datasets: [],
  searched: [],
  cleanedAt: null,
  versions: [],
  scorings: [],
  garbage: [],
};

/** The progress with more removed. */
export function plus(
  progress: ErasureProgress,
  removed: Readonly<Partial<Record<RemovedKind, number>>>,
): ErasureProgress {
  const sum = { ...progress.removed };
  for (const kind of REMOVED_KINDS) if (removed[kind]) sum[kind] = (sum[kind] ?? 0) + removed[kind];
  return { ...progress, removed: sum };
}
