import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../../platform/persistence/tenant-entity';
import { type AlertKind } from '../alert.entity';

/** Where a tenant wants its alerts sent. */
@Entity('webhooks')
export class Webhook extends TenantEntity {
  @Column({ type: 'text' })
  url!: string;

  /** Kinds of alerts; empty: all. */
  @Column({ type: 'jsonb' })
  events!: readonly AlertKind[];

  /** What deliveries are signed with, sealed for this webhook; told once. One from before there was encryption is plain. */
  @Column({ type: 'text' })
  secret!: string;

  /** Id of the API key that made it. */
  @Column({ name: 'created_by', type: 'uuid' })
  createdBy!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** Deliveries in a row that were given up. */
  @Column({ type: 'integer' })
  failures!: number;

  /** When it was given up; null while it works. */
  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;
}
