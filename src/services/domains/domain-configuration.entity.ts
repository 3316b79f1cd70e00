import { Column, CreateDateColumn, Entity } from 'typeorm';
import { type ModelConfig } from '../../learning/architectures/model-config';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { storedSpec } from './stored-spec-column';

/** What a tenant's data means for one kind of prediction, and which model learns it. Append-only: the newest version is in force. */
@Entity('domain_configurations')
export class DomainConfiguration extends TenantEntity {
  /** A discovered domain's kind, such as `ECOMMERCE_PURCHASE`. */
  @Column({ type: 'text' })
  kind!: string;

  /** 1, 2, 3 … per tenant and kind. */
  @Column({ type: 'integer' })
  version!: number;

  @Column({ name: 'feature_spec', type: 'jsonb', transformer: storedSpec })
  featureSpec!: FeatureSpec;

  @Column({ name: 'model_config', type: 'jsonb' })
  modelConfig!: ModelConfig;

  /** Probability from which on the answer is yes, in (0, 1); null leaves it to each model version. */
  @Column({ type: 'double precision', nullable: true })
  threshold!: number | null;

  /** Id of the API key that wrote it. */
  @Column({ name: 'created_by', type: 'uuid' })
  createdBy!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
