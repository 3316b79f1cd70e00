import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../../bigint-as-number';

export const DELIVERY_STATES = ['PENDING', 'DELIVERED', 'FAILED'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** An alert on its way to a webhook. This row is the truth: who delivers has a lease on it. */
@Entity('webhook_deliveries')
export class WebhookDelivery extends TenantEntity {
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  @Column({ name: 'webhook_id', type: 'uuid' })
  webhookId!: string;

  @Column({ name: 'alert_id', type: 'uuid' })
  alertId!: string;

  @Column({ type: 'text' })
  state!: DeliveryState;

  @Column({ type: 'integer' })
  attempts!: number;

  @Column({ name: 'next_attempt_at', type: 'timestamptz' })
  nextAttemptAt!: Date;

  /** Of the last attempt; null when no answer came. */
  @Column({ type: 'integer', nullable: true })
  status!: number | null;

  /** What went wrong in the last attempt. */
  @Column({ type: 'text', nullable: true })
  error!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;
}
