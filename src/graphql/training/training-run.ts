import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { type ErrorCode as Code } from '../../errors';
import { type RunProgress, type TrainingRun as RunEntity } from '../../services/training/training-run.entity';
import { RUN_PRIORITIES, type RunPriority } from '../../services/training/run-priority';
import { type UsedMapping } from '../../services/datasets/mapping-in-force';
import { type RunEntity as JoinedDatasetData } from '../../services/training/run-entities';
import { RUN_STATES } from '../../services/training/run-state';
import { connectionOf } from '../connections/connection';
import { CleaningStep } from '../datasets/cleaning';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { JobPhase } from '../jobs/job-phase';
import { ErrorCode } from '../results/error-code';
import { DataPreparation } from './preparation';
import { type RequestedDevice as Device } from '../../services/training/requested-device';
import { RequestedDevice } from './requested-device';
import { WarmStart } from './start-from';

export const TrainingState = enumOf(RUN_STATES);

registerEnumType(TrainingState, {
  name: 'TrainingState',
  description: 'What a run is doing. SUCCEEDED, FAILED and CANCELLED are final.',
  valuesConfig: {
    QUEUED: { description: 'Waits for a worker; `queuePosition` says how long the queue is.' },
    PREPARING: { description: 'Reads and splits the dataset.' },
    TRAINING: { description: 'Fits the model; `progress` and `epochs` grow.' },
    EVALUATING: { description: 'Judges the model on the test part.' },
    EXPORTING: { description: 'Writes and certifies the artifact.' },
    SUCCEEDED: { description: 'Ended with a `modelVersion`; a trial of a study without one.' },
    FAILED: { description: 'Ended without a model; `error` says why.' },
    CANCELLED: { description: 'Ended by `cancelTraining`.' },
  },
});

export const TrainingPriority = enumOf(RUN_PRIORITIES);

registerEnumType(TrainingPriority, {
  name: 'TrainingPriority',
  description: "The order among a tenant's own waiting runs; runs of the same priority begin as asked for.",
  valuesConfig: {
    HIGH: { description: "Before the tenant's other runs." },
    NORMAL: { description: 'As asked for.' },
    LOW: { description: "After the tenant's other runs." },
  },
});

@ObjectType('TrainingProgress', {
  description: 'Where a run is, renewed about every second while it is TRAINING.',
})
export class TrainingProgress {
  @Field(() => Int, { description: 'The epoch that is being trained; the first is 1.' })
  readonly epoch!: number;

  @Field(() => Int, { description: 'Epochs at most; early stopping may end sooner.' })
  readonly maxEpochs!: number;

  @Field(() => Int, { description: 'Optimizer steps done, over the whole run.' })
  readonly step!: number;

  @Field(() => Int, { description: 'Optimizer steps of all epochs.' })
  readonly totalSteps!: number;

  @Field(() => Float, { description: 'Mean training loss of the last steps.' })
  readonly loss!: number;

  @Field(() => Float, { description: 'Training examples per second.' })
  readonly examplesPerSecond!: number;

  @Field(() => Float, { description: 'Seconds until the last epoch ends, at most.' })
  readonly etaSeconds!: number;

  static from(progress: RunProgress): TrainingProgress {
    return Object.assign(new TrainingProgress(), progress);
  }
}

@ObjectType('EpochRecord', { description: 'One point of the loss curves.' })
export class EpochRecord {
  @Field(() => Int, { description: 'The epoch; the first is 1.' })
  readonly epoch!: number;

  @Field(() => Float, { description: 'Mean loss over the training part during the epoch.' })
  readonly trainLoss!: number;

  @Field(() => Float, { description: 'Mean loss over the validation part after the epoch.' })
  readonly validationLoss!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'ROC AUC on the validation part after the epoch; null where it is undefined.',
  })
  readonly validationRocAuc!: number | null;

  @Field(() => Float, { description: "The learning rate at the epoch's end." })
  readonly learningRate!: number;

  @Field(() => Float, { description: 'How long the epoch took.' })
  readonly seconds!: number;
}

@ObjectType('TrainingError', { description: 'Why a run failed.' })
export class TrainingError {
  @Field(() => ErrorCode, { description: 'What kind of failure it is.' })
  readonly code!: Code;

  @Field(() => String, { description: 'What went wrong and what to do.' })
  readonly message!: string;
}

@ObjectType('ReadColumn', { description: 'A column that a run reads.' })
export class ReadColumn {
  @Field(() => String, { description: 'What the configuration calls it.' })
  readonly column!: string;

  @Field(() => String, { description: 'What the file calls it.' })
  readonly source!: string;
}

@ObjectType('RunMapping', {
  description: 'The columns of the file that a run reads. Later changes of the mapping do not touch it.',
})
export class RunMapping {
  @Field(() => Int, { description: 'The version of `Dataset.mapping` when the run was asked for.' })
  readonly version!: number;

  @Field(() => [ReadColumn], { description: 'Every column that the configuration reads.' })
  readonly columns!: readonly ReadColumn[];

  static from({ version, columns }: UsedMapping): RunMapping {
    return Object.assign(new RunMapping(), {
      version,
      columns: Object.entries(columns).map(([column, source]) => ({ column, source })),
    });
  }
}

