import { Arg, Ctx, Field, Float, ID, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { type RateInterval } from '../../learning/evaluation/rate-intervals';
import {
  HISTORY_SOURCES,
  type HistorySource as Source,
  type HistoryUse,
} from '../../services/prediction/complete-history';
import { type Recording } from '../../services/prediction/log/recording';
import { type PredictionRole as Role } from '../../services/prediction/log/recorded-prediction';
import { type Score } from '../../services/prediction/prediction.service';
import { type ServingVersion as Version } from '../../services/prediction/servable';
import { enumOf } from '../enum-of';
import { COST } from '../limits/cost';
import { DriftStates } from '../../services/monitoring/drift-states';
import { type GraphqlContext } from '../context';
import { DriftState } from '../monitoring/drift';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type DriftState as State } from '../../learning/drift/compare-columns';
import { PredictionRole } from './prediction-role';
import { PredictionReasons, type Reasons, type ReasonsUnavailable } from './reason';
import { checkFirst, tellReasons } from './tell-reasons';

@ObjectType('ServingVersion', { simpleResolvers: true, description: 'The model version that answered.' })
export class ServingVersion {
  @Field(() => ID, { description: 'Its id; `modelVersion(id)` tells more.' })
  readonly id!: string;

  @Field(() => Int, { description: '1, 2, 3 … among the versions of the domain in your tenant.' })
  readonly number!: number;

  @Field(() => Date, { description: 'When training brought it forth.' })
  readonly createdAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description:
      'The latest moment among the examples that it was fitted on: what came later it has not seen. Null where they have no moments.',
  })
  readonly trainedUntil?: Date | null;
}

export const HistorySource = enumOf(HISTORY_SOURCES);

registerEnumType(HistorySource, {
  name: 'HistorySource',
  description: 'Where the history of a prediction came from.',
  valuesConfig: {
    GIVEN: { description: 'From the input.' },
    LOOKED_UP: {
      description:
        'From the event store: the input named a subject and gave no history, not even an empty one.',
    },
    NONE: { description: 'The input had neither, or the model takes no history.' },
  },
});

@ObjectType('PredictionHistory', {
  simpleResolvers: true,
  description: 'What a prediction was told of the past.',
})
export class PredictionHistory {
  @Field(() => HistorySource, { description: 'Where it came from.' })
  readonly source!: Source;

  @Field(() => Int, { description: 'How many events the model saw: the latest, as many as it takes.' })
  readonly count!: number;

  @Field(() => Date, {
    nullable: true,
    description: 'The moment of the latest event; null when there are none, or they have no moments.',
  })
  readonly latestAt!: Date | null;
}

@ObjectType('PredictionInterval', {
  simpleResolvers: true,
  description:
    'Within what bounds the rate of yes lies among examples with such a probability, as held-out examples tell. It is about their rate, not about how one of them turns out.',
})
export class PredictionInterval {
  @Field(() => Float, { description: '0 up to the probability.' })
  readonly lower!: number;

  @Field(() => Float, { description: 'The probability up to 1.' })
  readonly upper!: number;

  @Field(() => Float, { description: 'How often such bounds hold the rate, at least: 0.9.' })
  readonly level!: number;
}

/** What an answer is told from. */
export interface PredictionParts {
  readonly score: Score;
  readonly subjectId: string | null;
  readonly decision: string;
  readonly threshold: number;
  readonly modelVersion: Version;
  readonly servedBy: Role;
}

/** What every domain's answer holds; a domain adds its decision. */
@InterfaceType('Prediction', { description: 'What every prediction answers, whatever the domain.' })
export abstract class Prediction {
  /** What the version said: more than its probability is made when it is asked for. */
  readonly score: PredictionParts['score'];

  /** What a domain makes of it, which describes it. */
  readonly decision: string;

  /** As it is recorded where it is part of a decision. */
  private decided: Recording | null = null;

  constructor(parts: PredictionParts) {
    this.score = parts.score;
    this.subjectId = parts.subjectId;
    this.probability = parts.score.probability;
    this.decision = parts.decision;
    this.threshold = parts.threshold;
    this.modelVersion = parts.modelVersion;
    this.servedBy = parts.servedBy;
  }

  /** Asked for its id, it is recorded. */
  get recording(): Recording {
    return this.decided ?? this.score.recording;
  }

  /** It is recorded with the decision that it is part of. */
  decide(recording: Recording): this {
    this.decided = recording;
    return this;
  }

  @Field(() => ID, {
    nullable: true,
    complexity: 1,
    description:
      'Its id, under which exactly this answer can be found (`prediction`) and computed again (`replayPrediction`) later, and its outcome told (`recordOutcomes`). Who asks for it has the prediction recorded before it is answered; null, with an error, when it could not be.',
  })
  get id(): Promise<string | null> {
    return this.recording.id();
  }

  @Field(() => ID, {
    nullable: true,
    description: 'Whom or what the prediction is about, as the input named it.',
  })
  readonly subjectId: string | null;

  @Field(() => Float, {
    description: 'The probability of yes, calibrated on examples that the model was not fitted on, 0 to 1.',
  })
  readonly probability: number;

  @Field(() => PredictionInterval, {
    nullable: true,
    description:
      'How well the probability is known; null for versions that were trained before there were intervals.',
  })
  get interval(): RateInterval | null {
    return this.score.interval ?? null;
  }

  @Field(() => Float, {
    description:
      "Probabilities from here on mean yes: the configuration's threshold, else the one that the version recommends.",
  })
  readonly threshold: number;

  @Field(() => ServingVersion, { description: 'The model version that answered.' })
  readonly modelVersion: Version;

  @Field(() => PredictionRole, {
    description:
      'What that version is in its domain: a CHALLENGER answers for a share of the subjects while it is tried out.',
  })
  readonly servedBy: Role;

  @Field(() => PredictionHistory, { description: 'What it was told of the past.' })
  get history(): HistoryUse {
    return this.score.history;
  }

  @Field(() => DriftState, {
    description:
      'How far what the version is asked these days is from what it was trained on, as the monitoring found it last; UNKNOWN before that. Of all its inputs, not of this one alone.',
  })
  driftState(@Ctx() ctx: GraphqlContext): Promise<State> {
    return ctx.services.get(DriftStates).inputs(requireTenant(ctx).actor.tenantId, this.modelVersion.id);
  }

  @Field(() => PredictionReasons, {
    nullable: true,
    complexity: COST.EXPLANATION,
    description:
      'What led the model to its answer: the features and events that contribute most to the logit. Computed only where it is asked for; null with an error beside the data when that took too long.',
  })
  async reasons(
    @Arg('first', () => Int, {
      defaultValue: 5,
      description: 'How many of the largest, 1 to 100; the rest of them are one number, `others`.',
    })
    first: number,
  ): Promise<Reasons | ReasonsUnavailable> {
    checkFirst(first);
    return tellReasons(await this.score.explain(), first);
  }
}
