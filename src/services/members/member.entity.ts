import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { type TenantRole } from '../../platform/tenancy/api-keys';

export const MEMBER_STATES = ['ACTIVE', 'WITHDRAWN', 'REMOVED'] as const;
export type MemberState = (typeof MEMBER_STATES)[number];
export const ROLE_SOURCES = ['ASSIGNED', 'CLAIM'] as const;
export type RoleSource = (typeof ROLE_SOURCES)[number];

/** A person in a tenant, known by what an identity provider calls it. */
@Entity('members')
export class Member extends TenantEntity {
  @Column('text')
  issuer!: string;

  @Column('text')
  subject!: string;

  /** In lower case, and verified by the issuer. */
  @Column('text', { nullable: true })
  email!: string | null;

  @Column('text', { nullable: true })
  displayName!: string | null;

  @Column('text')
  role!: TenantRole;

  @Column('text')
  roleSource!: RoleSource;

  /** When the token that gave or withdrew the role was issued, in seconds since 1970. */
  @Column('bigint')
  roleAsOf!: number;

  @Column('text')
  state!: MemberState;

  /** Id of the API key or member that invited; null: a claim let the person in. */
  @Column('uuid', { nullable: true })
  invitedBy!: string | null;

  /** For the first time. */
  @CreateDateColumn({ type: 'timestamptz' })
  joinedAt!: Date;

  /** To the minute. */
  @Column('timestamptz', { nullable: true })
  lastSeenAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  removedAt!: Date | null;
}
