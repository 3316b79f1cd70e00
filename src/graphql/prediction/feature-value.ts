import { Field, Float, InputType } from 'type-graphql';

@InputType('FeatureValueInput', {
  description:
    "The value of a feature that your tenant's feature specification names itself. Give one of `number`, `text`, `boolean`, `texts` and `numbers`, or none when the value is missing.",
})
export class FeatureValueInput {
  @Field(() => String, {
    description:
      "The feature's name in the specification; the column's, where only derived features read it.",
  })
  readonly name!: string;

  @Field(() => Float, { nullable: true, description: 'The value of a numeric feature.' })
  readonly number?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The value of a categorical or text feature, or the ISO 8601 moment of a timestamp feature. A multi-valued feature takes it as the cell of a file.',
  })
  readonly text?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'The value of a categorical feature that is true or false.',
  })
  readonly boolean?: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The values of a multi-valued feature, in any order; an empty list is a missing value.',
  })
  readonly texts?: readonly string[] | null;

  @Field(() => [Float], {
    nullable: true,
    description:
      'The numbers of a vector feature, as many as its dimension; an empty list is a missing value.',
  })
  readonly numbers?: readonly number[] | null;
}
