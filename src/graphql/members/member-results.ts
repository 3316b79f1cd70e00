import { createUnionType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type Role as RoleName } from '../../platform/tenancy/role';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { Role, Tenant } from '../tenants/tenant';
import { IssuedMemberInvitation, Member, MemberInvitation } from './member';

@InputType('InviteMemberInput', { description: 'Who is invited, and as what.' })
export class InviteMemberInput {
  @Field(() => Role, { description: 'The role that whoever accepts gets; every one but PLATFORM_ADMIN.' })
  readonly role!: RoleName;

  @Field(() => String, {
    nullable: true,
    description:
      'The only e-mail address that may accept, which the identity provider must have verified; left out: whoever has the invitation.',
  })
  readonly email?: string | null;

  @Field(() => Int, {
    defaultValue: 168,
    description: 'For how many hours it can be accepted, 1 to 720 (30 days); 168 is a week.',
  })
  readonly expiresInHours!: number;
}

@ObjectType('InviteMemberSuccess', { description: 'The invitation can be accepted.' })
export class InviteMemberSuccess {
  @Field(() => IssuedMemberInvitation, { description: 'The invitation.' })
  readonly invitation!: IssuedMemberInvitation;
}

export const InviteMemberResult = createUnionType({
  name: 'InviteMemberResult',
  description:
    'What came of `inviteMember`. `Conflict`: there is no identity provider that could vouch for whoever comes, or there are 1,000 open invitations.',
  types: () => [InviteMemberSuccess, InvalidInput, Conflict] as const,
});

@InputType('RevokeInvitationInput', { description: 'Which invitation.' })
export class RevokeInvitationInput {
  @Field(() => ID, { description: "The invitation's id; not the invitation itself." })
  readonly invitationId!: string;
}

@ObjectType('RevokeInvitationSuccess', { description: 'It can no longer be accepted.' })
export class RevokeInvitationSuccess {
  @Field(() => MemberInvitation, { description: 'The invitation.' })
  readonly invitation!: MemberInvitation;
}

export const RevokeInvitationResult = createUnionType({
  name: 'RevokeInvitationResult',
  description:
    'What came of `revokeInvitation`. `Conflict`: it was accepted before; remove the member instead.',
  types: () => [RevokeInvitationSuccess, Conflict] as const,
});

@InputType('AcceptInvitationInput', { description: 'Who comes.' })
export class AcceptInvitationInput {
  @Field(() => String, {
    nullable: true,
    description: 'What you want to be called, 1 to 200 characters; left out: as the token says.',
  })
  readonly displayName?: string | null;
}

@ObjectType('AcceptInvitationSuccess', {
  description: 'You are a member. From now on, send your token with the header `x-tenant`.',
})
export class AcceptInvitationSuccess {
  @Field(() => Member, { description: 'You.' })
  readonly member!: Member;

  @Field(() => Tenant, { description: 'Your tenant; its `slug` is what `x-tenant` takes.' })
  readonly tenant!: Tenant;
}

export const AcceptInvitationResult = createUnionType({
  name: 'AcceptInvitationResult',
  description:
    'What came of `acceptInvitation`. `Conflict`: somebody accepted or ended it meanwhile, or you are a member already.',
  types: () => [AcceptInvitationSuccess, InvalidInput, Conflict] as const,
});

@InputType('ChangeMemberRoleInput', { description: 'Whose role, and which.' })
export class ChangeMemberRoleInput {
  @Field(() => ID, { description: 'The member.' })
  readonly memberId!: string;

  @Field(() => Role, { description: 'The new role; every one but PLATFORM_ADMIN.' })
  readonly role!: RoleName;
}

@ObjectType('ChangeMemberRoleSuccess', { description: 'The role holds within two seconds.' })
export class ChangeMemberRoleSuccess {
  @Field(() => Member, { description: 'The member.' })
  readonly member!: Member;
}

export const ChangeMemberRoleResult = createUnionType({
  name: 'ChangeMemberRoleResult',
  description:
    'What came of `changeMemberRole`. `Conflict`: it is the last member who is a TENANT_ADMIN, one whose role a claim of the identity provider gives, or one who was removed.',
  types: () => [ChangeMemberRoleSuccess, InvalidInput, Conflict] as const,
});

@InputType('RemoveMemberInput', { description: 'Which member.' })
export class RemoveMemberInput {
  @Field(() => ID, { description: 'The member.' })
  readonly memberId!: string;
}

@ObjectType('RemoveMemberSuccess', {
  description: 'The member is not let in any more, within two seconds; running requests end as they would.',
})
export class RemoveMemberSuccess {
  @Field(() => Member, { description: 'As it is now.' })
  readonly member!: Member;
}

export const RemoveMemberResult = createUnionType({
  name: 'RemoveMemberResult',
  description: 'What came of `removeMember`. `Conflict`: it is the last member who is a TENANT_ADMIN.',
  types: () => [RemoveMemberSuccess, Conflict] as const,
});
