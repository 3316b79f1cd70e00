/**
 * Examples after the fitted encoders: the tensors that a network takes, for training and evaluation.
 *
 * Shape legend: N examples, F encoded numeric columns, C categorical columns, T time steps,
 * S encoded numeric sequence columns, K categorical sequence columns. All row-major.
 * Category ids: 0 padding, 1 unknown or missing, 2… the vocabulary.
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

/** Widths and cardinalities that a network is built from; derived from the fitted feature map. */
export interface InputShape {
  /** F */
  readonly numericWidth: number;
  /** Per categorical column, ids run 0..cardinality-1. Length C. */
  readonly cardinalities: readonly number[];
  readonly sequence?: {
    /** T */
    readonly maxLength: number;
    /** S */
    readonly numericWidth: number;
    /** Length K. */
    readonly cardinalities: readonly number[];
  };
}

/** Labelled examples that need not be in memory together. Indices are 0..count-1 in the source's own stable order. */
export interface ExampleSource {
  readonly count: number;
  readonly shape: InputShape;
  read(indices: Int32Array): Promise<EncodedExamples & { readonly labels_N: Float32Array }>;
}
