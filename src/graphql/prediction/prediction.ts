import { Field, Float, ID, Int, InterfaceType, ObjectType } from 'type-graphql';

@ObjectType('ServingVersion', { simpleResolvers: true, description: 'The model version that answered.' })
export class ServingVersion {
  @Field(() => ID, { description: 'Its id; `modelVersion(id)` tells more.' })
  readonly id!: string;

  @Field(() => Int, { description: '1, 2, 3 … among the versions of the domain in your tenant.' })
  readonly number!: number;

  @Field(() => Date, { description: 'When training brought it forth.' })
  readonly createdAt!: Date;
}

/** What every domain's answer holds; a domain adds its decision. */
@InterfaceType('Prediction', { description: 'What every prediction answers, whatever the domain.' })
export abstract class Prediction {
  @Field(() => ID, {
    nullable: true,
    description: 'Whom or what the prediction is about, as the input named it.',
  })
  readonly subjectId!: string | null;

  @Field(() => Float, {
    description: 'The probability of yes, calibrated on examples that the model was not fitted on, 0 to 1.',
  })
  readonly probability!: number;

  @Field(() => Float, {
    description:
      "Probabilities from here on mean yes: the configuration's threshold, else the one that the version recommends.",
  })
  readonly threshold!: number;

  @Field(() => ServingVersion, { description: 'The model version that answered.' })
  readonly modelVersion!: ServingVersion;
}
