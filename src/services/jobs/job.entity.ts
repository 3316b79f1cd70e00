import { Column, CreateDateColumn, Entity, TableInheritance } from 'typeorm';
import { type ErrorCode } from '../../errors';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';
import { type UsedMapping } from '../datasets/mapping-in-force';
import { type RunEntity } from '../training/run-entities';
import { type RunPriority, runPriorityColumn } from '../training/run-priority';
import { type RunState } from '../training/run-state';

/** What a job does. */
export const JOB_TYPES = ['TRAINING', 'SCORING'] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** A state that a job came to. */
export interface JobEntry {
  readonly state: RunState;
  readonly attempt: number;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Work that is asked for, waits for its turn and is executed by a worker, from the request to its end. This row is the
 * truth; messages and processes only serve it.
 */
@Entity('jobs')
@TableInheritance({ column: { name: 'type', type: 'text' } })
export class Job extends TenantEntity {
  @Column({ type: 'text' })
  type!: JobType;

  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  @Column({ type: 'text' })
  kind!: string;

  /** The mapping of the dataset's columns that it reads; null where there is none, or it was not recorded yet. */
  @Column({ type: 'jsonb', nullable: true })
  mapping!: UsedMapping | null;

  /** The datasets of the specification's entities, in its order; null where that was not recorded yet. */
  @Column({ type: 'jsonb', nullable: true })
  entities!: RunEntity[] | null;

  @Column({ type: 'text' })
  state!: RunState;

  /** The states that it came to, in order: written by the database. Empty where that was not recorded yet. */
  @Column({ type: 'jsonb', insert: false, update: false })
  timeline!: JobEntry[];

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

  @Column({ name: 'error_code', type: 'text', nullable: true })
  errorCode!: ErrorCode | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  @Column({ name: 'cancel_requested_at', type: 'timestamptz', nullable: true })
  cancelRequestedAt!: Date | null;

  /** The execution that alone may write to this job; null when there is none. */
  @Column({ name: 'lease_owner', type: 'text', nullable: true })
  leaseOwner!: string | null;

  @Column({ name: 'lease_expires_at', type: 'timestamptz', nullable: true })
  leaseExpiresAt!: Date | null;

  /** When a message for the next execution was last put in the queue. */
  @Column({ name: 'enqueued_at', type: 'timestamptz', nullable: true })
  enqueuedAt!: Date | null;

  /** Id of the API key that asked for it. */
  @Column({ name: 'requested_by', type: 'uuid' })
  requestedBy!: string;

  @Column({ name: 'request_id', type: 'text' })
  requestId!: string;

  /** The trace of the request, which its executions go on with; null where it was not traced. */
  @Column({ type: 'text', nullable: true })
  traceparent!: string | null;

  @CreateDateColumn({ name: 'requested_at', type: 'timestamptz' })
  requestedAt!: Date;

  /** When the first execution began. */
  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;
}
