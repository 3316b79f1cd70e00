import { createUnionType, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { NO_REASONS, type NoReasons } from '../../services/prediction/explain-examples';
import { enumOf } from '../enum-of';

export const REASON_KINDS = ['FEATURE', 'EVENT', 'HISTORY_LENGTH'] as const;
export const DIRECTIONS = ['RAISES', 'LOWERS'] as const;

export const ReasonKind = enumOf(REASON_KINDS);
registerEnumType(ReasonKind, {
  name: 'ReasonKind',
  description: 'What a reason is about.',
  valuesConfig: {
    FEATURE: { description: 'A feature of the example itself.' },
    EVENT: { description: 'An event of its history, all its fields together.' },
    HISTORY_LENGTH: { description: 'How many events the history has, rather than what they are.' },
  },
});

export const ReasonDirection = enumOf(DIRECTIONS);
registerEnumType(ReasonDirection, {
  name: 'ReasonDirection',
  description: 'Where a reason moves the probability, compared with the average example.',
  valuesConfig: {
    RAISES: { description: 'Towards yes: its contribution is above 0.' },
    LOWERS: { description: 'Towards no: its contribution is 0 or below.' },
  },
});

@ObjectType('FieldContribution', {
  simpleResolvers: true,
  description: 'What one field of an event contributes.',
})
export class FieldContribution {
  @Field(() => String, { description: "The field's name in the specification." })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'What the model was told; null when it is missing.' })
  readonly value!: string | null;

  @Field(() => Float, { description: 'In units of the calibrated logit.' })
  readonly contribution!: number;
}

@ObjectType('ReasonEvent', { simpleResolvers: true, description: 'The event that a reason is about.' })
export class ReasonEvent {
  @Field(() => Int, { description: 'Its place among the events that the model saw; 0 is the oldest.' })
  readonly index!: number;

  @Field(() => Date, { nullable: true, description: 'When it was; null where steps have no moments.' })
  readonly at!: Date | null;

  @Field(() => [FieldContribution], {
    description:
      'Its fields, in the order of the specification; they add up to the contribution of the event.',
  })
  readonly fields!: readonly FieldContribution[];
}

@ObjectType('Reason', {
  simpleResolvers: true,
  description: 'What a feature, an event or the length of the history contributes to the logit.',
})
export class Reason {
  @Field(() => ReasonKind, { description: 'What it is about.' })
  readonly kind!: keyof typeof ReasonKind;

  @Field(() => String, { nullable: true, description: "The feature's name; null for other kinds." })
  readonly feature!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What the model was told of the feature, given or looked up; null when it is missing, and for events. Of HISTORY_LENGTH, the number of events.',
  })
  readonly value!: string | null;

  @Field(() => ReasonEvent, { nullable: true, description: 'The event; null for other kinds.' })
  readonly event!: ReasonEvent | null;

  @Field(() => Float, {
    description: 'What it adds to the calibrated logit, compared with the average example.',
  })
  readonly contribution!: number;

  @Field(() => ReasonDirection, { description: 'Its sign.' })
  readonly direction!: keyof typeof ReasonDirection;

  @Field(() => String, { description: 'The reason as a line of English.' })
  readonly text!: string;
}

@ObjectType('Reasons', {
  simpleResolvers: true,
  description:
    'What led the model to its answer, by integrated gradients: `logit = baselineLogit + Σ items + others`. It tells how the model came to its answer, not what would be without a feature.',
})
export class Reasons {
  @Field(() => Float, { description: 'The calibrated logit: the log-odds of the probability.' })
  readonly logit!: number;

  @Field(() => Float, {
    description:
      'The logit of the average example that the version was trained on, with which reasons compare.',
  })
  readonly baselineLogit!: number;

  @Field(() => [Reason], { description: 'The largest contributions of either direction, largest first.' })
  readonly items!: readonly Reason[];

  @Field(() => Float, { description: 'What all that is not in `items` contributes, `error` included.' })
  readonly others!: number;

  @Field(() => Float, {
    description:
      'What the numerical integral misses: at most 0.02 either way. Answers that it misses more of have `ReasonsUnavailable`.',
  })
  readonly error!: number;
}

export const NoReasonsCode = enumOf(NO_REASONS);
registerEnumType(NoReasonsCode, {
  name: 'ReasonsUnavailableCode',
  description: 'Why there are no reasons.',
  valuesConfig: {
    TRAINED_BEFORE: { description: 'The version was trained before models could explain themselves.' },
    INEXACT: {
      description:
        'The contributions do not add up to the logit within the tolerance: on held-out examples of this version, or for this answer alone, as `message` says.',
    },
  },
});

@ObjectType('ReasonsUnavailable', {
  simpleResolvers: true,
  description: 'The model version that answered gives no reasons, or none for this answer.',
})
export class ReasonsUnavailable {
  @Field(() => NoReasonsCode, { description: 'Why.' })
  readonly why!: NoReasons['why'];

  @Field(() => String, { description: 'Why, and what to do.' })
  readonly message!: string;
}

export const PredictionReasons = createUnionType({
  name: 'PredictionReasons',
  description: 'The reasons, or why there are none.',
  types: () => [Reasons, ReasonsUnavailable] as const,
});
