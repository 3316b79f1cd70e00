import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';

export const RETRAINING_REASONS = ['CRON', 'DRIFT'] as const;
export type RetrainingReason = (typeof RETRAINING_REASONS)[number];

export const RETRAINING_STATES = ['PREPARING', 'TRAINING', 'SUCCEEDED', 'FAILED'] as const;
export type RetrainingState = (typeof RETRAINING_STATES)[number];

/** One time that a schedule had its domain trained again. */
@Entity('retrainings')
export class Retraining extends TenantEntity {
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  @Column({ name: 'schedule_id', type: 'uuid' })
  scheduleId!: string;

  @Column({ type: 'text' })
  reason!: RetrainingReason;

  @Column({ type: 'text' })
  state!: RetrainingState;

  @Column({ name: 'snapshot_id', type: 'uuid', nullable: true })
  snapshotId!: string | null;

  @Column({ name: 'run_id', type: 'uuid', nullable: true })
  runId!: string | null;

  @Column({ name: 'model_version_id', type: 'uuid', nullable: true })
  modelVersionId!: string | null;

  /** Whether what came of it was made the one that serves. */
  @Column({ type: 'boolean' })
  promoted!: boolean;

  /** Why it failed, or was or was not promoted. For people. */
  @Column({ type: 'text', nullable: true })
  detail!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;
}
