import { createUnionType, Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import { ModelVersion } from '../../src/graphql/models/model-version';
import { Estimate } from '../../src/graphql/policies/estimate';
import { Conflict, InvalidInput, ModelNotReady } from '../../src/graphql/results/shared-errors';
import { type GroupFairness as Group } from './fairness';

@InputType('CreditFairnessInput', { description: 'Which groups to compare.' })
export class CreditFairnessInput {
  @Field(() => String, {
    description:
      "A column of the dataset that the serving version was trained on, by the file's name for it, such as `sex`. The model must not read it.",
  })
  readonly column!: string;

  @Field(() => [Float], {
    nullable: true,
    description:
      'For a column of numbers: the bounds between its groups, rising, at most 20; [25, 60] makes `< 25`, `25 – 60` and `>= 60`.',
  })
  readonly bounds?: number[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The group that the others are compared with. Left out: the one with the highest approval rate.',
  })
  readonly reference?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The version of the policy to look at; the one in force where left out.',
  })
  readonly policyVersion?: number | null;
}

@ObjectType('ShareComparison', {
  simpleResolvers: true,
  description: 'Two shares compared, with a 95 % interval.',
})
export class ShareComparison {
  @Field(() => Float, {
    nullable: true,
    description: 'The ratio or difference; null where it cannot be told.',
  })
  readonly estimate!: number | null;

  @Field(() => Float, { nullable: true, description: 'Lower end of the interval.' })
  readonly low!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Upper end; also null where a ratio has none, as its reference may be 0.',
  })
  readonly high!: number | null;
}

@ObjectType('GroupFairness', {
  simpleResolvers: true,
  description: 'How a policy would have treated a group.',
})
export class GroupFairness implements Group {
  @Field(() => String, { description: "The column's value, or the range." })
  readonly group!: string;

  @Field(() => Int, { description: 'Held-out examples of the group.' })
  readonly examples!: number;

  @Field(() => Estimate, { description: 'The share that the policy approves.' })
  readonly approvalRate!: Estimate;

  @Field(() => Estimate, { description: 'The share of the whole group that defaulted.' })
  readonly defaultRate!: Estimate;

  @Field(() => Estimate, { description: 'The share of the approved that defaulted.' })
  readonly approvedDefaultRate!: Estimate;

  @Field(() => Estimate, { description: 'The share of those who did not default that is approved.' })
  readonly opportunity!: Estimate;

  @Field(() => ShareComparison, {
    description: 'The approval rate over that of the reference group. 1 is equal.',
  })
  readonly adverseImpactRatio!: ShareComparison;

  @Field(() => ShareComparison, {
    description: '`opportunity` minus that of the reference group. 0 is equal.',
  })
  readonly equalOpportunityDifference!: ShareComparison;

  @Field(() => Boolean, {
    description:
      'Whether the adverse impact ratio is below 0.8, the four-fifths rule; look at its interval as well.',
  })
  readonly isBelowFourFifths!: boolean;
}

@ObjectType('CreditFairness', {
  description:
    'How a policy would have treated groups that the model knows nothing of, on the held-out test part of the version that serves.',
})
export class CreditFairness {
  @Field(() => ModelVersion, { description: 'The version that serves, whose test part the examples are.' })
  readonly modelVersion!: ModelVersion;

  @Field(() => Int, { description: "The version of the policy; 0 is the domain's default." })
  readonly policyVersion!: number;

  @Field(() => String, { description: 'The group that the others are compared with.' })
  readonly reference!: string;

  @Field(() => [GroupFairness], { description: 'Groups of at least 30 examples, the largest first.' })
  readonly groups!: GroupFairness[];

  @Field(() => Int, { description: 'Groups of fewer examples, which are not shown.' })
  readonly smallGroups!: number;

  @Field(() => Int, { description: 'Examples of those groups.' })
  readonly smallGroupExamples!: number;

  @Field(() => Int, { description: 'Examples in which the column is empty.' })
  readonly missing!: number;

  @Field(() => Int, {
    description:
      'Examples that match no row of the dataset, or whose id several rows have that say different things.',
  })
  readonly unmatched!: number;
}

export const CreditFairnessResult = createUnionType({
  name: 'CreditFairnessResult',
  description:
    'The comparison, or why there is none: `InvalidInput` also where the model reads the column, `Conflict` where no two groups can be compared.',
  types: () => [CreditFairness, InvalidInput, ModelNotReady, Conflict] as const,
});
