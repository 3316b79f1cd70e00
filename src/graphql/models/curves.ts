import { Field, Float, ObjectType } from 'type-graphql';

@ObjectType('RocPoint', { description: 'A point of the receiver operating characteristic.' })
export class RocPoint {
  @Field(() => Float, { description: 'Share of the negative examples that are called positive, 0 to 1.' })
  readonly falsePositiveRate!: number;

  @Field(() => Float, { description: 'Share of the positive examples that are called positive, 0 to 1.' })
  readonly truePositiveRate!: number;

  @Field(() => Float, { description: 'The probability from which on examples are called positive there.' })
  readonly threshold!: number;
}

@ObjectType('PrecisionRecallPoint', { description: 'A point of the precision-recall curve.' })
export class PrecisionRecallPoint {
  @Field(() => Float, { description: 'Share of the positive examples that are called positive, 0 to 1.' })
  readonly recall!: number;

  @Field(() => Float, { description: 'Share of the examples called positive that are, 0 to 1.' })
  readonly precision!: number;

  @Field(() => Float, { description: 'The probability from which on examples are called positive there.' })
  readonly threshold!: number;
}

@ObjectType('CalibrationBin', {
  description: 'One bin of a reliability diagram; the bins hold equally many examples.',
})
export class CalibrationBin {
  @Field(() => Float, {
    description: 'Examples in the bin; fractional where equal probabilities straddle a border.',
  })
  readonly count!: number;

  @Field(() => Float, { description: 'What was predicted, on average.' })
  readonly meanProbability!: number;

  @Field(() => Float, {
    description: 'What came true, on average; equal to the prediction in a well calibrated model.',
  })
  readonly positiveRate!: number;
}

@ObjectType('EvaluationCurves', {
  description: 'What the usual diagrams are drawn from, over the test part; at most 200 points each.',
})
export class EvaluationCurves {
  @Field(() => [RocPoint], { description: 'From (0, 0) to (1, 1); empty when one class is absent.' })
  readonly roc!: readonly RocPoint[];

  @Field(() => [PrecisionRecallPoint], { description: 'By growing recall; empty when one class is absent.' })
  readonly precisionRecall!: readonly PrecisionRecallPoint[];

  @Field(() => [CalibrationBin], { description: 'Highest probabilities first.' })
  readonly calibration!: readonly CalibrationBin[];
}
