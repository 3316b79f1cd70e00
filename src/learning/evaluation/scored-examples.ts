/** What a model said of examples whose outcome is known. */
export interface ScoredExamples {
  /** 0 or 1: [N]. */
  readonly labels_N: Float32Array;
  /** 0..1: [N]. */
  readonly probabilities_N: Float32Array;
  /** Whose they are, as numbers; null where each stands for itself: [N]. */
  readonly subjects_N: Int32Array | null;
}

/** What two models said of the same examples. */
export interface PairedExamples {
  readonly labels_N: Float32Array;
  readonly first_N: Float32Array;
  readonly second_N: Float32Array;
  readonly subjects_N: Int32Array | null;
}
