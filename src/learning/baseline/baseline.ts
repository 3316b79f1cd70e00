import { evaluate, type Evaluation } from '../evaluation/evaluate';
import { logLossTest, type PairedTest } from '../evaluation/paired-tests';
import { recommendThreshold } from '../evaluation/recommended-threshold';
import { type PreparedPart } from '../preparation/prepared-examples';

export const BASELINES = ['LOGISTIC_REGRESSION', 'BASE_RATE'] as const;
export type BaselineName = (typeof BASELINES)[number];

/** The parts that neither a model nor its baseline was fitted on. */
export interface OfHeldOut<T> {
  readonly validation: T;
  readonly test: T;
}

/** A cheap model of the same examples, calibrated on the validation part as the trained one is. */
export interface FittedBaseline {
  readonly name: BaselineName;
  /** Of the training part: those that it was fitted on. */
  readonly examples: number;
  /** Calibrated, 0..1: [N]. */
  readonly probabilities: OfHeldOut<Float32Array>;
}

/** What a model is to be worth more than, and whether it is. Plain JSON. */
export interface Baseline extends Pick<FittedBaseline, 'name' | 'examples'> {
  /** At the baseline's own threshold: the one of largest F1 on the validation part. */
  readonly validation: Evaluation;
  readonly test: Evaluation;
  /** Log loss: the first is the baseline's, the second the model's. */
  readonly difference: OfHeldOut<PairedTest>;
}

/**
 * Sets a model's answers against its baseline's, on the same examples.
 *
 * @param model probabilities of the model, in the parts' order
 */
export async function judgeBaseline(
  { name, examples, probabilities }: FittedBaseline,
  parts: OfHeldOut<PreparedPart>,
  model: OfHeldOut<Float32Array>,
): Promise<Baseline> {
  const threshold = recommendThreshold(parts.validation.labels_N, probabilities.validation);
  const evaluationOf = (part: keyof OfHeldOut<unknown>) =>
    evaluate(parts[part].labels_N, probabilities[part], threshold);
  const differenceOf = (part: keyof OfHeldOut<unknown>) =>
    logLossTest({
      labels_N: parts[part].labels_N,
      first_N: probabilities[part],
      second_N: model[part],
      subjects_N: parts[part].entities_N,
    });
  return {
    ...{ name, examples },
    validation: evaluationOf('validation'),
    test: evaluationOf('test'),
    difference: { validation: await differenceOf('validation'), test: await differenceOf('test') },
  };
}

/**
 * Whether the model's log loss on the validation part is lower than the baseline's. It is asked for the better estimate and not
 * for proof: an interval wholly below 0 would keep most models of small data from serving, and one that merely reaches
 * below 0 would let worse ones serve, the sooner the less data there is. The test part decides nothing.
 */
export function isBeaten({ difference }: Pick<Baseline, 'difference'>): boolean {
  return (difference.validation.difference ?? 0) < 0;
}
