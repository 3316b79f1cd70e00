import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';

export const ALERT_KINDS = ['DRIFT', 'LABEL_DRIFT', 'LIVE_QUALITY', 'NO_EVENTS', 'WEBHOOK_DISABLED'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const ALERT_STATES = ['OK', 'WATCH', 'BAD'] as const;
/** In ascending order. */
export type AlertState = (typeof ALERT_STATES)[number];

/** A state that changed, for the worse or the better. Never changed. */
@Entity('alerts')
export class Alert extends TenantEntity {
  /** In the order in which they became visible. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  /** A discovered domain's kind; null of what is about none. */
  @Column({ type: 'text', nullable: true })
  domain!: string | null;

  @Column({ type: 'text' })
  kind!: AlertKind;

  @Column({ name: 'from_state', type: 'text' })
  from!: AlertState;

  @Column({ name: 'to_state', type: 'text' })
  to!: AlertState;

  /** For people. */
  @Column({ type: 'text' })
  message!: string;

  @Column({ name: 'model_version_id', type: 'uuid', nullable: true })
  modelVersionId!: string | null;

  @CreateDateColumn({ name: 'raised_at', type: 'timestamptz' })
  raisedAt!: Date;
}
