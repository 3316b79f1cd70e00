import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../persistence/tenant-entity';
import { type Role } from './role';

/** A credential of a tenant. The key itself is shown once and stored as a hash that the application cannot read. */
@Entity('api_keys')
export class ApiKey extends TenantEntity {
  @Column('text')
  name!: string;

  @Column('text')
  role!: Role;

  /** The only operations that the key may call, of those that its role may; null: all of them. */
  @Column('text', { array: true, nullable: true })
  operations!: string[] | null;

  /** The first characters of the key, so that a person can tell keys apart. */
  @Column('text')
  prefix!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz', { nullable: true })
  expiresAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;

  /** Id of the key that was made in its place; it works until it expires. */
  @Column('uuid', { nullable: true })
  replacedBy!: string | null;

  /** To the minute. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt!: Date | null;
}
