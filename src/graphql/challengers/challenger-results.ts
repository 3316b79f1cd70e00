import { createUnionType, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type ChallengerMode as Mode } from '../../services/prediction/trials/running-challenger';
import { DomainKind } from '../domain-kind';
import { BaselineOverrideInput, BelowBaseline } from '../models/baseline';
import { ModelVersion } from '../models/model-version';
import { Promotion } from '../models/promotion';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { Challenger, ChallengerMode } from './challenger';

const SHARE =
  'Share of the subjects, 0.001 to 1: of those that it answers for (CANARY), or whose predictions it scores as well (SHADOW). All of them are recorded.';

@InputType('StartChallengerInput', { description: 'Which version to try out, and how.' })
export class StartChallengerInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => ID, { description: 'The version, of this domain; not the one that serves.' })
  readonly modelVersionId!: string;

  @Field(() => ChallengerMode, { description: 'How.' })
  readonly mode!: Mode;

  @Field(() => Float, { description: SHARE })
  readonly share!: number;

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Whether the platform ends it when it is worse than the champion.',
  })
  readonly endWhenWorse!: boolean;

  @Field(() => Float, {
    defaultValue: 0.05,
    description:
      'How often a challenger that is not worse may be ended as if it were, over its whole life: 0.0001 to 0.5.',
  })
  readonly alpha!: number;

  @Field(() => Int, {
    defaultValue: 200,
    description: 'Outcomes of each side before log losses are compared, 100 to 100,000.',
  })
  readonly minOutcomes!: number;

  @Field(() => Float, {
    defaultValue: 0,
    description:
      'From which age on predictions are compared, in hours, 0 to 8,760. Set it to how long a no takes to be known where a yes is known sooner: else the first outcomes are those of one kind.',
  })
  readonly outcomeDelayHours!: number;

  @Field(() => BaselineOverrideInput, {
    nullable: true,
    description:
      'Why it is to be tried out although it is not worth more than its baseline. It holds for its promotion, too.',
  })
  readonly baselineOverride?: BaselineOverrideInput | null;
}

@InputType('ChangeChallengerInput', { description: 'What is left out stays as it is.' })
export class ChangeChallengerInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => ChallengerMode, { nullable: true, description: 'How it is tried out from now on.' })
  readonly mode?: Mode | null;

  @Field(() => Float, { nullable: true, description: SHARE })
  readonly share?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the platform ends it when it is worse than the champion.',
  })
  readonly endWhenWorse?: boolean | null;
}

@InputType('EndChallengerInput', { description: 'Where nothing is to be tried out any more.' })
export class EndChallengerInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;

  @Field(() => String, { nullable: true, description: 'Why, for people: 1 to 500 characters.' })
  readonly reason?: string | null;
}

@InputType('PromoteChallengerInput', { description: 'Where the challenger is to serve.' })
export class PromoteChallengerInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly domain!: string;
}

@ObjectType()
abstract class ChallengerChanged {
  @Field(() => Challenger, { description: 'As it is now.' })
  readonly challenger!: Challenger;
}

@ObjectType('StartChallengerSuccess', { description: 'It is tried out as soon as it is loaded.' })
export class StartChallengerSuccess extends ChallengerChanged {}

@ObjectType('ChangeChallengerSuccess', { description: 'It is tried out as it was set to.' })
export class ChangeChallengerSuccess extends ChallengerChanged {}

@ObjectType('EndChallengerSuccess', { description: 'The champion answers alone.' })
export class EndChallengerSuccess extends ChallengerChanged {}

@ObjectType('PromoteChallengerSuccess', { description: 'It serves.' })
export class PromoteChallengerSuccess extends ChallengerChanged {
  @Field(() => Promotion, { description: 'The decision that is in force now.' })
  readonly promotion!: Promotion;

  @Field(() => ModelVersion, { description: 'The version that serves now, without a restart.' })
  readonly champion!: ModelVersion;
}

export const StartChallengerResult = createUnionType({
  name: 'StartChallengerResult',
  description:
    'What came of `startChallenger`. `Conflict`: nothing serves yet, the version serves already, has no valid certificate or lost its artifact, or another one is tried out. `BelowBaseline`: it is not worth more than its baseline.',
  types: () => [StartChallengerSuccess, BelowBaseline, InvalidInput, Conflict] as const,
});

export const ChangeChallengerResult = createUnionType({
  name: 'ChangeChallengerResult',
  description: 'What came of `changeChallenger`. `Conflict`: nothing is tried out.',
  types: () => [ChangeChallengerSuccess, InvalidInput, Conflict] as const,
});

export const EndChallengerResult = createUnionType({
  name: 'EndChallengerResult',
  description: 'What came of `endChallenger`. `Conflict`: nothing is tried out.',
  types: () => [EndChallengerSuccess, InvalidInput, Conflict] as const,
});

export const PromoteChallengerResult = createUnionType({
  name: 'PromoteChallengerResult',
  description:
    'What came of `promoteChallenger`. `Conflict`: nothing is tried out, or the version may not serve any more.',
  types: () => [PromoteChallengerSuccess, Conflict] as const,
});
