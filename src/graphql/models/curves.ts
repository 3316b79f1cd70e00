import { Field, Float, ObjectType } from 'type-graphql';
import {
  type EvaluationCurves as CurvesData,
  type ThresholdPoint as ThresholdPointData,
} from '../../learning/evaluation/curves';
import { DecisionMetrics } from './decision-metrics';

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

@ObjectType('GainPoint', {
  description:
    'A point of the cumulative gain and lift curves: what is found by turning to the examples of the highest probabilities first.',
})
export class GainPoint {
  @Field(() => Float, { description: 'Share of all examples that are turned to, 0 to 1.' })
  readonly share!: number;

  @Field(() => Float, { description: 'Share of all positive examples that are among them, 0 to 1.' })
  readonly gain!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Gain over share: how many times more positive examples than among as many at random; null where the share is 0.',
  })
  readonly lift!: number | null;

  @Field(() => Float, { description: 'The lowest probability among them; 1 where there are none.' })
  readonly threshold!: number;
}

@ObjectType('LiftDecile', {
  description: 'A tenth of the examples by probability; equal probabilities at a border are shared out.',
})
export class LiftDecile {
  @Field(() => Float, {
    description: 'Examples in it; fractional where equal probabilities straddle a border.',
  })
  readonly count!: number;

  @Field(() => Float, { description: 'Positive examples in it; fractional likewise.' })
  readonly positives!: number;

  @Field(() => Float, { description: 'What was predicted, on average.' })
  readonly meanProbability!: number;

  @Field(() => Float, { description: 'What came true, on average.' })
  readonly positiveRate!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Its positive rate over that of all examples; null where no example is positive.',
  })
  readonly lift!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Share of all positive examples that are in it and the ones before it; null where no example is positive.',
  })
  readonly cumulativeGain!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Positive rate of it and the ones before it, over that of all examples; null where no example is positive.',
  })
  readonly cumulativeLift!: number | null;
}

@ObjectType('KsPoint', {
  description:
    'A point of the Kolmogorov–Smirnov diagram, which draws two distributions over the probability. The point of the largest distance is always there.',
})
export class KsPoint {
  @Field(() => Float, { description: 'The probability.' })
  readonly threshold!: number;

  @Field(() => Float, { description: 'Share of the positive examples whose probability is lower, 0 to 1.' })
  readonly positivesBelow!: number;

  @Field(() => Float, { description: 'Share of the negative examples whose probability is lower, 0 to 1.' })
  readonly negativesBelow!: number;

  @Field(() => Float, { description: 'How far the two are apart, 0 to 1.' })
  readonly distance!: number;
}

@ObjectType('ThresholdPoint', {
  description: 'What would be decided, and how well, at one threshold: data for a slider or a table.',
})
export class ThresholdPoint extends DecisionMetrics {
  static from(point: ThresholdPointData): ThresholdPoint {
    return Object.assign(new ThresholdPoint(), DecisionMetrics.fieldsOf(point));
  }
}

@ObjectType('EvaluationCurves', {
  description: 'What the usual diagrams are drawn from, over held-out examples; at most 200 points each.',
})
export class EvaluationCurves {
  @Field(() => [RocPoint], { description: 'From (0, 0) to (1, 1); empty when one class is absent.' })
  readonly roc!: readonly RocPoint[];

  @Field(() => [PrecisionRecallPoint], { description: 'By growing recall; empty when one class is absent.' })
  readonly precisionRecall!: readonly PrecisionRecallPoint[];

  @Field(() => [CalibrationBin], { description: 'Highest probabilities first.' })
  readonly calibration!: readonly CalibrationBin[];

  @Field(() => [GainPoint], {
    description: 'Cumulative gain and lift, from no example to all; empty when one class is absent.',
  })
  readonly gain!: readonly GainPoint[];

  @Field(() => [LiftDecile], { description: 'Ten tenths, highest probabilities first.' })
  readonly deciles!: readonly LiftDecile[];

  @Field(() => [KsPoint], { description: 'By falling probability; empty when one class is absent.' })
  readonly ks!: readonly KsPoint[];

  @Field(() => [ThresholdPoint], {
    description: 'Decisions by falling threshold, each at a probability that an example has.',
  })
  readonly thresholds!: readonly ThresholdPoint[];

  static from({ thresholds, ...rest }: CurvesData): EvaluationCurves {
    return Object.assign(new EvaluationCurves(), {
      ...rest,
      thresholds: thresholds.map((point) => ThresholdPoint.from(point)),
    });
  }
}
