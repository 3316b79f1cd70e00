import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import {
  CHALLENGER_ENDINGS,
  type ChallengerEnding as Ending,
} from '../../services/challengers/challenger.entity';
import { type ChallengerTrial as TrialEntity } from '../../services/challengers/challenger-trial.entity';
import { type ChallengerState } from '../../services/challengers/challengers.service';
import {
  CHALLENGER_MODES,
  type ChallengerMode as Mode,
} from '../../services/prediction/trials/running-challenger';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';

export const ChallengerMode = enumOf(CHALLENGER_MODES);
registerEnumType(ChallengerMode, {
  name: 'ChallengerMode',
  description: 'How a version is tried out beside the champion.',
  valuesConfig: {
    SHADOW: {
      description: 'It scores what the champion has answered, in the background; nobody is shown its scores.',
    },
    CANARY: {
      description: 'It answers for a share of the subjects, always the same ones, in all queries.',
    },
  },
});

export const ChallengerEnding = enumOf(CHALLENGER_ENDINGS);
registerEnumType(ChallengerEnding, {
  name: 'ChallengerEnding',
  description: 'How it came that a version is tried out no longer.',
  valuesConfig: {
    ENDED: { description: 'Somebody ended it.' },
    PROMOTED: { description: 'It became the champion.' },
    ROLLED_BACK: { description: 'The platform ended it, because it was worse than the champion.' },
  },
});

@ObjectType('ChallengerTrial', {
  description:
    'A challenger under one mode, share and champion. Another one begins when any of them changes, so that what is compared is never mixed.',
})
export class ChallengerTrial {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => Int, { description: '1, 2, 3 … of the challenger.' })
  readonly number!: number;

  @Field(() => ChallengerMode, { description: 'How it was tried out.' })
  readonly mode!: Mode;

  @Field(() => Float, { description: 'Of the subjects, above 0 up to 1.' })
  readonly share!: number;

  @Field(() => Date, { description: 'When it began.' })
  readonly startedAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description: 'When a worker looked at it last, which it does every minute; null before.',
  })
  readonly judgedAt!: Date | null;

  /** For the fields that are resolved when asked for. */
  readonly championVersionId!: string;

  static from(entity: TrialEntity): ChallengerTrial {
    const { id, number, mode, share, startedAt, judgedAt, championVersionId } = entity;
    return Object.assign(new ChallengerTrial(), {
      ...{ id, number, mode, share, startedAt, judgedAt, championVersionId },
    });
  }
}

@ObjectType('Challenger', {
  description: 'A version that is, or was, tried out beside the champion of its domain.',
})
export class Challenger {
  @Field(() => ID, { description: 'Its id. It also decides which subjects are in its share.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => Boolean, { description: 'Whether it is tried out now.' })
  readonly isRunning!: boolean;

  @Field(() => Float, {
    description:
      'How often a challenger that is not worse is ended as if it were, at most, over all of its trials and looks.',
  })
  readonly alpha!: number;

  @Field(() => Int, { description: 'Outcomes of each side before log losses are compared.' })
  readonly minOutcomes!: number;

  @Field(() => Float, { description: 'From which age on predictions are compared, in hours.' })
  readonly outcomeDelayHours!: number;

  @Field(() => Boolean, { description: 'Whether the platform ends it when it is worse.' })
  readonly endWhenWorse!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      'Why it is tried out although it is not worth more than its baseline; null where it is, or has none.',
  })
  readonly baselineOverride!: string | null;

  @Field(() => ID, { description: 'Id of the API key or member that started it.' })
  readonly startedBy!: string;

  @Field(() => Date, { description: 'When it was started.' })
  readonly startedAt!: Date;

  @Field(() => ChallengerTrial, { description: 'The trial that runs, or ran last.' })
  readonly trial!: ChallengerTrial;

  @Field(() => Date, { nullable: true, description: 'When it ended; null while it runs.' })
  readonly endedAt!: Date | null;

  @Field(() => ChallengerEnding, { nullable: true, description: 'How it ended; null while it runs.' })
  readonly ending!: Ending | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Id of the API key or member that ended it; null while it runs, and when the platform did.',
  })
  readonly endedBy!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it ended, for people, where that was said.' })
  readonly reason!: string | null;

  /** For the fields that are resolved when asked for. */
  readonly state!: ChallengerState;

  static from(state: ChallengerState): Challenger {
    const { challenger, trial } = state;
    const { id, kind, alpha, minOutcomes, outcomeDelayHours, endWhenWorse } = challenger;
    const { baselineOverride, startedBy, startedAt, endedAt, ending, endedBy, reason } = challenger;
    return Object.assign(new Challenger(), {
      ...{
        id,
        domain: kind,
        isRunning: endedAt === null,
        alpha,
        minOutcomes,
        outcomeDelayHours,
        endWhenWorse,
      },
      ...{ baselineOverride, startedBy, startedAt, endedAt, ending, endedBy, reason },
      trial: ChallengerTrial.from(trial),
      state,
    });
  }
}

export const ChallengerConnection = connectionOf(Challenger, 'Challenger', 'challengers');
