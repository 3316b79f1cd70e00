import { Field, Float, Int, ObjectType } from 'type-graphql';
import { type Evaluation as EvaluationData } from '../../learning/evaluation/evaluate';
import { DecisionMetrics, metric } from './decision-metrics';

@ObjectType('Evaluation', {
  description:
    'How good a model is on examples that it never saw: the test part, or a slice of it. A metric is null where it is undefined, as its description says.',
})
export class Evaluation extends DecisionMetrics {
  @Field(() => Int, { description: 'Examples that it is of.' })
  readonly count!: number;

  @Field(() => Int, { description: 'Those of them whose label is yes.' })
  readonly positives!: number;

  @Field(
    () => Float,
    metric(
      'Probability that a positive example scores above a negative one; 0.5 is chance, 1 is perfect; null when one class is absent.',
    ),
  )
  readonly rocAuc!: number | null;

  @Field(
    () => Float,
    metric(
      'Average precision over all thresholds; the share of positives is chance, 1 is perfect; null when one class is absent.',
    ),
  )
  readonly prAuc!: number | null;

  @Field(
    () => Float,
    metric(
      'Kolmogorov–Smirnov: the largest gap between true and false positive rate, 0 to 1; null when one class is absent.',
    ),
  )
  readonly ks!: number | null;

  @Field(() => Float, metric('2 · ROC AUC − 1, −1 to 1; null when one class is absent.'))
  readonly gini!: number | null;

  @Field(() => Float, metric('Mean negative log likelihood in nats; smaller is better.'))
  readonly logLoss!: number | null;

  @Field(
    () => Float,
    metric(
      'Log loss over that of always answering the base rate; below 1 the model knows something; null when one class is absent.',
    ),
  )
  readonly normalizedEntropy!: number | null;

  @Field(() => Float, metric('Mean squared error of the probability, 0 to 1; smaller is better.'))
  readonly brier!: number | null;

  @Field(
    () => Float,
    metric(
      'Expected calibration error, over 15 bins of equally many examples: how far probabilities are from the rates that come true, 0 to 1.',
    ),
  )
  readonly ece!: number | null;

  static from(data: EvaluationData): Evaluation {
    return Object.assign(new Evaluation(), DecisionMetrics.fieldsOf(data));
  }
}
