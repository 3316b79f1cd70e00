import { Field, Float, Int, ObjectType } from 'type-graphql';
import { type Confusion, type ThresholdMetrics } from '../../learning/evaluation/threshold-metrics';

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

/** A field of a metric that may be undefined. */
export const metric = (description: string) => ({ nullable: true, description });

/** Decisions at a threshold and what follows from them: part of several types. */
@ObjectType()
export abstract class DecisionMetrics {
  @Field(() => Float, {
    description:
      'Examples with at least this probability are called positive in the matrix and the metrics that follow from it.',
  })
  readonly threshold!: number;

  @Field(() => ConfusionMatrix, { description: 'The decisions at the threshold against what happened.' })
  readonly confusionMatrix!: ConfusionMatrix;

  @Field(() => Float, metric('Share of right decisions, 0 to 1.'))
  readonly accuracy!: number | null;

  @Field(
    () => Float,
    metric('Share of the examples called positive that are, 0 to 1; null where none is called so.'),
  )
  readonly precision!: number | null;

  @Field(
    () => Float,
    metric('Share of the positive examples that are called so, 0 to 1; null where none is positive.'),
  )
  readonly recall!: number | null;

  @Field(
    () => Float,
    metric('Harmonic mean of precision and recall, 0 to 1; null where none is positive or called so.'),
  )
  readonly f1!: number | null;

  @Field(
    () => Float,
    metric('Share of the negative examples that are called so, 0 to 1; null where none is negative.'),
  )
  readonly specificity!: number | null;

  @Field(() => Float, metric('Mean of recall and specificity, 0 to 1; null where one of them is.'))
  readonly balancedAccuracy!: number | null;

  @Field(
    () => Float,
    metric(
      'Matthews correlation coefficient, −1 to 1; null where all labels, or all decisions, are the same.',
    ),
  )
  readonly mcc!: number | null;

  /** The fields, from counts by their short names. */
  static fieldsOf<D extends ThresholdMetrics & { readonly confusion: Confusion }>({
    confusion,
    ...rest
  }: D): Omit<D, 'confusion'> & Pick<DecisionMetrics, 'confusionMatrix'> {
    const confusionMatrix = Object.assign(new ConfusionMatrix(), {
      truePositives: confusion.tp,
      falsePositives: confusion.fp,
      trueNegatives: confusion.tn,
      falseNegatives: confusion.fn,
    });
    return { ...rest, confusionMatrix };
  }
}
