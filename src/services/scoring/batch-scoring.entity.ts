import { ChildEntity, Column } from 'typeorm';
import { type ScorableAccounting } from '../../learning/scoring/read-scorable';
import { bigintAsNumber } from '../bigint-as-number';
import { Job } from '../jobs/job.entity';

export const SCORING_FORMATS = ['CSV', 'PARQUET'] as const;
export type ScoringFormat = (typeof SCORING_FORMATS)[number];

/** How far it is. What is counted here is stored: an execution that takes over goes on after it. */
export interface ScoringProgress {
  /** Examples scored and stored. */
  readonly rows: number;
  /** Examples to score; null while that is not known. */
  readonly totalRows: number | null;
  /** Parts stored so far, each complete. */
  readonly parts: number;
  /** Of stored subjects: those that could not be scored. */
  readonly refused: number;
  /** Why, and how many: values in reasons are replaced by an ellipsis. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Of stored subjects: the last one that was looked at. */
  readonly lastSubject: string | null;
}

/** Where every row went, of the file; of stored subjects, where each went: `rows = quarantined + scored`. */
export type ScoringAccounting = ScorableAccounting;

/** An object in the tenant's store. */
export interface ScoringFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** What came of it. */
export interface ScoringResult {
  readonly accounting: ScoringAccounting;
  /** In the format that was asked for, in the order of the dataset, or of the subjects. Null once it is kept no longer, as the ranking is. */
  readonly scores: ScoringFile | null;
  /** Parquet, by falling probability: what pages are read from. */
  readonly ranking: ScoringFile | null;
  /** CSV: line or subject, reason, text. Null when nothing was quarantined. */
  readonly quarantine: ScoringFile | null;
  /** The most frequent first; values in reasons are replaced by an ellipsis. */
  readonly reasons: ReadonlyArray<{ readonly reason: string; readonly count: number }>;
}

/** The scoring of a dataset, or of all stored subjects, by one model version. */
@ChildEntity('SCORING')
export class BatchScoring extends Job {
  @Column({ name: 'model_version_id', type: 'uuid' })
  modelVersionId!: string;

  /** What is scored; null where it is the stored subjects. */
  @Column({ name: 'dataset_id', type: 'uuid', nullable: true })
  datasetId!: string | null;

  /** The moment of prediction of stored subjects. */
  @Column({ name: 'as_of', type: 'timestamptz', nullable: true })
  asOf!: Date | null;

  /** Stored events up to this number count. */
  @Column({ type: 'bigint', nullable: true, transformer: bigintAsNumber })
  watermark!: number | null;

  @Column({ type: 'text' })
  format!: ScoringFormat;

  @Column({ type: 'jsonb', nullable: true })
  progress!: ScoringProgress | null;

  /** Null until it has succeeded. */
  @Column({ type: 'jsonb', nullable: true })
  result!: ScoringResult | null;
}