@ObjectType('JoinedDataset', {
  description:
    'A dataset of an entity that a run was joined with. Later changes of its mapping do not touch it.',
})
export class JoinedDataset {
  @Field(() => String, { description: 'The entity, as the feature specification names it.' })
  readonly name!: string;

  @Field(() => ID, { description: 'Its dataset.' })
  readonly datasetId!: string;

  @Field(() => String, { description: "SHA-256 of the dataset's file, 64 hexadecimal digits." })
  readonly sha256!: string;

  @Field(() => RunMapping, { description: 'The columns of its file that the run reads.' })
  readonly mapping!: RunMapping;

  @Field(() => [CleaningStep], {
    description:
      'What is mended in its file, as it was accepted when the run was asked for; empty of scorings, whose model holds it.',
  })
  readonly cleaning!: readonly CleaningStep[];

  static from({ mapping, cleaning = [], ...entity }: JoinedDatasetData): JoinedDataset {
    return Object.assign(new JoinedDataset(), {
      ...entity,
      mapping: RunMapping.from(mapping),
      cleaning: cleaning.map((step) => CleaningStep.from(step)),
    });
  }
}

@ObjectType('TrainingRun', {
  description: 'One training of one domain on one dataset, from the request to its end.',
})
export class TrainingRun {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;

  @Field(() => RunMapping, {
    nullable: true,
    description: 'The columns of the file that it reads; null for runs from before mappings were recorded.',
  })
  readonly mapping!: RunMapping | null;

  @Field(() => [JoinedDataset], {
    description: "The datasets of the configuration's entities that it is joined with.",
  })
  readonly entities!: readonly JoinedDataset[];

  @Field(() => [CleaningStep], {
    description:
      'What is mended before it learns, as it was accepted when the run was asked for, in the order in which it is applied.',
  })
  readonly cleaning!: readonly CleaningStep[];

  @Field(() => ID, {
    nullable: true,
    description: 'The run that it repeats, by `retryTrainingRun`; null where it was asked for by itself.',
  })
  readonly retryOf!: string | null;

  @Field(() => WarmStart, {
    nullable: true,
    description:
      'The version that it was to start from, and what came of it; null where it starts from drawn weights.',
  })
  readonly warmStart!: WarmStart | null;

  @Field(() => TrainingState, { description: 'What it is doing.' })
  readonly state!: string;

  @Field(() => TrainingPriority, { description: "Its place among your tenant's own runs while it waits." })
  readonly priority!: RunPriority;

  @Field(() => RequestedDevice, { description: 'What it asks to be trained on.' })
  readonly requestedDevice!: Device;

  @Field(() => Int, {
    description:
      'How often it was begun: more than 1 when a worker was lost and another took over; 0 while it waits for the first.',
  })
  readonly attempt!: number;

  @Field(() => DataPreparation, {
    nullable: true,
    description: 'What became of the rows and how the examples were split; null until PREPARING has ended.',
  })
  readonly preparation!: DataPreparation | null;

  @Field(() => TrainingProgress, {
    nullable: true,
    description: 'The newest progress; null before training begins.',
  })
  readonly progress!: TrainingProgress | null;

  @Field(() => [EpochRecord], { description: 'The loss curves: one entry for each complete epoch.' })
  readonly epochs!: readonly EpochRecord[];

  @Field(() => TrainingError, { nullable: true, description: 'Why it failed; null unless FAILED.' })
  readonly error!: TrainingError | null;

  @Field(() => String, {
    nullable: true,
    description: 'What it is trained on: `cpu`, `webgpu` or `cuda`; null until that is known.',
  })
  readonly device!: string | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When its cancellation was asked for; it ends soon after.',
  })
  readonly cancelRequestedAt!: Date | null;

  @Field(() => Date, { description: 'When it was asked for.' })
  readonly requestedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When a worker first began it.' })
  readonly startedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  readonly finishedAt!: Date | null;

  @Field(() => [JobPhase], {
    description:
      'The states that it came to, in order, and how long each took; 1,000 at most. Empty for jobs from before that was recorded.',
  })
  readonly timeline!: readonly JobPhase[];

  /** The row, for fields that are resolved when asked for. */
  readonly entity!: RunEntity;

  static from(entity: RunEntity): TrainingRun {
    return Object.assign(new TrainingRun(), {
      entity,
      id: entity.id,
      kind: entity.kind,
      retryOf: entity.retryOf,
      warmStart: WarmStart.of(entity),
      cleaning: (entity.cleaning ?? []).map((step) => CleaningStep.from(step)),
      mapping: entity.mapping && RunMapping.from(entity.mapping),
      entities: (entity.entities ?? []).map((each) => JoinedDataset.from(each)),
      state: entity.state,
      priority: entity.priority,
      requestedDevice: entity.requestedDevice,
      attempt: entity.attempt,
      preparation: entity.preparation && DataPreparation.from(entity.preparation),
      progress: entity.progress && TrainingProgress.from(entity.progress),
      epochs: entity.epochs,
      error: entity.errorCode && {
        code: entity.errorCode,
        message: entity.errorMessage ?? '',
      },
      device: entity.device,
      cancelRequestedAt: entity.cancelRequestedAt,
      requestedAt: entity.requestedAt,
      startedAt: entity.startedAt,
      finishedAt: entity.finishedAt,
      timeline: JobPhase.timelineOf(entity),
    });
  }
}

export const TrainingRunConnection = connectionOf(TrainingRun, 'TrainingRun', 'runs');
