import { Field, Float, ID, ObjectType, registerEnumType } from 'type-graphql';
import {
  type BatchScoring as ScoringEntity,
  SCORING_FORMATS,
  type ScoringFormat as Format,
  type ScoringResult as Result,
} from '../../services/scoring/batch-scoring.entity';
import { type RankedScore as Ranked } from '../../services/scoring/scoring-scores';
import { type RunPriority } from '../../services/training/run-priority';
import { SCORING_STATES } from '../../services/training/run-state';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { enumOf } from '../enum-of';
import { JobPhase } from '../jobs/job-phase';
import { SafeInt } from '../scalars';
import { JoinedDataset, RunMapping, TrainingError, TrainingPriority } from '../training/training-run';

export const ScoringState = enumOf(SCORING_STATES);

registerEnumType(ScoringState, {
  name: 'ScoringState',
  description: 'What a scoring is doing. SUCCEEDED, FAILED and CANCELLED are final.',
  valuesConfig: {
    QUEUED: { description: 'Waits for a worker, in one line with trainings.' },
    PREPARING: { description: 'Reads the dataset.' },
    SCORING: { description: 'Scores and stores part after part; `progress` grows.' },
    EXPORTING: { description: 'Makes the files of all parts.' },
    SUCCEEDED: { description: 'Ended with a `result`.' },
    FAILED: { description: 'Ended without one; `error` says why.' },
    CANCELLED: { description: 'Ended by `cancelScoring`.' },
  },
});

export const ScoringFormat = enumOf(SCORING_FORMATS);

registerEnumType(ScoringFormat, {
  name: 'ScoringFormat',
  description: 'How a file of scores is written: the columns row, id, subject, at, probability and logit.',
  valuesConfig: {
    CSV: { description: 'RFC 4180 with a header, UTF-8.' },
    PARQUET: { description: 'Apache Parquet; probability and logit are single-precision numbers.' },
  },
});

@ObjectType('ScoringProgress', { description: 'How far a scoring is. What is counted is stored.' })
export class ScoringProgress {
  @Field(() => SafeInt, { description: 'Examples that are scored.' })
  readonly rows!: number;

  @Field(() => SafeInt, {
    nullable: true,
    description: 'Examples to score; null for stored subjects, which are not counted beforehand.',
  })
  readonly totalRows!: number | null;

  @Field(() => SafeInt, { description: 'Stored subjects that could not be scored.' })
  readonly refused!: number;
}

@ObjectType('ScoringAccounting', {
  description:
    'Where everything went. Of a dataset: `rows = quarantined + duplicates + history + scored − dates`; of stored subjects: `rows = quarantined + scored`.',
})
export class ScoringAccounting {
  @Field(() => SafeInt, {
    description: 'Rows of the file, or stored subjects with an event before the moment.',
  })
  readonly rows!: number;

  @Field(() => SafeInt, {
    description: 'Those that cannot be read or scored; each is in the quarantine file.',
  })
  readonly quarantined!: number;

  @Field(() => SafeInt, { description: 'Exact copies of an earlier event. Rows of a table are each scored.' })
  readonly duplicates!: number;

  @Field(() => SafeInt, { description: 'Events that are no moment of prediction, and so only history.' })
  readonly history!: number;

  @Field(() => SafeInt, {
    description: 'Moments that are given dates and so no rows, of a specification with `momentDates`.',
  })
  readonly dates!: number;

  @Field(() => SafeInt, { description: 'Examples with a score.' })
  readonly scored!: number;
}

@ObjectType('ScoringReason', { description: 'Why something was not scored, and how often.' })
export class ScoringReason {
  @Field(() => String, { description: 'The reason; a value in it is replaced by an ellipsis.' })
  readonly reason!: string;

  @Field(() => SafeInt, { description: 'How many there are.' })
  readonly count!: number;
}

@ObjectType('ScoringResult', { description: 'What came of a scoring.' })
export class ScoringResult {
  @Field(() => ScoringAccounting, { description: 'Where every row went.' })
  readonly accounting!: ScoringAccounting;

  @Field(() => [ScoringReason], { description: 'Why rows were quarantined, the most frequent reason first.' })
  readonly reasons!: readonly ScoringReason[];

