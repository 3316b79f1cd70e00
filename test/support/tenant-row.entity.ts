import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../src/platform/persistence/tenant-entity';

/** A tenant table's row with the least that it needs, for tests of what all tenant rows have in common. */
@Entity('datasets')
export class TenantRow extends TenantEntity {
  @Column('text')
  name!: string;

  @Column('text')
  kind!: string;

  @Column('text')
  state!: string;

  @Column('bigint', { nullable: true })
  rowCount!: number | null;

  @Column('uuid')
  createdBy!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}

/** Values of a row that is ready to be inserted. */
export function tenantRow(name: string): Pick<TenantRow, 'name' | 'kind' | 'state' | 'createdBy'> {
  return { name, kind: 'TEST', state: 'AWAITING_UPLOAD', createdBy: '00000000-0000-4000-8000-000000000000' };
}
