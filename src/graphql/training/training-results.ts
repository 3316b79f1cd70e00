import { createUnionType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { DomainKind } from '../domain-kind';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import { Conflict, InvalidConfiguration, InvalidInput, MappingUnconfirmed } from '../results/shared-errors';
import { type RunPriority } from '../../services/training/run-priority';
import { type StartRule } from '../../services/training/start-version';
import { type RequestedDevice as Device } from '../../services/training/requested-device';
import { RequestedDevice } from './requested-device';
import { StartFrom } from './start-from';
import { TrainingPriority, TrainingRun } from './training-run';

@InputType('EntityDatasetInput', { description: 'Which dataset holds an entity of the configuration.' })
export class EntityDatasetInput {
  @Field(() => String, { description: 'The entity, as the feature specification names it.' })
  readonly name!: string;

  @Field(() => ID, { description: 'A READY dataset that was announced with this `entity`.' })
  readonly datasetId!: string;
}

@InputType('StartTrainingInput', { description: 'What to train and on what.' })
export class StartTrainingInput {
  @Field(() => DomainKind, { description: 'The domain, trained as its configuration in force says.' })
  readonly kind!: string;

  @Field(() => ID, { description: 'The dataset; it must be READY and of the same domain.' })
  readonly datasetId!: string;

  @Field(() => TrainingPriority, {
    defaultValue: 'NORMAL',
    description: "Which of your tenant's waiting runs begin first; other tenants' turns are not touched.",
  })
  readonly priority!: RunPriority;

  @Field(() => RequestedDevice, {
    defaultValue: 'AUTO',
    description: 'What it is to be trained on; `trainingCapacity` says what there is.',
  })
  readonly device!: Device;

  @Field(() => [EntityDatasetInput], {
    defaultValue: [],
    description: "One for each of the configuration's entities; empty where it has none.",
  })
  readonly entities!: EntityDatasetInput[];

  @Field(() => StartFrom, {
    nullable: true,
    description:
      'Whose weights it starts from. Left out: NOTHING, or what `startFromVersionId` names. Where the version has seen what this training holds out, it starts from drawn weights all the same, and `TrainingRun.warmStart` says so.',
  })
  readonly startFrom?: StartRule | null;

  @Field(() => ID, {
    nullable: true,
    description: 'A version of the domain whose weights it starts from; not together with `startFrom`.',
  })
  readonly startFromVersionId?: string | null;
}

@ObjectType('StartTrainingSuccess', {
  description: 'The run is accepted: it will be executed, even if servers stop meanwhile.',
})
export class StartTrainingSuccess {
  @Field(() => TrainingRun, { description: 'The run; follow it with the subscription `trainingProgress`.' })
  readonly run!: TrainingRun;
}

export const StartTrainingResult = createUnionType({
  name: 'StartTrainingResult',
  description:
    'What came of `startTraining`. `Conflict`: the dataset is not READY or of another domain, the domain is not configured, or there is no version to start from.',
  types: () =>
    [
      StartTrainingSuccess,
      InvalidInput,
      InvalidConfiguration,
      MappingUnconfirmed,
      Conflict,
      QuotaExceeded,
    ] as const,
});

@InputType('CancelTrainingInput', { description: 'The run that is to end.' })
export class CancelTrainingInput {
  @Field(() => ID, { description: "The run's id." })
  readonly runId!: string;
}

@ObjectType('CancelTrainingSuccess', { description: 'The run ends, or has ended, as CANCELLED.' })
export class CancelTrainingSuccess {
  @Field(() => TrainingRun, {
    description:
      'The run. A worker that executes it stops within seconds; until then `cancelRequestedAt` is set.',
  })
  readonly run!: TrainingRun;
}

export const CancelTrainingResult = createUnionType({
  name: 'CancelTrainingResult',
  description: 'What came of `cancelTraining`. `Conflict`: the run had already succeeded or failed.',
  types: () => [CancelTrainingSuccess, Conflict] as const,
});

@InputType('RetryTrainingRunInput', { description: 'The run that is asked for again.' })
export class RetryTrainingRunInput {
  @Field(() => ID, { description: "The run's id; it must be FAILED or CANCELLED." })
  readonly runId!: string;
}

@ObjectType('RetryTrainingRunSuccess', {
  description: 'The new run is accepted: it will be executed, even if servers stop meanwhile.',
})
export class RetryTrainingRunSuccess {
  @Field(() => TrainingRun, { description: 'A run of its own, whose `retryOf` is the former.' })
  readonly run!: TrainingRun;
}

export const RetryTrainingRunResult = createUnionType({
  name: 'RetryTrainingRunResult',
  description: 'What came of `retryTrainingRun`. `Conflict`: the run has not ended, or has succeeded.',
  types: () => [RetryTrainingRunSuccess, Conflict, QuotaExceeded] as const,
});
