import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { type ModelVersion as VersionEntity } from '../../services/models/model-version.entity';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { JsonObject, SafeInt } from '../scalars';
import { Baseline } from './baseline';
import { Certificate } from './certificate';
import { Evaluation } from './evaluation';

@ObjectType('ExampleCounts', { description: 'How many examples each part of the data has.' })
export class ExampleCounts {
  @Field(() => Int, { description: 'Examples that the model was fitted on.' })
  readonly train!: number;

  @Field(() => Int, { description: 'Examples that decided when to stop, the calibration and the threshold.' })
  readonly validation!: number;

  @Field(() => Int, { description: 'Examples that the evaluation is of; used for nothing else.' })
  readonly test!: number;
}

@ObjectType('ModelVersion', {
  description: 'A trained model of one domain, with the evidence about it. Never changed.',
})
export class ModelVersion {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;

  @Field(() => Int, { description: '1, 2, 3 … among the versions of the domain in your tenant.' })
  readonly number!: number;

  @Field(() => Evaluation, { description: 'How good it is on the test part, at the recommended threshold.' })
  readonly evaluation!: Evaluation;

  @Field(() => Baseline, {
    nullable: true,
    description:
      'What it is to be worth more than to be promoted; null of logistic regressions, and of versions from before there were any.',
  })
  readonly baseline!: Baseline | null;

  @Field(() => Certificate, {
    description: 'Proof that the artifact answers as the trained model did; needed for promotion.',
  })
  readonly certificate!: Certificate;

  @Field(() => Date, {
    nullable: true,
    description:
      'When it was retired, because a subject that it was trained on was erased; it may not be promoted since. Null of all others.',
  })
  readonly retiredAt!: Date | null;

  @Field(() => Float, {
    description:
      'The threshold with the highest F1 on the validation part; applies unless the configuration sets one.',
  })
  readonly recommendedThreshold!: number;

  @Field(() => JsonObject, {
    description: 'The feature specification that it was trained with: the inputs that it takes.',
  })
  readonly featureSpec!: object;

  @Field(() => String, { description: 'SHA-256 of the ONNX artifact, 64 hexadecimal digits.' })
  readonly artifactSha256!: string;

  @Field(() => SafeInt, { description: 'Size of the ONNX artifact in bytes.' })
  readonly artifactBytes!: number;

  @Field(() => String, {
    description:
      "Where to get the artifact, a path on this server's origin: `GET` with the API key. It takes raw features and runs in any ONNX client.",
  })
  readonly artifactUrl!: string;

  @Field(() => String, {
    description:
      "Where to get the predictions for the examples that it was not fitted on, a path on this server's origin: `GET` with the API key. CSV: part, id, label, probability, subject (a number for each, empty where the data names none), and features of one value; versions from before those were kept lack them.",
  })
  readonly predictionsUrl!: string;

  @Field(() => ExampleCounts, { description: 'How many examples it was fitted and judged on.' })
  readonly examples!: ExampleCounts;

  @Field(() => String, { description: 'What it was trained on: `cpu`, `webgpu` or `cuda`.' })
  readonly device!: string;

  @Field(() => Float, {
    description: 'Seconds from the first training step to the last, in the process that ended the run.',
  })
  readonly trainSeconds!: number;

  @Field(() => Date, { description: 'When training brought it forth.' })
  readonly createdAt!: Date;

  /** The row, for fields that are resolved when asked for. */
  readonly entity!: VersionEntity;

  static from(entity: VersionEntity): ModelVersion {
    const { examples, device, trainSeconds } = entity.certificate;
    return Object.assign(new ModelVersion(), {
      entity,
      id: entity.id,
      kind: entity.kind,
      number: entity.number,
      evaluation: Evaluation.from(entity.evaluation),
      baseline: entity.baseline && Baseline.from(entity.baseline),
      certificate: Certificate.from(entity),
      recommendedThreshold: entity.recommendedThreshold,
      retiredAt: entity.retiredAt,
      featureSpec: entity.featureSpec,
      artifactSha256: entity.artifactSha256,
      artifactBytes: entity.artifactBytes,
      artifactUrl: `/downloads/model-versions/${entity.id}/artifact.onnx`,
      predictionsUrl: `/downloads/model-versions/${entity.id}/predictions.csv`,
      examples,
      device,
      trainSeconds,
      createdAt: entity.createdAt,
    });
  }
}

export const ModelVersionConnection = connectionOf(ModelVersion, 'ModelVersion', 'model versions');
