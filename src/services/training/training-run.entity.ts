import { Column, CreateDateColumn, Entity } from 'typeorm';
import { type ErrorCode } from '../../errors';
import { type PreparationSummary } from '../../learning/preparation/prepared-examples';
import { type EpochRecord, type TrainingProgress } from '../../learning/training/contract';
import { type CleaningProposal } from '../../learning/preparation/cleaning/propose';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';
import { type UsedMapping } from '../datasets/mapping-in-force';
import { type RunPriority, runPriorityColumn } from './run-priority';
import { type RunEntity } from './run-entities';
import { type RunState } from './run-state';

/** The newest progress; the epochs have a column of their own. */
export type RunProgress = Omit<TrainingProgress, 'epochs'>;

/** One training, from the request to its end. This row is the truth; jobs and processes only serve it. */
@Entity('training_runs')
export class TrainingRun extends TenantEntity {
  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  @Column({ type: 'text' })
  kind!: string;

  @Column({ name: 'dataset_id', type: 'uuid' })
  datasetId!: string;

  /** The configuration that was in force when the run was requested. */
  @Column({ name: 'configuration_id', type: 'uuid' })
  configurationId!: string;

  /** The mapping of the dataset's columns that it reads; null where that was not recorded yet. */
  @Column({ type: 'jsonb', nullable: true })
  mapping!: UsedMapping | null;

  /** The datasets of the configuration's entities, in its order; null where that was not recorded yet. */
  @Column({ type: 'jsonb', nullable: true })
  entities!: RunEntity[] | null;

  /** What is mended before it learns, in the order in which it is applied; null where that was not recorded yet. */
  @Column({ type: 'jsonb', nullable: true })
  cleaning!: CleaningProposal[] | null;

  @Column({ type: 'text' })
  state!: RunState;

  /** The order of requests over all tenants, given by the database. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  @Column({ type: 'smallint', transformer: runPriorityColumn })
  priority!: RunPriority;

  /** Executions so far; 0 until the first begins. */
  @Column({ type: 'integer' })
  attempt!: number;

  /** Executions that ended with their process. */
  @Column({ type: 'integer' })
  crashes!: number;

  /** Null until the examples are prepared. */
  @Column({ type: 'jsonb', nullable: true })
  preparation!: PreparationSummary | null;

  @Column({ type: 'jsonb', nullable: true })
  progress!: RunProgress | null;

  /** The loss curves. */
  @Column({ type: 'jsonb' })
  epochs!: EpochRecord[];

  @Column({ name: 'error_code', type: 'text', nullable: true })
  errorCode!: ErrorCode | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  /** What it was trained on (`cpu`, `webgpu`, `cuda`); null until it is known. */
  @Column({ type: 'text', nullable: true })
  device!: string | null;

  @Column({ name: 'cancel_requested_at', type: 'timestamptz', nullable: true })
  cancelRequestedAt!: Date | null;

  /** The execution that alone may write to this run; null when there is none. */
  @Column({ name: 'lease_owner', type: 'text', nullable: true })
  leaseOwner!: string | null;

  @Column({ name: 'lease_expires_at', type: 'timestamptz', nullable: true })
  leaseExpiresAt!: Date | null;

  /** When a job for the next execution was last put in the queue. */
  @Column({ name: 'enqueued_at', type: 'timestamptz', nullable: true })
  enqueuedAt!: Date | null;

  /** Id of the API key that asked for it. */
  @Column({ name: 'requested_by', type: 'uuid' })
  requestedBy!: string;

  @Column({ name: 'request_id', type: 'text' })
  requestId!: string;

  @CreateDateColumn({ name: 'requested_at', type: 'timestamptz' })
  requestedAt!: Date;

  /** When the first execution began. */
  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;
}
