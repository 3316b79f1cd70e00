/** Values as a session or a pool of them gives them, by output. */
export type ExplainerAnswers = Readonly<Record<string, Float32Array | undefined>>;

/** Why one example's logit is what it is. All numbers are in units of the calibrated logit. */
export interface Explanation {
  readonly logit: number;
  /** Of the average example of the training part. */
  readonly baseline: number;
  /** What each feature adds, in the order of the specification: [A]. */
  readonly features: Float32Array;
  /** What each field of each event adds, oldest event first, in the order of the specification: [T·K]. */
  readonly events: Float32Array;
  /** What it adds that there are so many events. */
  readonly length: number;
  /** logit − baseline − all that is added: what the integral is off by. */
  readonly error: number;
}

/**
 * An explainer's outputs, row by row.
 *
 * @throws RangeError when an answer lacks an output, or holds something that is no number
 */
export function explanationsOf(answers: ExplainerAnswers, rows: number): Explanation[] {
  const { logit, baseline, features, events, length } = answers;
  if (!logit || !baseline) throw new RangeError('the explainer did not answer with its logits');
  const part = (values: Float32Array | undefined, row: number): Float32Array => {
    if (!values) return new Float32Array();
    const width = values.length / rows;
    return values.subarray(row * width, (row + 1) * width);
  };
  return Array.from({ length: rows }, (_, row) => {
    const own = { features: part(features, row), events: part(events, row), length: length?.[row] ?? 0 };
    const ends = { logit: logit[row] ?? NaN, baseline: baseline[row] ?? NaN };
    const added = [...own.features, ...own.events].reduce((sum, value) => sum + value, own.length);
    const error = ends.logit - ends.baseline - added;
    if (!Number.isFinite(error)) throw new RangeError('the explainer did not answer with numbers');
    return { ...ends, ...own, error };
  });
}

/** Of one example by several rules of equal weight: what they say together. */
export function meanExplanation(explanations: readonly [Explanation, ...Explanation[]]): Explanation {
  const count = explanations.length;
  const mean = (of: (one: Explanation) => number): number =>
    explanations.reduce((sum, one) => sum + of(one), 0) / count;
  const [first] = explanations;
  return {
    ...first,
    features: first.features.map((_, place) => mean(({ features }) => features[place] ?? 0)),
    events: first.events.map((_, place) => mean(({ events }) => events[place] ?? 0)),
    error: mean(({ error }) => error),
  };
}

/** What the answers of an explainer were compared with, when its model was trained. Plain JSON. */
export interface ExplainerCertificate {
  /** Of the explainer's bytes. */
  readonly sha256: string;
  /** Points of the path at which the gradient is taken. */
  readonly steps: number;
  /** How these points lie: in equal steps, each where the input `offset` says. Absent: of explainers without that input. */
  readonly rule?: 'MIDPOINT';
  /** The average example's logit. */
  readonly baselineLogit: number;
  /** Length of its history; null where there is none. */
  readonly baselineLength: number | null;
  readonly comparedExamples: number;
  /** The largest difference between what is added up and the logit's distance from the average example's. */
  readonly maxError: number;
  /** Of held-out examples, the largest `maxError` that was allowed. */
  readonly tolerance: number;
  /** The largest difference in probability between explainer and artifact. */
  readonly maxProbabilityDifference: number;
}
