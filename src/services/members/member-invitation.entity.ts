import { Column, CreateDateColumn, Entity } from 'typeorm';
import { TenantEntity } from '../../platform/persistence/tenant-entity';
import { type TenantRole } from '../../platform/tenancy/api-keys';

export const INVITATION_STATES = ['PENDING', 'ACCEPTED', 'REVOKED', 'EXPIRED'] as const;
export type InvitationState = (typeof INVITATION_STATES)[number];

/** What lets somebody become a member, once. Its token is shown once and stored as a hash that the application cannot read. */
@Entity('member_invitations')
export class MemberInvitation extends TenantEntity {
  @Column('text')
  role!: TenantRole;

  /** The only address that may accept, in lower case; null: whoever has the token. */
  @Column('text', { nullable: true })
  email!: string | null;

  /** Id of the API key or member. */
  @Column('uuid')
  invitedBy!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  acceptedAt!: Date | null;

  @Column('uuid', { nullable: true })
  memberId!: string | null;

  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;
}

export function invitationState(
  { acceptedAt, revokedAt, expiresAt }: MemberInvitation,
  now: number,
): InvitationState {
  if (acceptedAt !== null) return 'ACCEPTED';
  if (revokedAt !== null) return 'REVOKED';
  return expiresAt.getTime() <= now ? 'EXPIRED' : 'PENDING';
}
