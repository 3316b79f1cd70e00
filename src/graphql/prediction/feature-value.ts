import { Field, Float, InputType } from 'type-graphql';

@InputType('FeatureValueInput', {
  description:
    "The value of a feature that your tenant's feature specification names itself. Give one of `number`, `text` and `boolean`, or none when the value is missing.",
})
export class FeatureValueInput {
  @Field(() => String, { description: "The feature's name in the specification." })
  readonly name!: string;

  @Field(() => Float, { nullable: true, description: 'The value of a numeric feature.' })
  readonly number?: number | null;

  @Field(() => String, { nullable: true, description: 'The value of a categorical feature.' })
  readonly text?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'The value of a categorical feature that is true or false.',
  })
  readonly boolean?: boolean | null;
}