  @Field(() => String, {
    nullable: true,
    description:
      "Where the file of scores is, a path on this server's origin: `GET` with the API key. In the order of the dataset, or of the subjects. Null once it is kept no longer, see `retention`.",
  })
  readonly downloadUrl!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 of the file of scores, 64 hexadecimal digits; null once it is kept no longer.',
  })
  readonly sha256!: string | null;

  @Field(() => SafeInt, {
    nullable: true,
    description: 'Size of the file of scores in bytes; null once it is kept no longer.',
  })
  readonly bytes!: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Where the quarantined rows are, a path on this server's origin: CSV of line, reason and text, for stored subjects the subject as text. Null when there are none, and once it is kept no longer.",
  })
  readonly quarantineUrl!: string | null;

  static from(
    id: string,
    { accounting, reasons, scores, quarantine }: Result,
    format: Format,
  ): ScoringResult {
    return Object.assign(new ScoringResult(), {
      accounting,
      reasons,
      downloadUrl: scores && `/downloads/scorings/${id}/scores.${format.toLowerCase()}`,
      sha256: scores?.sha256 ?? null,
      bytes: scores?.bytes ?? null,
      quarantineUrl: quarantine && `/downloads/scorings/${id}/quarantine.csv`,
    });
  }
}

@ObjectType('RankedScore', { description: 'An example and its score, with its place among all.' })
export class RankedScore {
  @Field(() => SafeInt, { description: 'Its place by falling probability, from 1.' })
  readonly rank!: number;

  @Field(() => SafeInt, { description: 'Its place in the file of scores, from 1.' })
  readonly row!: number;

  @Field(() => ID, {
    description:
      "The id column's value, or the line of its row in the dataset; of a stored subject, the subject.",
  })
  readonly id!: string;

  @Field(() => ID, { nullable: true, description: 'Whose it is; null for rows of a table.' })
  readonly subjectId!: string | null;

  @Field(() => Date, { nullable: true, description: 'The moment of prediction; null where there is none.' })
  readonly at!: Date | null;

  @Field(() => Float, {
    description: 'Calibrated, 0 to 1: the number that a prediction answers, to the last bit.',
  })
  readonly probability!: number;

  @Field(() => Float, { description: 'The logit that the probability is of.' })
  readonly logit!: number;

  static from({ exampleId, rank, row, subjectId, at, probability, logit }: Ranked): RankedScore {
    return Object.assign(new RankedScore(), { id: exampleId, rank, row, subjectId, at, probability, logit });
  }
}

export const RankedScoreConnection = connectionOf(RankedScore, 'RankedScore', 'scores');

@ObjectType('BatchScoring', {
  description:
    'The scores of a dataset, or of all stored subjects, by one model version: from the request to the end.',
})
export class BatchScoring {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;

  @Field(() => Date, {
    nullable: true,
    description: 'The moment at which stored subjects are scored; null where a dataset is.',
  })
  readonly asOf!: Date | null;

  @Field(() => ScoringFormat, { description: 'How the file of scores is written.' })
  readonly format!: Format;

  @Field(() => RunMapping, {
    nullable: true,
    description: 'The columns of the file that it reads; null for stored subjects.',
  })
  readonly mapping!: RunMapping | null;

  @Field(() => [JoinedDataset], {
    description: "The datasets of the version's entities that it is joined with.",
  })
  readonly entities!: readonly JoinedDataset[];

  @Field(() => ScoringState, { description: 'What it is doing.' })
  readonly state!: string;

  @Field(() => TrainingPriority, { description: "Its place among your tenant's own jobs while it waits." })
  readonly priority!: RunPriority;

  @Field(() => SafeInt, { description: 'How often it was begun; 0 while it waits for the first time.' })
  readonly attempt!: number;

  @Field(() => ScoringProgress, { nullable: true, description: 'How far it is; null until it scores.' })
  readonly progress!: ScoringProgress | null;

  @Field(() => ScoringResult, { nullable: true, description: 'What came of it; null unless SUCCEEDED.' })
  readonly result!: ScoringResult | null;

  @Field(() => TrainingError, { nullable: true, description: 'Why it failed; null unless FAILED.' })
  readonly error!: TrainingError | null;

  @Field(() => Date, { nullable: true, description: 'When its cancellation was asked for.' })
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
  readonly entity!: ScoringEntity;

  static from(entity: ScoringEntity): BatchScoring {
    const { errorCode, errorMessage } = entity;
    return Object.assign(new BatchScoring(), {
      entity,
      id: entity.id,
      kind: entity.kind,
      asOf: entity.asOf,
      format: entity.format,
      mapping: entity.mapping && RunMapping.from(entity.mapping),
      entities: (entity.entities ?? []).map((each) => JoinedDataset.from(each)),
      state: entity.state,
      priority: entity.priority,
      attempt: entity.attempt,
      progress: entity.progress && Object.assign(new ScoringProgress(), entity.progress),
      result: entity.result && ScoringResult.from(entity.id, entity.result, entity.format),
      error: errorCode && { code: errorCode, message: errorMessage ?? '' },
      cancelRequestedAt: entity.cancelRequestedAt,
      requestedAt: entity.requestedAt,
      startedAt: entity.startedAt,
      finishedAt: entity.finishedAt,
      timeline: JobPhase.timelineOf(entity),
    });
  }
}

export const BatchScoringConnection = connectionOf(BatchScoring, 'BatchScoring', 'scorings');
