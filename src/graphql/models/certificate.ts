import { Field, Float, Int, ObjectType } from 'type-graphql';
import { certificateProblem } from '../../services/models/certificate-problem';
import { type ModelVersion as VersionEntity } from '../../services/models/model-version.entity';

@ObjectType('PartSizes', { simpleResolvers: true, description: 'Examples in each part of the data.' })
export class PartSizes {
  @Field(() => Int, { description: 'Examples that the weights and the encoders were fitted on.' })
  readonly train!: number;

  @Field(() => Int, {
    description: 'Examples that the epoch, the calibration and the threshold were chosen with.',
  })
  readonly validation!: number;

  @Field(() => Int, { description: 'Examples that nothing was chosen with: the evaluation is theirs.' })
  readonly test!: number;
}

@ObjectType('Certificate', {
  description:
    'Proof that a model version’s artifact is the model that was trained and judged. All digests are SHA-256, 64 hexadecimal digits.',
})
export class Certificate {
  @Field(() => Boolean, {
    description: 'Whether the version may serve; `promoteModel` refuses it otherwise.',
  })
  readonly valid!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it is not valid; null when it is.' })
  readonly problem!: string | null;

  @Field(() => String, { description: 'Digest of the artifact that it is about.' })
  readonly artifactSha256!: string;

  @Field(() => String, { description: 'Digest of the examples that the model was fitted and judged on.' })
  readonly dataFingerprint!: string;

  @Field(() => String, { description: 'Digest of the model configuration.' })
  readonly modelSha256!: string;

  @Field(() => String, { description: 'Version of the code that trained it.' })
  readonly codeVersion!: string;

  @Field(() => PartSizes, { description: 'How many examples it was fitted on, chosen with, and judged on.' })
  readonly examples!: PartSizes;

  @Field(() => String, { description: 'What it was trained on: `cpu`, `webgpu` or `cuda`.' })
  readonly device!: string;

  @Field(() => Float, { description: 'Seconds from the first optimizer step to the last.' })
  readonly trainSeconds!: number;

  @Field(() => Int, {
    description: 'Held-out examples whose probability both the trainer and the artifact gave.',
  })
  readonly comparedExamples!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'The largest difference in probability that was found among them; null when it was no number.',
  })
  readonly maxProbabilityDifference!: number | null;

  @Field(() => Float, { description: 'The largest difference that was allowed.' })
  readonly tolerance!: number;

  static from(entity: VersionEntity): Certificate {
    const { artifactSha256, dataFingerprint, modelSha256, codeVersion } = entity.certificate;
    const { examples, device, trainSeconds, comparedExamples, maxProbabilityDifference, tolerance } =
      entity.certificate;
    const problem = certificateProblem(entity);
    return Object.assign(new Certificate(), {
      valid: problem === null,
      problem,
      artifactSha256,
      dataFingerprint,
      modelSha256,
      codeVersion,
      examples,
      device,
      trainSeconds,
      comparedExamples,
      maxProbabilityDifference,
      tolerance,
    });
  }
}
