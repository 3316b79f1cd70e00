import { Field, Float, Int, ObjectType } from 'type-graphql';

@ObjectType('Estimate', {
  simpleResolvers: true,
  description: 'A share or a mean over examples of the past, and how sure it is.',
})
export class Estimate {
  @Field(() => Float, { nullable: true, description: 'The share, 0 to 1, or the mean; null of no examples.' })
  readonly estimate!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Lower end of the 95 % interval, in which the examples of one subject count as alike; null where there is too little to tell.',
  })
  readonly low!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of the 95 % interval.' })
  readonly high!: number | null;

  @Field(() => Int, { description: 'How many examples it is of.' })
  readonly examples!: number;
}
