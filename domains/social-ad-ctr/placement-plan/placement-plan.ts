import { createUnionType, Field, Float, ObjectType } from 'type-graphql';
import { IntervalEstimate } from '../../../src/graphql/models/segment-calibration';
import { ServingVersion } from '../../../src/graphql/prediction/prediction';
import { InvalidInput, ModelNotReady } from '../../../src/graphql/results/shared-errors';

@ObjectType('ReturnPoint', { simpleResolvers: true, description: 'A point of a curve of returns.' })
export class ReturnPoint {
  @Field(() => Float, { description: 'So much is spent.' })
  readonly spend!: number;

  @Field(() => Float, { description: 'So many clicks, or conversions, are expected.' })
  readonly results!: number;

  @Field(() => Float, { description: 'So many more the next unit of money brings.' })
  readonly marginal!: number;
}

@ObjectType('PlacementShare', { simpleResolvers: true, description: 'What a plan spends on an option.' })
export class PlacementShare {
  @Field(() => String, { description: 'The option.' })
  readonly name!: string;

  @Field(() => Float, { description: 'What is spent on it.' })
  readonly spend!: number;

  @Field(() => Float, { description: 'Impressions that this buys.' })
  readonly impressions!: number;

  @Field(() => IntervalEstimate, { description: 'Clicks, or conversions, to expect of them.' })
  readonly results!: IntervalEstimate;

  @Field(() => Float, { description: 'Clicks, or conversions, of an impression, 0 to 1.' })
  readonly rate!: number;

  @Field(() => Float, { description: 'What the next unit of money would bring here.' })
  readonly marginal!: number;

  @Field(() => Float, { description: 'Impressions that there are, given or fitted.' })
  readonly inventory!: number;

  @Field(() => Float, { description: 'The price of the first thousand impressions, given or fitted.' })
  readonly cpm!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'The price of the next thousand, after what the plan buys; null where next to nothing is left.',
  })
  readonly marginalCpm!: number | null;

  @Field(() => [ReturnPoint], {
    description: 'The returns of the option for spends from 0 to the budget, or to its maximum: 21 points.',
  })
  readonly curve!: readonly ReturnPoint[];
}

@ObjectType('PlacementPlan', {
  simpleResolvers: true,
  description: 'How a budget brings most over placements and segments.',
})
export class PlacementPlan {
  @Field(() => Float, {
    description: 'What is spent: the budget, or less where no more can or is worth to be spent.',
  })
  readonly spend!: number;

  @Field(() => IntervalEstimate, {
    description:
      'Clicks, or conversions, to expect; the interval has what is not known of the rates and the chance that remains, but neither of the inventory nor of the prices.',
  })
  readonly results!: IntervalEstimate;

  @Field(() => Float, {
    description:
      'What the next unit of money would bring, the same in every option that may take more or less; 0 where none may.',
  })
  readonly marginal!: number;

  @Field(() => [PlacementShare], { description: 'In the order of the options.' })
  readonly shares!: readonly PlacementShare[];

  @Field(() => [ReturnPoint], {
    description: 'What the best plan would bring with 0.25, 0.5, 0.75, 1, 1.25, 1.5 and 2 times the budget.',
  })
  readonly returns!: readonly ReturnPoint[];

  @Field(() => ServingVersion, {
    nullable: true,
    description: 'The version whose test part click rates are of; null where all were recorded.',
  })
  readonly modelVersion!: ServingVersion | null;
}

export const PlacementPlanResult = createUnionType({
  name: 'PlacementPlanResult',
  description: 'The plan, or why there is none.',
  types: () => [PlacementPlan, InvalidInput, ModelNotReady] as const,
});
