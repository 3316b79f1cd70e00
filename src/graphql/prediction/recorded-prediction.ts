import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import {
  type PredictionRole as Role,
  type RecordedPrediction as Recorded,
} from '../../services/prediction/log/recorded-prediction';
import {
  OUTCOME_SOURCES,
  type OutcomeSource as Source,
} from '../../services/prediction/outcomes/outcomes.service';
import { type Replay } from '../../services/prediction/log/replays';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { JsonObject } from '../scalars';
import { decisionOf } from './decisions';
import { PredictionHistory } from './prediction';
import { PredictionRole } from './prediction-role';

export const OutcomeSource = enumOf(OUTCOME_SOURCES);

registerEnumType(OutcomeSource, {
  name: 'OutcomeSource',
  description: 'Where an outcome is from.',
  valuesConfig: {
    GIVEN: { description: '`recordOutcomes` told it.' },
    EVENTS: { description: 'It follows from stored events, as the label of the version says.' },
  },
});

@ObjectType('RecordedOutcome', { simpleResolvers: true, description: 'What became of what was predicted.' })
export class RecordedOutcome {
  @Field(() => Boolean, { description: 'Whether it was a yes.' })
  readonly label!: boolean;

  @Field(() => Date, { description: 'When it was so.' })
  readonly at!: Date;

  @Field(() => Float, { nullable: true, description: 'What it was worth; null when that was not told.' })
  readonly value!: number | null;

  @Field(() => OutcomeSource, { description: 'Where it is from.' })
  readonly source!: Source;
}

@ObjectType('RecordedDecision', {
  simpleResolvers: true,
  description:
    'What a policy made of a prediction: the decision of `creditReport`, or the ranking of an ad by `rankAds`.',
})
export class RecordedDecision {
  @Field(() => Int, { description: "The version of the policy; 0 is the domain's default." })
  readonly policyVersion!: number;

  @Field(() => JsonObject, {
    description: 'The decision, its fields named as in the query that made it.',
  })
  readonly decision!: object;

  @Field(() => JsonObject, {
    description: 'What it was made from beside the prediction and the policy.',
  })
  readonly circumstances!: object;
}

@ObjectType('ReplayedDecision', {
  simpleResolvers: true,
  description: 'A recorded decision, made again by the version of the policy that made it.',
})
export class ReplayedDecision {
  @Field(() => Int, { description: "The version of the policy; 0 is the domain's default." })
  readonly policyVersion!: number;

  @Field(() => JsonObject, {
    description: 'The decision that comes of the probability that the artifact gives now.',
  })
  readonly decision!: object;

  @Field(() => Boolean, { description: 'Whether it is the one that was answered.' })
  readonly identical!: boolean;
}

@ObjectType('RecordedPrediction', {
  description:
    'A prediction as it was answered, and what it was answered from. All but its outcome never changes.',
})
export class RecordedPrediction {
  @Field(() => ID, { description: 'Its id, a UUIDv7: later ones are larger.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => ID, { nullable: true, description: 'Whom or what it is about; null when nobody was named.' })
  readonly subjectId!: string | null;

  @Field(() => Date, { description: 'The moment of prediction.' })
  readonly at!: Date;

  @Field(() => Date, { description: 'When it was answered.' })
  readonly recordedAt!: Date;

  @Field(() => Float, { description: 'The calibrated probability of yes, 0 to 1.' })
  readonly probability!: number;

  @Field(() => Float, { description: 'Its logit: the probability is the sigmoid of it.' })
  readonly logit!: number;

  @Field(() => Float, { description: 'Probabilities from here on meant yes.' })
  readonly threshold!: number;

  @Field(() => String, {
    nullable: true,
    description:
      "The decision, as the domain's own answer names it; null when this server no longer knows the domain.",
  })
  readonly decision!: string | null;

  @Field(() => PredictionRole, { description: 'What the version was when it answered.' })
  readonly role!: Role;

  @Field(() => ID, {
    nullable: true,
    description:
      'Of a score that was not shown: the id of the prediction that was, of the same example; else null.',
  })
  readonly shadowOf!: string | null;

  @Field(() => String, { description: 'SHA-256 of the artifact that answered, hexadecimal.' })
  readonly artifactSha256!: string;

  @Field(() => PredictionHistory, { description: 'What it was told of the past.' })
  readonly history!: PredictionHistory;

  @Field(() => JsonObject, {
    description:
      'The features as the model saw them, by name, also those that were looked up; what was missing is absent or null.',
  })
  readonly features!: object;

  @Field(() => [JsonObject], {
    nullable: true,
    description:
      'The past events that the model saw, each with `at` and its values by name; null when it was given none, not even an empty list.',
  })
  readonly events!: readonly object[] | null;

  @Field(() => RecordedOutcome, {
    nullable: true,
    description:
      'What became of it, as `recordOutcomes` told last or, where it did not, as stored events say; null before.',
  })
  readonly outcome!: RecordedOutcome | null;

  /** For the field that is resolved when asked for. */
  readonly modelVersionId!: string;

  static from({ record, ...rest }: Recorded): RecordedPrediction {
    const { domain, probability, threshold } = rest;
    return Object.assign(new RecordedPrediction(), {
      ...rest,
      decision: decisionOf(domain, probability, threshold),
      features: record.features,
      events: record.history?.map(({ at, values }) => ({ ...(at && { at }), ...values })) ?? null,
    });
  }
}

export const RecordedPredictionConnection = connectionOf(
  RecordedPrediction,
  'RecordedPrediction',
  'recorded predictions',
);

@InputType('PredictionFilter', {
  description: 'Which recorded predictions: those that fit everything that is given.',
})
export class PredictionFilter {
  @Field(() => DomainKind, { description: 'Of this domain.' })
  readonly domain!: string;

  @Field(() => ID, { nullable: true, description: 'About this subject.' })
  readonly subjectId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Answered by this model version.' })
  readonly modelVersionId?: string | null;

  @Field(() => Date, { nullable: true, description: 'Answered not before this moment.' })
  readonly from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Answered before this moment.' })
  readonly until?: Date | null;
}

@ObjectType('PredictionReplay', {
  description: 'A recorded prediction, computed again from its snapshot by the artifact that answered.',
})
export class PredictionReplay {
  @Field(() => RecordedPrediction, { description: 'What was answered.' })
  readonly prediction!: RecordedPrediction;

  @Field(() => Float, { description: 'The probability that the artifact gives now.' })
  readonly probability!: number;

  @Field(() => Float, { description: 'The logit that the artifact gives now.' })
  readonly logit!: number;

  @Field(() => Boolean, { description: 'Whether both are those that were answered, to the last bit.' })
  readonly identical!: boolean;

  /** For the decision, which is made again when asked for. */
  readonly recorded!: Recorded;

  static from({ recorded, ...again }: Replay): PredictionReplay {
    return Object.assign(new PredictionReplay(), {
      ...again,
      recorded,
      prediction: RecordedPrediction.from(recorded),
    });
  }
}
