import { Column, CreateDateColumn, Entity } from 'typeorm';
import { type ErrorCode, type Issue } from '../../errors';
import { type DeclaredFormat, type FileFormat } from '../../learning/preparation/formats/file-format';
import { type CsvInspection, type QuarantinedRow } from '../../learning/preparation/inspect-csv';
import { type ColumnSketch } from '../../learning/preparation/mapping/column-sketch';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';

export const DATASET_STATES = ['AWAITING_UPLOAD', 'READY', 'REJECTED'] as const;
export type DatasetState = (typeof DATASET_STATES)[number];

export type DatasetColumn = CsvInspection['columns'][number];

/** Why a file was refused. */
export interface DatasetRejection {
  readonly code: ErrorCode;
  readonly message: string;
  readonly issues: readonly Issue[];
}

/** One file of examples. It is READY with its content's address, or it has no content at all. */
@Entity('datasets')
export class Dataset extends TenantEntity {
  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  @Column({ type: 'text' })
  kind!: string;

  /** The entity of the configuration that it holds; null for rows or events, of which examples are made. */
  @Column({ type: 'text', nullable: true })
  entity!: string | null;

  /** Whether its file has labels; without, it can be scored and not be trained on. */
  @Column({ name: 'is_labelled', type: 'boolean' })
  isLabelled!: boolean;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  state!: DatasetState;

  /** Content address in the tenant's object store, lower-case hex; null until READY. */
  @Column({ type: 'text', nullable: true })
  sha256!: string | null;

  @Column({ type: 'bigint', nullable: true, transformer: bigintAsNumber })
  bytes!: number | null;

  /** The file as it came, where rows of erased subjects were taken out of it; null where it is as it came. */
  @Column({ name: 'received_sha256', type: 'text', nullable: true })
  receivedSha256!: string | null;

  @Column({ name: 'received_bytes', type: 'bigint', nullable: true, transformer: bigintAsNumber })
  receivedBytes!: number | null;

  @Column({ name: 'row_count', type: 'bigint', nullable: true, transformer: bigintAsNumber })
  rowCount!: number | null;

  @Column({ name: 'quarantined_count', type: 'bigint', nullable: true, transformer: bigintAsNumber })
  quarantinedCount!: number | null;

  /** What its owner said of the file before there was one. */
  @Column({ name: 'declared_format', type: 'jsonb', nullable: true })
  declaredFormat!: DeclaredFormat | null;

  /** As it was found out; null until READY, and where it was READY before formats were recorded. */
  @Column({ type: 'jsonb', nullable: true })
  format!: FileFormat | null;

  @Column({ type: 'jsonb', nullable: true })
  columns!: DatasetColumn[] | null;

  /** What its columns seem to hold, by which a mapping is guessed; null where it was READY before that was kept. */
  @Column({ name: 'column_sketches', type: 'jsonb', nullable: true })
  columnSketches!: ColumnSketch[] | null;

  @Column({ name: 'quarantine_sample', type: 'jsonb', nullable: true })
  quarantineSample!: QuarantinedRow[] | null;

  @Column({ type: 'jsonb', nullable: true })
  rejection!: DatasetRejection | null;

  /** Id of the API key that created it. */
  @Column({ name: 'created_by', type: 'uuid' })
  createdBy!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'uploaded_at', type: 'timestamptz', nullable: true })
  uploadedAt!: Date | null;
}
