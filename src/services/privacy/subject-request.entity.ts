import { Column, CreateDateColumn, Entity } from 'typeorm';
import { type ErrorCode } from '../../errors';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';
import { type ErasureProgress } from './erasure/erasure-progress';
import { type SignedReceipt } from './erasure/receipt';

export const SUBJECT_REQUEST_TYPES = ['EXPORT', 'ERASURE'] as const;
export type SubjectRequestType = (typeof SUBJECT_REQUEST_TYPES)[number];

export const SUBJECT_REQUEST_STATES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const;
export type SubjectRequestState = (typeof SUBJECT_REQUEST_STATES)[number];

/** What is to become of the models that were trained on a subject. */
export const MODEL_TREATMENTS = ['KEEP', 'RETIRE', 'RETRAIN'] as const;
export type ModelTreatment = (typeof MODEL_TREATMENTS)[number];

/** What came of an export. */
export interface ExportResult {
  /** Content address of the file; null once it is gone. */
  readonly sha256: string | null;
  readonly bytes: number;
  /** How many records of each kind it holds. */
  readonly records: Readonly<Record<string, number>>;
}

/** What a person asked of the data about them, from the request to its end. This row is the truth. */
@Entity('subject_requests')
export class SubjectRequest extends TenantEntity {
  @Column({ type: 'text' })
  type!: SubjectRequestType;

  /** The kinds of the domains that it is about. */
  @Column({ type: 'text', array: true })
  domains!: string[];

  /** The subject's id; null once the request has ended. */
  @Column({ type: 'text', nullable: true })
  subject!: string | null;

  /** What stands for the subject everywhere else. */
  @Column({ type: 'text' })
  pseudonym!: string;

  /** Null of an export. */
  @Column({ type: 'text', nullable: true })
  models!: ModelTreatment | null;

  @Column({ name: 'legal_ground', type: 'text', nullable: true })
  legalGround!: string | null;

  @Column({ type: 'text' })
  state!: SubjectRequestState;

  /** The order of requests over all tenants, given by the database. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  /** Executions so far. */
  @Column({ type: 'integer' })
  attempt!: number;

  /** Of an erasure: what is done so far. Null once it has ended. */
  @Column({ type: 'jsonb', nullable: true })
  progress!: ErasureProgress | null;

  /** Null until SUCCEEDED. */
  @Column({ type: 'jsonb', nullable: true })
  result!: SignedReceipt | ExportResult | null;

  @Column({ name: 'error_code', type: 'text', nullable: true })
  errorCode!: ErrorCode | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  /** Waits until then for jobs that still read the subject's data. */
  @Column({ name: 'wake_at', type: 'timestamptz', nullable: true })
  wakeAt!: Date | null;

  /** Id of the API key that asked for it. */
  @Column({ name: 'requested_by', type: 'uuid' })
  requestedBy!: string;

  @Column({ name: 'request_id', type: 'text' })
  requestId!: string;

  @CreateDateColumn({ name: 'requested_at', type: 'timestamptz' })
  requestedAt!: Date;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;

  /** Of an export: when its file goes. */
  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;
}
