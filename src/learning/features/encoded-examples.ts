/**
 * Examples after the fitted encoders: the tensors that a network takes, for training and evaluation.
 *
 * Shape legend: N examples, F encoded numeric columns, C categorical columns, T time steps,
 * S encoded numeric sequence columns, K categorical sequence columns. All row-major.
 * Category ids: 0 padding, 1 unknown or missing, 2… the vocabulary. A bag of categories has a column for each of the
 * most that it holds, filled from the first on; 0 in the rest, and in all of them when it is empty.
 */
export interface EncodedExamples {
  readonly count: number;
  /** [N, F], normalized, no NaN. */
  readonly numeric_NF: Float32Array;
  /** [N, C]. */
  readonly categorical_NC: Int32Array;
  readonly sequence?: {
    /** [N, T, S], 0 at padding. */
    readonly numeric_NTS: Float32Array;
    /** [N, T, K], 0 at padding. */
    readonly categorical_NTK: Int32Array;
    /** [N], 0..T. */
    readonly lengths_N: Int32Array;
  };
}

/** Columns of ids next to each other that are one bag of categories, with one vocabulary. */
export interface BagColumns {
  /** The first of its columns. */
  readonly first: number;
  /** How many columns it has. */
  readonly size: number;
  /** How the embeddings of what is in it become one. */
  readonly pooling: 'mean' | 'sum';
}

/** Widths and cardinalities that a network is built from; derived from the fitted feature map. */
export interface InputShape {
  /** F */
  readonly numericWidth: number;
  /** Per categorical column, ids run 0..cardinality-1. Length C. */
  readonly cardinalities: readonly number[];
  /** Those of the categorical columns that are bags, in the order of the columns; none unless given. */
  readonly bags?: readonly BagColumns[];
  readonly sequence?: {
    /** T */
    readonly maxLength: number;
    /** S */
    readonly numericWidth: number;
    /** Length K. */
    readonly cardinalities: readonly number[];
    readonly bags?: readonly BagColumns[];
  };
}

/** Labelled examples that need not be in memory together. Indices are 0..count-1 in the source's own stable order. */
export interface ExampleSource {
  readonly count: number;
  readonly shape: InputShape;
  read(indices: Int32Array): Promise<EncodedExamples & { readonly labels_N: Float32Array }>;
}
