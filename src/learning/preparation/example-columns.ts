import { type CompoundColumn } from './compound-columns';

/** A categorical column: `dictionary[codes[i]]` is the category; code 0 is the empty string, missing. */
export interface CodedColumn {
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}

/** The histories of some examples, one after the other, each in time order; or the steps of some rows. */
export interface EventColumns {
  readonly maxLength: number;
  /** Milliseconds since 1970, per event; the steps of rows have no moments. */
  readonly at: Float64Array | null;
  /** Per numeric or elapsed field in spec order; `null` for elapsed, which is computed from the moments. */
  readonly numeric: ReadonlyArray<Float32Array | null>;
  /** Per categorical field in spec order. */
  readonly categorical: readonly CodedColumn[];
  /** Per compound field in spec order. */
  readonly compound: readonly CompoundColumn[];
  /** Per example: the event after its last, so that its history is [end − length, end). */
  readonly ends: Int32Array;
  readonly lengths: Int32Array;
}

/** Some examples before encoding, in columns in memory. */
export interface ExampleColumns {
  readonly count: number;
  /** 0 or 1. */
  readonly labels: Float32Array;
  /** Milliseconds since 1970, where the spec names a time column. */
  readonly at: Float64Array | null;
  /** Per numeric or cyclic feature in spec order. */
  readonly numeric: readonly Float32Array[];
  /** Per categorical feature in spec order. */
  readonly categorical: readonly CodedColumn[];
  /** Per compound feature in spec order. */
  readonly compound: readonly CompoundColumn[];
  /** Where the spec has a sequence. */
  readonly events?: EventColumns | undefined;
}
