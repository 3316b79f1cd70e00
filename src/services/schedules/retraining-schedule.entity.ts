import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { type StartRule } from '../training/start-version';

export const PROMOTE_RULES = ['NEVER', 'IF_BETTER'] as const;
export type PromoteRule = (typeof PROMOTE_RULES)[number];

/** When a domain is trained again: one per domain. */
@Entity('retraining_schedules')
export class RetrainingSchedule extends TenantEntity {
  /** A discovered domain's kind. */
  @Column({ type: 'text' })
  domain!: string;

  /** Five fields; null: only on drift. */
  @Column({ type: 'text', nullable: true })
  cron!: string | null;

  /** Of the cron expression, such as `Europe/Berlin`. */
  @Column({ name: 'time_zone', type: 'text' })
  timeZone!: string;

  @Column({ name: 'on_drift', type: 'boolean' })
  onDrift!: boolean;

  /** Between two starts because of drift, at least. */
  @Column({ name: 'cool_down_hours', type: 'integer' })
  coolDownHours!: number;

  /** Null: a snapshot of the stored events. */
  @Column({ name: 'dataset_id', type: 'uuid', nullable: true })
  datasetId!: string | null;

  @Column({ type: 'text' })
  promote!: PromoteRule;

  /** Whose weights its trainings start from. */
  @Column({ name: 'start_from', type: 'text' })
  startFrom!: StartRule;

  /** Id of the API key that set it, in whose name it acts. */
  @Column({ name: 'created_by', type: 'uuid' })
  createdBy!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'next_at', type: 'timestamptz', nullable: true })
  nextAt!: Date | null;

  @Column({ name: 'last_started_at', type: 'timestamptz', nullable: true })
  lastStartedAt!: Date | null;
}
