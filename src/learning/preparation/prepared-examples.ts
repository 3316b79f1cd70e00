import { type ExampleSource } from '../features/encoded-examples';
import { type FeatureMap } from '../features/feature-map';
import { type RawExamples } from '../features/raw-examples';
import { type EntityAccounting } from './entities/count-matches';
import { type SplitSummary } from './split/split-summary';

/** Milliseconds since 1970. */
export interface MomentSpan {
  /** Of the first example. */
  readonly from: number;
  /** The last moment that an example's label looks at; the last example's own where labels do not look ahead. */
  readonly until: number;
}

/** One of the three parts. Its order is stable: by line for a TABLE, by subject and then time for EVENTS; not shuffled. */
export interface PreparedPart extends ExampleSource {
  /** 0 or 1: [N]. */
  readonly labels_N: Float32Array;
  /** Whose they are, as numbers from 1: the subject (EVENTS), or the entity that the split is by (TABLE): [N]. */
  readonly entities_N: Int32Array | null;
  /** Null where the examples have no moments, and where there are none. */
  readonly span: MomentSpan | null;
  /** The id column's values, or the rows' line numbers: [N]. */
  ids(): string[];
  /** The same examples before encoding, as the artifact takes them. Indices are 0..count-1. */
  readRaw(indices: Int32Array): Promise<RawExamples>;
}

/**
 * Where every row of the file went. `rows = quarantined + later + duplicates + used`.
 * TABLE: each row used is a moment of prediction; EVENTS: those that the spec says.
 * `moments = examples + censored + embargoed + unassigned`.
 */
export interface RowAccounting {
  /** Records after the header; blank lines are none. */
  readonly rows: number;
  /** Left out because they could not be read. */
  readonly quarantined: number;
  /** Left out because their moment is after the last one that the specification takes. */
  readonly later: number;
  /** Left out as exact copies of an earlier row. */
  readonly duplicates: number;
  /** Of the rows that could be read and were not left out as later: those of which the cleaning changed a value. */
  readonly mended: number;
  readonly used: number;
  readonly moments: number;
  /** Moments whose label window was not complete at the end of the data. */
  readonly censored: number;
  /** Left out by the split: their label looks into a later part, or comes nearer to it than the embargo allows. */
  readonly embargoed: number;
  /** Left out by the split: not of this fold's time, or of an entity that belongs to another part's time. */
  readonly unassigned: number;
  /** In the three parts together. */
  readonly examples: number;
  /**
   * Timestamps, of examples and of the events in their histories, that lie after the moment of prediction, and so are
   * missing. Summaries that were written before there were any lack it.
   */
  readonly laterMoments?: number | undefined;
  /** Of the files that it was joined with, in the spec's order; absent without any. */
  readonly entities?: readonly EntityAccounting[] | undefined;
}

/** What became of a file, without its examples. Plain JSON. */
export type PreparationSummary = Pick<PreparedExamples, 'accounting' | 'split'>;

/** Examples ready for training: split, with encoders fitted on the training part only. */
export interface PreparedExamples {
  readonly counts: { readonly train: number; readonly validation: number; readonly test: number };
  readonly accounting: RowAccounting;
  readonly split: SplitSummary;
  /** The number of quarantined rows. */
  readonly quarantined: number;
  readonly featureMap: FeatureMap;
  readonly train: PreparedPart;
  readonly validation: PreparedPart;
  readonly test: PreparedPart;
  /** Lets go of what is held; reading afterwards is undefined. */
  close(): Promise<void>;
}
