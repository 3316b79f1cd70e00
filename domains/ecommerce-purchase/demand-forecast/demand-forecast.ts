import { createUnionType, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { InvalidInput } from '../../../src/graphql/results/shared-errors';
import { type Demand } from '../../../src/learning/decisions/demand';

@InputType('DemandForecastInput', { description: 'Which items, and how far ahead.' })
export class DemandForecastInput {
  @Field(() => Int, {
    defaultValue: 14,
    description: 'Days ahead, 1 to 90; the first is that of `at`, as a whole (UTC).',
  })
  readonly horizonDays!: number;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Items, 1 to 1,000, each at most once; answered in this order. Left out, those of which most are expected.',
  })
  readonly itemIds?: readonly string[] | null;

  @Field(() => Int, {
    defaultValue: 100,
    description: 'How many items at most, 1 to 1,000, where `itemIds` is left out.',
  })
  readonly first!: number;

  @Field(() => Date, {
    nullable: true,
    description: 'The moment; now when left out. Only whole days before it count.',
  })
  readonly at?: Date | null;
}

@ObjectType('ExpectedDemand', {
  simpleResolvers: true,
  description:
    'How often something is bought within the horizon. The interval holds if things go on as they were: no trend, no holiday, no promotion is in it.',
})
export class ExpectedDemand implements Demand {
  @Field(() => Float, { description: 'Purchases to expect. Each purchase event counts once.' })
  readonly expected!: number;

  @Field(() => Int, { description: 'With 90 %, at least so many …' })
  readonly low!: number;

  @Field(() => Int, {
    description: '… and at most so many: a stock of so many runs out in one of twenty horizons.',
  })
  readonly high!: number;
}

@ObjectType('ItemDemand', { simpleResolvers: true, description: 'The demand for an item.' })
export class ItemDemand {
  @Field(() => ID, { description: 'The item.' })
  readonly itemId!: string;

  @Field(() => ExpectedDemand, { description: 'How often it is bought within the horizon.' })
  readonly demand!: ExpectedDemand;

  @Field(() => Int, { description: 'How often it was bought in the days that were looked at.' })
  readonly purchases!: number;

  @Field(() => Boolean, {
    description:
      'Whether it was bought in these days; `false`: the forecast is that of an item that never was.',
  })
  readonly known!: boolean;
}

@ObjectType('DemandForecast', {
  simpleResolvers: true,
  description:
    'How often items are bought in the days to come, from their sales day by day: a rate for each item, drawn towards those of the others where there are few sales, the days of the week, and days counting less the longer ago they are. The purchase model takes no part: it says whether a visit ends in a purchase, and not how many visits come.',
})
export class DemandForecast {
  @Field(() => [ItemDemand], { description: 'The items.' })
  readonly items!: readonly ItemDemand[];

  @Field(() => ExpectedDemand, { description: 'Purchases of all items together.' })
  readonly total!: ExpectedDemand;

  @Field(() => Date, { description: 'The first day of the horizon, at midnight UTC.' })
  readonly from!: Date;

  @Field(() => Date, { description: 'The day after its last, at midnight UTC.' })
  readonly until!: Date;

  @Field(() => Int, {
    description:
      'Whole days of sales that were looked at: at most 180, and no more than the 500,000 events accepted last cover.',
  })
  readonly historyDays!: number;

  @Field(() => Int, { description: 'Purchases in these days.' })
  readonly purchases!: number;
}

export const DemandForecastResult = createUnionType({
  name: 'DemandForecastResult',
  description: 'The forecast, or what is wrong with the input.',
  types: () => [DemandForecast, InvalidInput] as const,
});
