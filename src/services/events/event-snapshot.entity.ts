import { Column, CreateDateColumn, Entity } from 'typeorm';
import { type ErrorCode } from '../../errors';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';

export const SNAPSHOT_STATES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const;
export type SnapshotState = (typeof SNAPSHOT_STATES)[number];

/** A dataset that is made of stored events, from the request to its end. This row is the truth. */
@Entity('event_snapshots')
export class EventSnapshot extends TenantEntity {
  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  @Column({ type: 'text' })
  kind!: string;

  /** The dataset's. */
  @Column({ type: 'text' })
  name!: string;

  /** The configuration that was in force when it was requested, and names the columns. */
  @Column({ name: 'configuration_id', type: 'uuid' })
  configurationId!: string;

  /** The earliest moment that is in it; null: from the first event on. */
  @Column({ name: 'from_at', type: 'timestamptz', nullable: true })
  fromAt!: Date | null;

  /** The earliest moment after it that is not; null: up to the last event. */
  @Column({ name: 'until_at', type: 'timestamptz', nullable: true })
  untilAt!: Date | null;

  /** It holds events up to this number, which was the last one when it was requested. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  watermark!: number;

  @Column({ type: 'text' })
  state!: SnapshotState;

  /** The order of requests over all tenants, given by the database. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  /** Executions so far. */
  @Column({ type: 'integer' })
  attempt!: number;

  /** The number of the last event written. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  position!: number;

  @Column({ name: 'event_count', type: 'bigint', transformer: bigintAsNumber })
  eventCount!: number;

  @Column({ name: 'error_code', type: 'text', nullable: true })
  errorCode!: ErrorCode | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  /** What it became; null until SUCCEEDED. */
  @Column({ name: 'dataset_id', type: 'uuid', nullable: true })
  datasetId!: string | null;

  /** Id of the API key that asked for it. */
  @Column({ name: 'requested_by', type: 'uuid' })
  requestedBy!: string;

  @CreateDateColumn({ name: 'requested_at', type: 'timestamptz' })
  requestedAt!: Date;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;
}
