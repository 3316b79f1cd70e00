import { Field, Float, Int, ObjectType } from 'type-graphql';
import { type Evaluation as EvaluationData } from '../../learning/evaluation/evaluate';

@ObjectType('ConfusionMatrix', {
  description: 'Decisions at one threshold against what happened, in examples.',
})
export class ConfusionMatrix {
  @Field(() => Int, { description: 'Called positive, and positive.' })
  readonly truePositives!: number;

  @Field(() => Int, { description: 'Called positive, but negative.' })
  readonly falsePositives!: number;

  @Field(() => Int, { description: 'Called negative, and negative.' })
  readonly trueNegatives!: number;

  @Field(() => Int, { description: 'Called negative, but positive.' })
  readonly falseNegatives!: number;
}

const metric = (description: string) => ({ nullable: true, description });

@ObjectType('Evaluation', {
  description:
    'How good a model is on the test part, which it never saw. A metric is null where it is undefined, as when one class is absent.',
})
export class Evaluation {
  @Field(() => Int, { description: 'Examples in the test part.' })
  readonly count!: number;

  @Field(() => Int, { description: 'Examples in the test part whose label is yes.' })
  readonly positives!: number;

  @Field(() => Float, {
    description:
      'Examples with at least this probability are called positive in the matrix and the metrics that follow from it.',
  })
  readonly threshold!: number;

  @Field(() => ConfusionMatrix, { description: 'The decisions at the threshold against what happened.' })
  readonly confusionMatrix!: ConfusionMatrix;

  @Field(() => Float, metric('Share of right decisions, 0 to 1.'))
  readonly accuracy!: number | null;

  @Field(() => Float, metric('Share of the examples called positive that are, 0 to 1.'))
  readonly precision!: number | null;

  @Field(() => Float, metric('Share of the positive examples that are called so, 0 to 1.'))
  readonly recall!: number | null;

  @Field(() => Float, metric('Harmonic mean of precision and recall, 0 to 1.'))
  readonly f1!: number | null;

  @Field(() => Float, metric('Share of the negative examples that are called so, 0 to 1.'))
  readonly specificity!: number | null;

  @Field(() => Float, metric('Mean of recall and specificity, 0 to 1.'))
  readonly balancedAccuracy!: number | null;

  @Field(() => Float, metric('Matthews correlation coefficient, −1 to 1.'))
  readonly mcc!: number | null;

  @Field(
    () => Float,
    metric('Probability that a positive example scores above a negative one; 0.5 is chance, 1 is perfect.'),
  )
  readonly rocAuc!: number | null;

  @Field(
    () => Float,
    metric('Average precision over all thresholds; the share of positives is chance, 1 is perfect.'),
  )
  readonly prAuc!: number | null;

  @Field(
    () => Float,
    metric('Kolmogorov–Smirnov: the largest gap between true and false positive rate, 0 to 1.'),
  )
  readonly ks!: number | null;

  @Field(() => Float, metric('2 · ROC AUC − 1, −1 to 1.'))
  readonly gini!: number | null;

  @Field(() => Float, metric('Mean negative log likelihood in nats; smaller is better.'))
  readonly logLoss!: number | null;

  @Field(
    () => Float,
    metric('Log loss over that of always answering the base rate; below 1 the model knows something.'),
  )
  readonly normalizedEntropy!: number | null;

  @Field(() => Float, metric('Mean squared error of the probability, 0 to 1; smaller is better.'))
  readonly brier!: number | null;

  @Field(
    () => Float,
    metric('Expected calibration error: how far probabilities are from the rates that come true, 0 to 1.'),
  )
  readonly ece!: number | null;

  static from({ confusion, ...rest }: EvaluationData): Evaluation {
    const confusionMatrix = Object.assign(new ConfusionMatrix(), {
      truePositives: confusion.tp,
      falsePositives: confusion.fp,
      trueNegatives: confusion.tn,
      falseNegatives: confusion.fn,
    });
    return Object.assign(new Evaluation(), { ...rest, confusionMatrix });
  }
}
