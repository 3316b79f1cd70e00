import { createUnionType, Field, Float, Int, ObjectType } from 'type-graphql';
import {
  type SegmentCalibration as SegmentData,
  type SegmentCorrection as CorrectionData,
  type Interval as IntervalData,
} from '../../learning/evaluation/segment-calibration';
import { type CalibrationBySegment as BySegmentData } from '../../services/models/segment-calibration.service';
import { InvalidInput } from '../results/shared-errors';

@ObjectType('IntervalEstimate', {
  simpleResolvers: true,
  description: 'A figure, and where it would lie with other examples.',
})
export class IntervalEstimate {
  @Field(() => Float, { description: 'The figure.' })
  readonly estimate!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower end of the 95 % interval; null where there is too little to tell.',
  })
  readonly low!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end; null where the lower is.' })
  readonly high!: number | null;

  static from(data: IntervalData): IntervalEstimate {
    return Object.assign(new IntervalEstimate(), data);
  }
}

@ObjectType('SegmentCorrection', {
  simpleResolvers: true,
  description:
    'A factor on the odds of a segment, fitted on the validation part and judged on the test part.',
})
export class SegmentCorrection {
  @Field(() => Float, {
    description: 'The factor, drawn to 1 by how much of the differences between segments is chance.',
  })
  readonly oddsFactor!: number;

  @Field(() => IntervalEstimate, { description: 'The factor as fitted, before it is drawn to 1.' })
  readonly fitted!: IntervalEstimate;

  @Field(() => Float, {
    description:
      'Of the hypothesis that there is nothing to correct, on the validation part, adjusted for the number of segments.',
  })
  readonly pValue!: number;

  @Field(() => Float, { nullable: true, description: 'Log loss of the segment on the test part as it is.' })
  readonly logLoss!: number | null;

  @Field(() => Float, { nullable: true, description: 'Log loss with the correction.' })
  readonly correctedLogLoss!: number | null;

  @Field(() => IntervalEstimate, {
    nullable: true,
    description: 'The difference between the two; below 0 the correction helps.',
  })
  readonly difference!: IntervalEstimate | null;

  @Field(() => Boolean, {
    description:
      'Whether it is worth being used: significant at 0.05 on the validation part, and better on the test part.',
  })
  readonly isOffered!: boolean;

  static from({ fitted, logLoss, ...rest }: CorrectionData): SegmentCorrection {
    const { first, second, difference: estimate, low, high } = logLoss;
    return Object.assign(new SegmentCorrection(), {
      ...rest,
      fitted: IntervalEstimate.from(fitted),
      logLoss: first,
      correctedLogLoss: second,
      difference: estimate === null ? null : IntervalEstimate.from({ estimate, low, high }),
    });
  }
}

@ObjectType('SegmentCalibration', {
  simpleResolvers: true,
  description: 'How far the probabilities of a segment can be taken at their word, on the test part.',
})
export class SegmentCalibration {
  @Field(() => String, { description: "The feature's value; empty where it is missing." })
  readonly value!: string;

  @Field(() => Int, { description: 'Examples.' })
  readonly count!: number;

  @Field(() => Float, { description: 'Positives that were predicted: the sum of the probabilities.' })
  readonly predicted!: number;

  @Field(() => Int, { description: 'Positives that there were.' })
  readonly observed!: number;

  @Field(() => IntervalEstimate, { description: 'Observed over predicted; 1 where they agree.' })
  readonly ratio!: IntervalEstimate;

  @Field(() => IntervalEstimate, {
    description:
      'Expected calibration error over 15 bins. Chance alone keeps it above 0, the more the fewer examples there are.',
  })
  readonly ece!: IntervalEstimate;

  @Field(() => SegmentCorrection, {
    nullable: true,
    description:
      'What could be corrected; null where the validation part has one class, or too few subjects.',
  })
  readonly correction!: SegmentCorrection | null;

  static from({ ratio, ece, correction, ...rest }: SegmentData): SegmentCalibration {
    return Object.assign(new SegmentCalibration(), {
      ...rest,
      ratio: IntervalEstimate.from(ratio),
      ece: IntervalEstimate.from(ece),
      correction: correction && SegmentCorrection.from(correction),
    });
  }
}

@ObjectType('CalibrationBySegment', {
  simpleResolvers: true,
  description: 'Calibration where a feature has one value and where it has another.',
})
export class CalibrationBySegment {
  @Field(() => String, { description: 'The feature.' })
  readonly feature!: string;

  @Field(() => [SegmentCalibration], {
    description: 'The largest first, at most 20; each of at least 30 examples in both held-out parts.',
  })
  readonly segments!: readonly SegmentCalibration[];

  @Field(() => Int, { description: 'Values that were left out: of too few examples, or beyond 20.' })
  readonly leftOut!: number;

  static from({ feature, segments, leftOut }: BySegmentData): CalibrationBySegment {
    return Object.assign(new CalibrationBySegment(), {
      feature,
      segments: segments.map((segment) => SegmentCalibration.from(segment)),
      leftOut,
    });
  }
}

export const CalibrationBySegmentResult = createUnionType({
  name: 'CalibrationBySegmentResult',
  description:
    'Calibration by segment. `InvalidInput`: the feature is a number, or was not kept with the held-out predictions.',
  types: () => [CalibrationBySegment, InvalidInput] as const,
});
