import { Field, ID, Int, ObjectType } from 'type-graphql';
import { JsonObject } from '../scalars';

@ObjectType('ExactConfiguration', {
  description:
    'All that decides what a run learns. Two runs that are alike in all of it, executed by the same version on the same kind of device, learn the same but for the rounding of sums.',
})
export class ExactConfiguration {
  @Field(() => Int, { description: "The version of the domain's configuration." })
  readonly version!: number;

  @Field(() => Boolean, {
    description:
      'Whether it is that of the version in force: `startTraining` takes no other, so of an earlier one, and of what a study tries, configure the domain with it first.',
  })
  readonly isInForce!: boolean;

  @Field(() => JsonObject, {
    description:
      'The feature specification with its defaults, its label and its split, and what was accepted to be mended.',
  })
  readonly featureSpec!: object;

  @Field(() => JsonObject, {
    description: 'The model with its defaults: architecture, optimizer, schedule, seed and so on.',
  })
  readonly modelConfig!: object;

  @Field(() => String, {
    nullable: true,
    description:
      "SHA-256 of the dataset's file, 64 hexadecimal digits; null when it was removed. `TrainingRun.entities` has those of the joined ones.",
  })
  readonly datasetSha256!: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The version whose weights it starts from; null: drawn ones, by the seed.',
  })
  readonly startFromVersionId!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The version of the platform that executed it last; null before it begins, and of runs from before that was recorded.',
  })
  readonly codeVersion!: string | null;

  @Field(() => JsonObject, {
    description:
      'What asks for the same again: pass it as `input` of `startTraining`, while the configuration is in force. The mapping and the cleaning of the datasets are then those in force; `retryTrainingRun` keeps those of the run.',
  })
  readonly startTrainingInput!: object;
}
