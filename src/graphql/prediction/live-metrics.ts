import {
  createUnionType,
  Field,
  Float,
  ID,
  InputType,
  Int,
  ObjectType,
  registerEnumType,
} from 'type-graphql';
import { METRIC_REASONS, type MetricReason as Reason } from '../../services/prediction/outcomes/live-group';
import {
  LIVE_DIMENSIONS,
  type LiveDimension,
  type LiveGroup,
} from '../../services/prediction/outcomes/live-metrics.service';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { CalibrationBin } from '../models/curves';
import { InvalidInput } from '../results/shared-errors';

export const LiveMetricsDimension = enumOf(LIVE_DIMENSIONS);

registerEnumType(LiveMetricsDimension, {
  name: 'LiveMetricsDimension',
  description: 'What live metrics are grouped by.',
  valuesConfig: {
    VERSION: { description: 'The model version that answered.' },
    DAY: { description: 'The day of the answer, UTC.' },
    SEGMENT: { description: 'The category in the feature that `segment` names.' },
  },
});

@InputType('LiveMetricsInput', { description: 'Of which recorded predictions.' })
export class LiveMetricsInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => ID, { nullable: true, description: 'Only of this model version.' })
  readonly modelVersionId?: string | null;

  @Field(() => Date, { description: 'Answered not before this moment.' })
  readonly from!: Date;

  @Field(() => Date, { description: 'Answered before this moment.' })
  readonly until!: Date;

  @Field(() => [LiveMetricsDimension], {
    nullable: true,
    description: 'What to group by, any of them together; left out: one group of all.',
  })
  readonly by?: readonly LiveDimension[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'The categorical feature that SEGMENT groups by, by its name in the specification.',
  })
  readonly segment?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Also of scores that were not shown, with the outcomes of those that were: to compare versions. Group by VERSION then. Left out: no.',
  })
  readonly includeShadow?: boolean | null;
}

export const MetricReason = enumOf(METRIC_REASONS);

registerEnumType(MetricReason, {
  name: 'MetricReason',
  description: 'Why a metric has no value.',
  valuesConfig: {
    NO_OUTCOMES: { description: 'No outcome is known.' },
    TOO_FEW_OUTCOMES: { description: 'Fewer than 30 outcomes are known.' },
    ONE_CLASS: { description: 'All known outcomes are yes, or all are no.' },
  },
});

@ObjectType('LiveMetric', {
  simpleResolvers: true,
  description: 'A metric of predictions whose outcomes are known.',
})
export class LiveMetric {
  @Field(() => Float, { nullable: true, description: 'Its value; null where `reason` says why.' })
  readonly value!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower end of the 95 % interval; null where there is no value, and of the ECE.',
  })
  readonly low!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end; null where the lower is.' })
  readonly high!: number | null;

  @Field(() => MetricReason, { nullable: true, description: 'Why there is no value; null where there is.' })
  readonly reason!: Reason | null;
}

@ObjectType('LiveMetricsGroup', {
  simpleResolvers: true,
  description: 'Predictions of one version, day and segment, as far as they are grouped by.',
})
export class LiveMetricsGroup {
  @Field(() => ID, { nullable: true, description: 'The model version; null where not grouped by VERSION.' })
  readonly modelVersionId!: string | null;

  @Field(() => Date, {
    nullable: true,
    description: 'The first moment of the day, UTC; null where not grouped by DAY.',
  })
  readonly day!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: 'The category; null where the value was missing, or not grouped by SEGMENT.',
  })
  readonly segment!: string | null;

  @Field(() => Int, { description: 'How many predictions were recorded.' })
  readonly predictions!: number;

  @Field(() => Int, { description: 'How many of them meant yes.' })
  readonly decidedYes!: number;

  @Field(() => Float, { description: 'Their average probability, whether or not the outcome is known.' })
  readonly averageProbability!: number;

  @Field(() => Int, { description: 'Of how many the outcome is known.' })
  readonly outcomes!: number;

  @Field(() => Int, {
    description:
      'How many of the known outcomes follow from stored events; the others were told by `recordOutcomes`.',
  })
  readonly inferredOutcomes!: number;

  @Field(() => Int, { description: 'How many of the known outcomes are yes.' })
  readonly positives!: number;

  @Field(() => Int, {
    description:
      'Of how many known outcomes the metrics are: all, or a share drawn by lot where one answer would need more than 200,000.',
  })
  readonly evaluated!: number;

  @Field(() => LiveMetric, { description: 'Share of yes among the known outcomes.' })
  readonly baseRate!: LiveMetric;

  @Field(() => LiveMetric, { description: 'Area under the ROC curve.' })
  readonly rocAuc!: LiveMetric;

  @Field(() => LiveMetric, { description: 'Mean negative log likelihood.' })
  readonly logLoss!: LiveMetric;

  @Field(() => LiveMetric, { description: 'Mean squared error of the probability.' })
  readonly brier!: LiveMetric;

  @Field(() => LiveMetric, { description: 'Expected calibration error over 15 bins of equal mass.' })
  readonly ece!: LiveMetric;

  @Field(() => [CalibrationBin], {
    description: 'The bins of the ECE, highest probabilities first; empty where it has no value.',
  })
  readonly calibration!: readonly CalibrationBin[];

  @Field(() => Int, { description: 'How many outcomes came with a value.' })
  readonly valued!: number;

  @Field(() => Float, { nullable: true, description: 'Sum of their values; null when there are none.' })
  readonly value!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Sum of the values of those that were predicted to be a yes; null when none has a value.',
  })
  readonly valueOfYes!: number | null;
}

@ObjectType('LiveMetrics', { description: 'How good recorded predictions were, group by group.' })
export class LiveMetrics {
  @Field(() => [LiveMetricsGroup], {
    description:
      'In the order of version, day and segment, at most 1,000; groups without predictions are absent.',
  })
  readonly groups!: readonly LiveGroup[];
}

export const LiveMetricsResult = createUnionType({
  name: 'LiveMetricsResult',
  description: 'What `liveMetrics` answers.',
  types: () => [LiveMetrics, InvalidInput] as const,
});
