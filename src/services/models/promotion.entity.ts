import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';

export const PROMOTION_ACTIONS = ['PROMOTE', 'ROLLBACK'] as const;
export type PromotionAction = (typeof PROMOTION_ACTIONS)[number];

/** One decision about what serves. Append-only: the newest of a kind is in force. */
@Entity('promotions')
export class Promotion extends TenantEntity {
  /** The order of decisions, given by the database. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  @Column({ type: 'text' })
  kind!: string;

  @Column({ name: 'model_version_id', type: 'uuid' })
  modelVersionId!: string;

  @Column({ type: 'text' })
  action!: PromotionAction;

  /** Why it serves although it is not worth more than its baseline; null where it is, or was not asked to be. */
  @Column({ name: 'baseline_override', type: 'text', nullable: true })
  baselineOverride!: string | null;

  /** Id of the API key that decided. */
  @Column({ name: 'promoted_by', type: 'uuid' })
  promotedBy!: string;

  @CreateDateColumn({ name: 'promoted_at', type: 'timestamptz' })
  promotedAt!: Date;
}
