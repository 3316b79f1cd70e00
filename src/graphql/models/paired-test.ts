import { Field, Float, ObjectType } from 'type-graphql';
import { type PairedTest as PairedTestData } from '../../learning/evaluation/paired-tests';

@ObjectType('PairedTest', {
  description: 'One metric of two models on the same examples, and whether they differ by more than chance.',
})
export class PairedTest {
  @Field(() => Float, { nullable: true, description: 'Of the first; null where the metric is undefined.' })
  readonly first!: number | null;

  @Field(() => Float, { nullable: true, description: 'Of the second; null where the metric is undefined.' })
  readonly second!: number | null;

  @Field(() => Float, { nullable: true, description: 'Second − first.' })
  readonly difference!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower end of the 95 % interval of the difference; null where it cannot be told.',
  })
  readonly low!: number | null;

  @Field(() => Float, { nullable: true, description: 'Its upper end; null where the lower is.' })
  readonly high!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Two-sided p-value, 0 to 1, of their being equally good: below 0.05 the difference is usually taken for real. Null where there are too few examples, subjects or classes to tell.',
  })
  readonly pValue!: number | null;

  static from(data: PairedTestData): PairedTest {
    return Object.assign(new PairedTest(), data);
  }
}
