import { createUnionType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { DomainKind } from '../domain-kind';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { BaselineOverrideInput, BelowBaseline } from './baseline';
import { ModelVersion } from './model-version';
import { Promotion } from './promotion';

/** What both decisions answer with. */
@ObjectType()
abstract class Decided {
  @Field(() => Promotion, { description: 'The decision that is in force now.' })
  readonly promotion!: Promotion;

  @Field(() => ModelVersion, { description: 'The version that serves now, without a restart.' })
  readonly champion!: ModelVersion;
}

@InputType('PromoteModelInput', { description: 'The version that is to serve.' })
export class PromoteModelInput {
  @Field(() => ID, { description: "The version's id." })
  readonly modelVersionId!: string;

  @Field(() => BaselineOverrideInput, {
    nullable: true,
    description: 'Why it is to serve although it is not worth more than its baseline.',
  })
  readonly baselineOverride?: BaselineOverrideInput | null;
}

@ObjectType('PromoteModelSuccess', { description: 'The version serves.' })
export class PromoteModelSuccess extends Decided {}

export const PromoteModelResult = createUnionType({
  name: 'PromoteModelResult',
  description:
    'What came of `promoteModel`. `Conflict`: the version has no valid certificate, or its artifact is gone. `BelowBaseline`: it is not worth more than its baseline. `InvalidInput`: the reason of the override is empty or too long.',
  types: () => [PromoteModelSuccess, BelowBaseline, InvalidInput, Conflict] as const,
});

@InputType('RollbackModelInput', { description: 'Where the version before is to serve again.' })
export class RollbackModelInput {
  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;
}

@ObjectType('RollbackModelSuccess', { description: 'The version before serves again.' })
export class RollbackModelSuccess extends Decided {}

export const RollbackModelResult = createUnionType({
  name: 'RollbackModelResult',
  description:
    'What came of `rollbackModel`. `Conflict`: no version served before the present one, or it may not serve any more.',
  types: () => [RollbackModelSuccess, Conflict] as const,
});
