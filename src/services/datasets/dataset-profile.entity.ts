import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';

/** Where the profile of a dataset is, as one configuration reads it. Append-only. */
@Entity('dataset_profiles')
export class DatasetProfileRecord extends TenantEntity {
  @Column({ name: 'dataset_id', type: 'uuid' })
  datasetId!: string;

  @Column({ name: 'configuration_id', type: 'uuid' })
  configurationId!: string;

  /** Of the mapping that its columns were read with. */
  @Column({ name: 'mapping_version', type: 'integer' })
  mappingVersion!: number;

  /** The files of entities that it was joined with, as `joinedKey` has them; empty without any. */
  @Column({ type: 'text' })
  joined!: string;

  /** The shape of the profile. */
  @Column({ type: 'integer' })
  format!: number;

  /** Content address in the tenant's object store: the profile as JSON. */
  @Column({ type: 'text' })
  sha256!: string;

  /** Content address of all quarantined rows: CSV. Null of profiles of an earlier shape. */
  @Column({ name: 'quarantine_sha256', type: 'text', nullable: true })
  quarantineSha256!: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
