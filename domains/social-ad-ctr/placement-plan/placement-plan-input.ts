import { Field, Float, InputType, registerEnumType } from 'type-graphql';
import { enumOf } from '../../../src/graphql/enum-of';
import { SliceConditionInput } from '../../../src/graphql/models/held-out';

export const OBJECTIVES = ['CLICKS', 'CONVERSIONS'] as const;
export const PlanObjective = enumOf(OBJECTIVES);

registerEnumType(PlanObjective, {
  name: 'PlanObjective',
  description: 'What a plan is to bring as much of as it can.',
  valuesConfig: {
    CLICKS: { description: 'Clicks.' },
    CONVERSIONS: { description: 'Conversions, such as purchases, after a click.' },
  },
});

const optional = (description: string) => ({ nullable: true, description });

@InputType('PriceObservationInput', { description: 'What a spend bought in a period like that of the plan.' })
export class PriceObservationInput {
  @Field(() => Float, { description: 'So much was spent, above 0.' })
  readonly spend!: number;

  @Field(() => Float, { description: 'And bought so many impressions, 0 or more.' })
  readonly impressions!: number;
}

@InputType('RecordedResultsInput', { description: 'What came of impressions of the past.' })
export class RecordedResultsInput {
  @Field(() => Float, { description: 'Impressions, above 0.' })
  readonly impressions!: number;

  @Field(() => Float, { description: 'How many of them were clicked.' })
  readonly clicks!: number;

  @Field(() => Float, optional('How many of the clicks became conversions; needed to plan for these.'))
  readonly conversions?: number | null;
}

@InputType('PlacementOptionInput', {
  description:
    'A placement, or a segment of members in it, that money may be spent on. Give `inventory` and `cpm`, or `observations` that they are fitted to.',
})
export class PlacementOptionInput {
  @Field(() => String, { description: 'Its name in the plan, 1 to 200 characters; each option has another.' })
  readonly name!: string;

  @Field(
    () => String,
    optional('feed, stories, reels or sidebar: where the click rate is that of the model’s test part.'),
  )
  readonly placement?: string | null;

  @Field(
    () => [SliceConditionInput],
    optional('The members or ads that it is limited to, as for `ModelVersion.heldOut`.'),
  )
  readonly slice?: readonly SliceConditionInput[] | null;

  @Field(() => Float, optional('Impressions that there are in the period of the plan, above 0.'))
  readonly inventory?: number | null;

  @Field(() => Float, optional('The price of the first thousand impressions, above 0.'))
  readonly cpm?: number | null;

  @Field(
    () => [PriceObservationInput],
    optional('Two or more, at different spends: inventory and price are fitted to them.'),
  )
  readonly observations?: readonly PriceObservationInput[] | null;

  @Field(
    () => RecordedResultsInput,
    optional(
      'What impressions of this option brought. Left out, the click rate is that of the version that serves: of its test part, in the placement and the slice.',
    ),
  )
  readonly recorded?: RecordedResultsInput | null;

  @Field(() => Float, { defaultValue: 0, description: 'So much is spent here at least, 0 or more.' })
  readonly minimumSpend!: number;

  @Field(() => Float, optional('So much is spent here at most; no bound when left out.'))
  readonly maximumSpend?: number | null;
}

@InputType('PlacementPlanInput', { description: 'A budget, and where it may go.' })
export class PlacementPlanInput {
  @Field(() => Float, { description: 'To be spent, above 0, in the currency of the prices.' })
  readonly budget!: number;

  @Field(() => PlanObjective, {
    defaultValue: 'CLICKS',
    description: 'What to bring as much of as possible.',
  })
  readonly objective!: (typeof OBJECTIVES)[number];

  @Field(
    () => Float,
    optional('No more is spent where the next click, or conversion, costs more than this; above 0.'),
  )
  readonly maximumCost?: number | null;

  @Field(() => [PlacementOptionInput], { description: '1 to 100.' })
  readonly options!: readonly PlacementOptionInput[];
}
