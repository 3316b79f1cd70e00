import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';

/** What a tenant may decide by. Never changed; whether it is in force, {@link PolicyActivation} says. */
@Entity('policies')
export class Policy extends TenantEntity {
  /** A discovered domain's kind, such as `FINANCIAL_RISK`. */
  @Column({ type: 'text' })
  kind!: string;

  /** 1, 2, 3 … per tenant and kind. */
  @Column({ type: 'integer' })
  version!: number;

  /** Complete with the defaults that there were when it was written. */
  @Column({ type: 'jsonb' })
  document!: object;

  /** What its author wanted to say of it. */
  @Column({ type: 'text', nullable: true })
  note!: string | null;

  /** Id of the API key that wrote it. */
  @Column({ name: 'created_by', type: 'uuid' })
  createdBy!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
