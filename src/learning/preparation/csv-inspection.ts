import { type FileFormat } from './formats/file-format';

/** A row that cannot be used, and why. */
export interface QuarantinedRow {
  /**
   * 1-based line of the unpacked file on which the row starts; the header is usually line 1. Of Parquet, the row's
   * number, from 1.
   */
  readonly line: number;
  readonly reason: string;
  /** The line itself, shortened to 200 characters. */
  readonly text: string;
}

export interface Quarantine {
  readonly count: number;
  /** The first of them by line, at most 100. */
  readonly sample: readonly QuarantinedRow[];
}

/** What the values of a column look like, judged by its first rows. */
export type ColumnType = 'numeric' | 'categorical' | 'boolean' | 'moment' | 'empty';

/** What an uploaded file holds, seen through a spec. */
export interface CsvInspection {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: ColumnType }>;
  readonly format: FileFormat;
  /** Records after the header, quarantined ones included; blank lines are none. */
  readonly rowCount: number;
  readonly quarantined: Quarantine;
  /** The share of positive labels, 0..1; `null` where the label is derived from later events. */
  readonly labelRate: number | null;
  /** EVENTS: rows that are moments of prediction. TABLE: all usable rows. */
  readonly momentCount: number;
  /** The first and last moment among usable rows, where the spec names a time column. */
  readonly timeRange: { readonly from: Date; readonly to: Date } | null;
  /** True when the file ends inside a row: it was probably cut. The partial row is quarantined. */
  readonly endsInsideRow: boolean;
}
