import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { type TenantRole } from '../../platform/tenancy/api-keys';
import {
  INVITATION_STATES,
  invitationState,
  type InvitationState as InvitationStateName,
  type MemberInvitation as InvitationEntity,
} from '../../services/members/member-invitation.entity';
import {
  type Member as MemberEntity,
  MEMBER_STATES,
  type MemberState as MemberStateName,
  ROLE_SOURCES,
  type RoleSource as RoleSourceName,
} from '../../services/members/member.entity';
import { connectionOf } from '../connections/connection';
import { enumOf } from '../enum-of';
import { Role } from '../tenants/tenant';

export const MemberState = enumOf(MEMBER_STATES);
registerEnumType(MemberState, {
  name: 'MemberState',
  description: 'Whether a member is let in.',
  valuesConfig: {
    ACTIVE: { description: 'Is let in.' },
    WITHDRAWN: {
      description:
        'The latest token of the identity provider gave no role any more; a later one that does lets in again.',
    },
    REMOVED: { description: 'Was removed; only an invitation lets in again.' },
  },
});

export const RoleSource = enumOf(ROLE_SOURCES);
registerEnumType(RoleSource, {
  name: 'RoleSource',
  description: "Where a member's role comes from.",
  valuesConfig: {
    ASSIGNED: { description: 'From an invitation or an administrator, who may change it.' },
    CLAIM: { description: 'From a claim of the identity provider, where it may be changed.' },
  },
});

export const MemberInvitationState = enumOf(INVITATION_STATES);
registerEnumType(MemberInvitationState, {
  name: 'MemberInvitationState',
  description: 'What became of an invitation.',
  valuesConfig: {
    PENDING: { description: 'It can be accepted.' },
    ACCEPTED: { description: 'It was accepted; it works once.' },
    REVOKED: { description: 'It was ended before it was accepted.' },
    EXPIRED: { description: 'Nobody accepted it in time.' },
  },
});

@ObjectType('Member', {
  description: 'A person in your tenant, who signs in with one of its identity providers.',
})
export class Member {
  @Field(() => ID, { description: 'Its id. In the audit log, it stands behind `member:`.' })
  readonly id!: string;

  @Field(() => String, { description: 'The identity provider that the person signs in with.' })
  readonly issuer!: string;

  @Field(() => String, {
    description: 'What the identity provider calls the person; lasting and unique there.',
  })
  readonly subject!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The e-mail address, in lower case; null unless the identity provider says that it has been verified.',
  })
  readonly email!: string | null;

  @Field(() => String, { nullable: true, description: 'What the person is called; null where nobody said.' })
  readonly displayName!: string | null;

  @Field(() => Role, { description: 'What the member may do.' })
  readonly role!: TenantRole;

  @Field(() => RoleSource, { description: 'Where the role comes from.' })
  readonly roleSource!: RoleSourceName;

  @Field(() => MemberState, { description: 'Whether the member is let in.' })
  readonly state!: MemberStateName;

  @Field(() => ID, {
    nullable: true,
    description: 'Id of the API key or member that invited; null: a claim of the identity provider let in.',
  })
  readonly invitedById!: string | null;

  @Field(() => Date, { description: 'When the person first became a member.' })
  readonly joinedAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description: 'When the member was last seen, to the minute; null: never.',
  })
  readonly lastSeenAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When the member was removed; null: was not.' })
  readonly removedAt!: Date | null;

  static from(entity: MemberEntity): Member {
    const { id, issuer, subject, email, displayName, role, roleSource, state } = entity;
    const { invitedBy: invitedById, joinedAt, lastSeenAt, removedAt } = entity;
    return Object.assign(new Member(), {
      ...{ id, issuer, subject, email, displayName, role, roleSource, state },
      ...{ invitedById, joinedAt, lastSeenAt, removedAt },
    });
  }
}

export const MemberConnection = connectionOf(Member, 'Member', 'members');

@ObjectType('MemberInvitation', {
  description:
    'What lets somebody become a member, once. The invitation itself is shown once, when it is made.',
})
export class MemberInvitation {
  @Field(() => ID, { description: 'Its id; not the invitation itself.' })
  readonly id!: string;

  @Field(() => Role, { description: 'The role that whoever accepts gets.' })
  readonly role!: TenantRole;

  @Field(() => String, {
    nullable: true,
    description: 'The only e-mail address that may accept it, in lower case; null: whoever has it.',
  })
  readonly email!: string | null;

  @Field(() => MemberInvitationState, { description: 'What became of it.' })
  readonly state!: InvitationStateName;

  @Field(() => ID, { description: 'Id of the API key or member that invited.' })
  readonly invitedById!: string;

  @Field(() => Date, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => Date, { description: 'Until when it can be accepted.' })
  readonly expiresAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was accepted; null: it was not.' })
  readonly acceptedAt!: Date | null;

  @Field(() => ID, { nullable: true, description: 'Who accepted it; null: nobody has.' })
  readonly memberId!: string | null;

  @Field(() => Date, { nullable: true, description: 'When it was ended; null: it was not.' })
  readonly revokedAt!: Date | null;

  static from(entity: InvitationEntity): MemberInvitation {
    const { id, role, email, invitedBy: invitedById, createdAt, expiresAt } = entity;
    const { acceptedAt, memberId, revokedAt } = entity;
    return Object.assign(new MemberInvitation(), {
      ...{ id, role, email, invitedById, createdAt, expiresAt, acceptedAt, memberId, revokedAt },
      state: invitationState(entity, Date.now()),
    });
  }
}

export const MemberInvitationConnection = connectionOf(MemberInvitation, 'MemberInvitation', 'invitations');

@ObjectType('IssuedMemberInvitation', {
  description: 'An invitation at the moment of its making, the only one at which it is itself shown.',
})
export class IssuedMemberInvitation extends MemberInvitation {
  @Field(() => String, {
    description:
      'The invitation itself, `inv_…`, to be given to whom it is for: it is never shown again. Put it behind the `#` of a link, where no server logs it.',
  })
  readonly token!: string;

  static issue(entity: InvitationEntity, token: string): IssuedMemberInvitation {
    return Object.assign(new IssuedMemberInvitation(), MemberInvitation.from(entity), { token });
  }
}
