import { type CleaningProposal } from '../cleaning/propose';
import { type ColumnType } from '../csv-inspection';
import { type CountedReason } from '../quarantine-file';
import { type PersonalClass } from '../../features/personal-data';
import { type PersonalProposal } from './personal-proposal';

/** What the configuration takes a column for; the first that applies. */
export const COLUMN_ROLES = ['LABEL', 'TIME', 'SUBJECT', 'ID', 'KIND', 'FEATURE', 'UNUSED'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

export const LEAK_KINDS = [
  'FEATURE_ORDERS_LABEL',
  'PRESENCE_TELLS_LABEL',
  'ID_ORDERS_LABEL',
  'ROW_ORDER_FOLLOWS_LABEL',
  'MOMENT_AFTER_PREDICTION',
] as const;
export type LeakKind = (typeof LEAK_KINDS)[number];

export const TIME_UNITS = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR', 'DECADE'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

export interface CountedValue {
  /** Shortened to 100 characters. */
  readonly value: string;
  readonly count: number;
}

/** A value that may stand for "not known", and how often it does. */
export interface Sentinel extends CountedValue {
  readonly reason: string;
}

/** A cell that the configuration cannot read. */
export interface InvalidCell {
  readonly line: number;
  readonly value: string | null;
  readonly reason: string;
}

export interface Histogram {
  /** Of equal width; the last holds its upper end, the others do not. */
  readonly bins: ReadonlyArray<{ readonly from: number; readonly to: number; readonly count: number }>;
  /** Numbers beyond the bins, which are the outliers. */
  readonly below: number;
  readonly above: number;
}

export interface NumberSummary {
  readonly count: number;
  readonly mean: number;
  /** With n − 1; null of one number. */
  readonly standardDeviation: number | null;
  readonly min: number;
  readonly max: number;
  /** By linear interpolation of the order statistics (Hyndman & Fan 1996, type 7). */
  readonly quantiles: ReadonlyArray<{ readonly p: number; readonly value: number }>;
  /** Numbers beyond 1.5 IQR from the quartiles (Tukey 1977); null where the quartiles are equal. */
  readonly outliers: { readonly low: number; readonly high: number; readonly count: number } | null;
  readonly histogram: Histogram;
}

export const DRIFT_LEVELS = ['NONE', 'MODERATE', 'LARGE'] as const;
export type DriftLevel = (typeof DRIFT_LEVELS)[number];

export interface ColumnDrift {
  /** Population stability index, natural logarithm. */
  readonly psi: number;
  /** What it comes to on average when nothing has changed, because the parts are finite. */
  readonly psiByChance: number;
  /** Of what is beyond chance. */
  readonly level: DriftLevel;
}

export interface ColumnProfile {
  readonly name: string;
  readonly role: ColumnRole;
  /** What nine of ten of the given values are, over all rows. */
  readonly type: ColumnType;
  /** Rows whose cell is empty, or a word for a missing value. */
  readonly missingCount: number;
  /** Of those, the rows whose cell is empty. */
  readonly emptyCount: number;
  /** The words of the others. */
  readonly markers: readonly CountedValue[];
  readonly givenCount: number;
  /** Exact, of the given cells as they are written. */
  readonly distinctCount: number;
  /** How many given cells read as what; the classes may overlap. */
  readonly readsAs: { readonly numbers: number; readonly booleans: number; readonly moments: number };
  readonly frequentValues: readonly CountedValue[];
  /** Where the type is numeric. */
  readonly numbers: NumberSummary | null;
  /** Where the type is moment. */
  readonly moments: { readonly earliest: string; readonly latest: string } | null;
  readonly sentinels: readonly Sentinel[];
  readonly invalid: { readonly count: number; readonly examples: readonly InvalidCell[] };
  /** Of the given values alone against the label; null where it cannot be judged. */
  readonly auc: number | null;
  /** Of being given at all against the label; null where no cell is missing or it cannot be judged. */
  readonly presenceAuc: number | null;
  readonly drift: ColumnDrift | null;
  /** What the spec marks it as: then there are no values here. */
  readonly personal: PersonalClass | null;
  /** What it may have to be marked as; null where it is marked, or nothing speaks for it. */
  readonly personalProposal: PersonalProposal | null;
}

export interface LabelBucket {
  /** ISO 8601, UTC; the bucket is one unit long. */
  readonly from: string;
  readonly count: number;
  readonly positives: number;
}

export interface LabelProfile {
  /** Rows whose label is known: usable, a moment of prediction, and with a complete window where it is derived. */
  readonly count: number;
  readonly positives: number;
  /** Moments whose window reaches beyond the end of the data. */
  readonly censored: number;
  /** By time; buckets without a label are left out. Null without a time column. */
  readonly overTime: { readonly unit: TimeUnit; readonly buckets: readonly LabelBucket[] } | null;
}

/** The two parts of the time that drift compares. */
export interface DriftParts {
  /** ISO 8601: the last moment of the first part, and the first of the last part. */
  readonly firstUntil: string;
  readonly lastFrom: string;
  readonly firstCount: number;
  readonly lastCount: number;
}

export interface LeakWarning {
  readonly kind: LeakKind;
  /** Null where it is the order of the rows. */
  readonly column: string | null;
  readonly auc: number | null;
  /** Rows that show it. */
  readonly count: number;
  readonly message: string;
}

/** What is in a file, seen through a spec, before anything is trained on it. JSON as it is. */
export interface DatasetProfile {
  /** Records after the header that could be split into cells: what the columns are counted over. */
  readonly rowCount: number;
  /** Records that could not. */
  readonly unreadableCount: number;
  /** Records that training leaves out: unreadable, or with a cell that the spec cannot read. */
  readonly quarantinedCount: number;
  /** Why, the most frequent reason first. */
  readonly quarantineReasons: readonly CountedReason[];
  /** Rows that are exact copies of an earlier one. */
  readonly duplicates: {
    readonly count: number;
    readonly examples: ReadonlyArray<{ readonly line: number; readonly copies: number }>;
  };
  readonly label: LabelProfile;
  readonly drift: DriftParts | null;
  readonly leaks: readonly LeakWarning[];
  readonly columns: readonly ColumnProfile[];
  /** What could be mended, in the order of the file's columns, whole rows first. */
  readonly cleaning: readonly CleaningProposal[];
}
