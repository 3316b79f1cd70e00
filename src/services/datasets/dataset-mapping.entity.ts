import { Column, CreateDateColumn, Entity } from 'typeorm';
import { type MappingDecision } from '../../learning/preparation/mapping/resolve-mapping';
import { TenantEntity } from '../../platform/persistence/tenant-entity';

/** What people said that the columns of a dataset are. Append-only: the newest version is in force. */
@Entity('dataset_mappings')
export class DatasetMappingRecord extends TenantEntity {
  @Column({ name: 'dataset_id', type: 'uuid' })
  datasetId!: string;

  /** 1, 2, 3 … per dataset. */
  @Column({ type: 'integer' })
  version!: number;

  /** All that hold, those of earlier versions included. */
  @Column({ type: 'jsonb' })
  decisions!: MappingDecision[];

  /** Id of the API key that said so. */
  @Column({ name: 'decided_by', type: 'uuid' })
  decidedBy!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
