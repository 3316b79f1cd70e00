import { Field, Float, ObjectType } from 'type-graphql';
import { SafeInt } from '../scalars';

@ObjectType('Quantile', { description: 'A value that a share of the numbers does not exceed.' })
export class Quantile {
  @Field(() => Float, { description: 'The share, 0 to 1.' })
  readonly p!: number;

  @Field(() => Float, { description: 'The value, interpolated between the two nearest numbers.' })
  readonly value!: number;
}

@ObjectType('HistogramBin', { description: 'A bar of a histogram.' })
export class HistogramBin {
  @Field(() => Float, { description: 'Where it begins, included.' })
  readonly from!: number;

  @Field(() => Float, { description: 'Where it ends, excluded but for the last bar.' })
  readonly to!: number;

  @Field(() => SafeInt, { description: 'Numbers in it.' })
  readonly count!: number;
}

@ObjectType('Histogram', {
  description:
    'Bars of equal width from the smallest to the largest number that is no outlier. Bars, `below` and `above` add up to all numbers.',
})
export class Histogram {
  @Field(() => [HistogramBin], {
    description: '20 at most, in ascending order; whole numbers get bars of whole widths.',
  })
  readonly bins!: readonly HistogramBin[];

  @Field(() => SafeInt, { description: 'Outliers below the first bar.' })
  readonly below!: number;

  @Field(() => SafeInt, { description: 'Outliers above the last bar.' })
  readonly above!: number;
}

@ObjectType('Outliers', {
  description:
    'Numbers farther than 1.5 interquartile ranges below the first or above the third quartile (Tukey’s fences). They are not wrong by themselves.',
})
export class Outliers {
  @Field(() => Float, { description: 'Numbers below it are outliers.' })
  readonly low!: number;

  @Field(() => Float, { description: 'Numbers above it are outliers.' })
  readonly high!: number;

  @Field(() => SafeInt, { description: 'How many there are.' })
  readonly count!: number;
}

@ObjectType('NumberSummary', { description: 'The numbers of a column.' })
export class NumberSummary {
  @Field(() => SafeInt, { description: 'How many cells are numbers.' })
  readonly count!: number;

  @Field(() => Float, { description: 'Their mean.' })
  readonly mean!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Their standard deviation, with n − 1; null of one number.',
  })
  readonly standardDeviation!: number | null;

  @Field(() => Float, { description: 'The smallest.' })
  readonly min!: number;

  @Field(() => Float, { description: 'The largest.' })
  readonly max!: number;

  @Field(() => [Quantile], { description: 'At 0.01, 0.05, 0.25, 0.5, 0.75, 0.95 and 0.99.' })
  readonly quantiles!: readonly Quantile[];

  @Field(() => Outliers, {
    nullable: true,
    description: 'Null when the first and the third quartile are equal: there is no range to measure by.',
  })
  readonly outliers!: Outliers | null;

  @Field(() => Histogram, { description: 'How they are distributed.' })
  readonly histogram!: Histogram;
}
