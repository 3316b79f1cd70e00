import { PrimaryColumn } from 'typeorm';

/** A row that belongs to a tenant. Its table's primary key is (tenant_id, id), and it has forced row-level security. */
export abstract class TenantEntity {
  @PrimaryColumn('uuid')
  tenantId!: string;

  @PrimaryColumn('uuid')
  id!: string;
}
