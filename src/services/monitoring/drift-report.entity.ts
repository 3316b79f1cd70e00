import { Column, CreateDateColumn, Entity } from 'typeorm';
import { type DriftState } from '../../learning/drift/compare-columns';
import { type DriftReport } from '../../learning/drift/drift-report';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { bigintAsNumber } from '../bigint-as-number';

/** What the monitoring found about a version. Never changed; the older ones are deleted. */
@Entity('drift_reports')
export class StoredDrift extends TenantEntity {
  /** Ascending in time. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: bigintAsNumber })
  sequence!: number;

  /** A discovered domain's kind. */
  @Column({ type: 'text' })
  domain!: string;

  @Column({ name: 'model_version_id', type: 'uuid' })
  modelVersionId!: string;

  /** Predictions answered from here on … */
  @Column({ name: 'from_at', type: 'timestamptz' })
  from!: Date;

  /** … and before this. */
  @Column({ name: 'until_at', type: 'timestamptz' })
  until!: Date;

  @Column({ type: 'integer' })
  predictions!: number;

  @Column({ type: 'text' })
  state!: DriftState;

  /** Of the inputs alone. */
  @Column({ type: 'text' })
  inputs!: DriftState;

  /** Null: the version has nothing to compare with. */
  @Column({ type: 'jsonb', nullable: true })
  report!: DriftReport | null;

  @CreateDateColumn({ name: 'computed_at', type: 'timestamptz' })
  computedAt!: Date;
}
