import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { type TenantRole } from '../../platform/tenancy/api-keys';

/** A value of a claim, and what it gives. */
export interface RoleMapping {
  readonly value: string;
  readonly role: TenantRole;
}

/** An issuer whose word a tenant takes for who somebody is. */
@Entity('identity_providers')
export class IdentityProvider extends TenantEntity {
  @Column('text')
  issuer!: string;

  /** For one of which a token must be meant. */
  @Column('text', { array: true })
  audiences!: string[];

  /** The claim that gives roles; null: none does. */
  @Column('text', { nullable: true })
  roleClaim!: string | null;

  /** The first that a token has gives the role. */
  @Column('jsonb')
  roleMapping!: readonly RoleMapping[];

  /** Whose verified e-mail addresses are let in; empty: everybody's, and those of whom none is known. */
  @Column('text', { array: true })
  emailDomains!: string[];

  /** Id of the API key or member that made it. */
  @Column('uuid')
  createdBy!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz')
  updatedAt!: Date;
}
