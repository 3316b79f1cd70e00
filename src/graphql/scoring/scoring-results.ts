import { createUnionType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { type ScoringFormat as Format } from '../../services/scoring/batch-scoring.entity';
import { type RunPriority } from '../../services/training/run-priority';
import { DomainKind } from '../domain-kind';
import { QuotaExceeded } from '../quotas/quota-exceeded';
import {
  Conflict,
  InvalidConfiguration,
  InvalidInput,
  MappingUnconfirmed,
  ModelNotReady,
} from '../results/shared-errors';
import { EntityDatasetInput } from '../training/training-results';
import { TrainingPriority } from '../training/training-run';
import { BatchScoring, ScoringFormat } from './batch-scoring';

const version = {
  nullable: true,
  description:
    'The model version that scores; left out, the one that serves the domain when it is asked for.',
};
const fileFormat = { defaultValue: 'CSV', description: 'How the file of scores is to be written.' };
const place = {
  defaultValue: 'NORMAL',
  description: "Which of your tenant's waiting jobs begin first; other tenants' turns are not touched.",
};

@InputType('ScoreDatasetInput', { description: 'What is to be scored, and by what.' })
export class ScoreDatasetInput {
  @Field(() => ID, {
    description: 'The dataset; it must be READY. It needs no labels; where it has some, they are not read.',
  })
  readonly datasetId!: string;

  @Field(() => [EntityDatasetInput], {
    defaultValue: [],
    description: 'One for each of the entities that the version reads; empty where it reads none.',
  })
  readonly entities!: EntityDatasetInput[];

  @Field(() => ID, version)
  readonly modelVersionId?: string | null;

  @Field(() => ScoringFormat, fileFormat)
  readonly format!: Format;

  @Field(() => TrainingPriority, place)
  readonly priority!: RunPriority;
}

@InputType('ScoreSubjectsInput', { description: 'Whose subjects are to be scored, when, and by what.' })
export class ScoreSubjectsInput {
  @Field(() => DomainKind, { description: 'The domain whose stored subjects are scored.' })
  readonly kind!: string;

  @Field(() => Date, {
    nullable: true,
    description:
      'The moment of prediction; left out, now. Subjects without a stored event before it are not known at it.',
  })
  readonly asOf?: Date | null;

  @Field(() => ID, version)
  readonly modelVersionId?: string | null;

  @Field(() => ScoringFormat, fileFormat)
  readonly format!: Format;

  @Field(() => TrainingPriority, place)
  readonly priority!: RunPriority;
}

@InputType('CancelScoringInput', { description: 'The scoring that is to end.' })
export class CancelScoringInput {
  @Field(() => ID, { description: "The scoring's id." })
  readonly scoringId!: string;
}

@ObjectType('ScoreDatasetSuccess', {
  description: 'The scoring is accepted: it will be executed, even if servers stop meanwhile.',
})
export class ScoreDatasetSuccess {
  @Field(() => BatchScoring, { description: 'The scoring, QUEUED.' })
  readonly scoring!: BatchScoring;
}

@ObjectType('ScoreSubjectsSuccess', {
  description: 'The scoring is accepted: it will be executed, even if servers stop meanwhile.',
})
export class ScoreSubjectsSuccess {
  @Field(() => BatchScoring, { description: 'The scoring, QUEUED.' })
  readonly scoring!: BatchScoring;
}

@ObjectType('CancelScoringSuccess', { description: 'The scoring ends, or has ended, as CANCELLED.' })
export class CancelScoringSuccess {
  @Field(() => BatchScoring, {
    description:
      'The scoring. A worker that executes it stops within seconds; until then `cancelRequestedAt` is set.',
  })
  readonly scoring!: BatchScoring;
}

export const ScoreDatasetResult = createUnionType({
  name: 'ScoreDatasetResult',
  description:
    'What came of `scoreDataset`. `Conflict`: the dataset is not READY, or the version is of another domain.',
  types: () =>
    [
      ScoreDatasetSuccess,
      InvalidInput,
      InvalidConfiguration,
      MappingUnconfirmed,
      ModelNotReady,
      Conflict,
      QuotaExceeded,
    ] as const,
});

export const ScoreSubjectsResult = createUnionType({
  name: 'ScoreSubjectsResult',
  description:
    'What came of `scoreSubjects`. `Conflict`: no event is stored, or the version is of another domain. `InvalidConfiguration`: it was trained on a table.',
  types: () =>
    [
      ScoreSubjectsSuccess,
      InvalidInput,
      InvalidConfiguration,
      ModelNotReady,
      Conflict,
      QuotaExceeded,
    ] as const,
});

export const CancelScoringResult = createUnionType({
  name: 'CancelScoringResult',
  description: 'What came of `cancelScoring`. `Conflict`: the scoring had already succeeded or failed.',
  types: () => [CancelScoringSuccess, Conflict] as const,
});
