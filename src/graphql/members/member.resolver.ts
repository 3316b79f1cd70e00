import { Arg, Args, Authorized, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { InvitationsService } from '../../services/members/invitations.service';
import { type MemberState as MemberStateName } from '../../services/members/member.entity';
import { MembersService } from '../../services/members/members.service';
import { TenantsService } from '../../services/tenants/tenants.service';
import { ADMINS, TENANT_MEMBERS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { Conflict, InvalidInput } from '../results/shared-errors';
import { Tenant } from '../tenants/tenant';
import { tenantRole } from '../tenants/tenant-role';
import { uuidArgument } from '../uuid-argument';
import {
  IssuedMemberInvitation,
  Member,
  MemberConnection,
  MemberInvitation,
  MemberInvitationConnection,
  MemberState,
} from './member';
import {
  AcceptInvitationInput,
  AcceptInvitationResult,
  AcceptInvitationSuccess,
  ChangeMemberRoleInput,
  ChangeMemberRoleResult,
  ChangeMemberRoleSuccess,
  InviteMemberInput,
  InviteMemberResult,
  InviteMemberSuccess,
  RemoveMemberInput,
  RemoveMemberResult,
  RemoveMemberSuccess,
  RevokeInvitationInput,
  RevokeInvitationResult,
  RevokeInvitationSuccess,
} from './member-results';

@Resolver()
export class MemberResolver {
  constructor(
    private readonly service: MembersService,
    private readonly invitations: InvitationsService,
    private readonly tenants: TenantsService,
  ) {}

  @Authorized<Role>(ADMINS)
  @Query(() => MemberConnection, {
    description: 'The members of your tenant, removed ones included, newest first. Roles: TENANT_ADMIN.',
  })
  async members(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('state', () => MemberState, { nullable: true, description: 'Only these; all when left out.' })
    state?: MemberStateName | null,
  ): Promise<Connection<Member>> {
    const members = await this.service.list(requireTenant(ctx), state ?? null, page);
    return MemberConnection.from(members, (entity) => Member.from(entity));
  }

  @Authorized<Role>(ADMINS)
  @Query(() => MemberInvitationConnection, {
    description:
      'The invitations of your tenant, used and ended ones included, newest first. Roles: TENANT_ADMIN.',
  })
  async memberInvitations(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<MemberInvitation>> {
    const invitations = await this.invitations.list(requireTenant(ctx), page);
    return MemberInvitationConnection.from(invitations, (entity) => MemberInvitation.from(entity));
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => InviteMemberResult, {
    complexity: COST.CHANGE,
    description:
      'Makes an invitation, with which one person becomes a member, once. Error `FORBIDDEN` for a key that is restricted to some operations. Roles: TENANT_ADMIN.',
  })
  async inviteMember(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => InviteMemberInput, { description: 'Who, and as what.' }) input: InviteMemberInput,
  ): Promise<typeof InviteMemberResult> {
    return outcome([InvalidInput, Conflict], async () => {
      const { email, expiresInHours } = input;
      const role = tenantRole(input.role);
      const { invitation, token } = await this.invitations.invite(requireTenant(ctx), {
        role,
        email,
        expiresInHours,
      });
      return Object.assign(new InviteMemberSuccess(), {
        invitation: IssuedMemberInvitation.issue(invitation, token),
      });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => RevokeInvitationResult, {
    complexity: COST.CHANGE,
    description:
      'Ends an invitation; ending it again changes nothing. Error `NOT_FOUND` when your tenant has no such invitation. Roles: TENANT_ADMIN.',
  })
  async revokeInvitation(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RevokeInvitationInput, { description: 'Which.' }) input: RevokeInvitationInput,
  ): Promise<typeof RevokeInvitationResult> {
    const id = uuidArgument(input.invitationId, 'input.invitationId');
    return outcome([Conflict], async () => {
      const invitation = MemberInvitation.from(await this.invitations.revoke(requireTenant(ctx), id));
      return Object.assign(new RevokeInvitationSuccess(), { invitation });
    });
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @Mutation(() => AcceptInvitationResult, {
    complexity: COST.CHANGE,
    description:
      "Makes you a member of the tenant that invited you. The request carries a token of one of the tenant's identity providers as `Authorization: Bearer …` and the invitation as `x-invitation: inv_…`, and is `UNAUTHENTICATED` where the two do not go together. Error `FORBIDDEN` without an invitation. Roles: whoever has one.",
  })
  async acceptInvitation(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => AcceptInvitationInput, { description: 'Who comes.' }) input: AcceptInvitationInput,
  ): Promise<typeof AcceptInvitationResult> {
    return outcome([InvalidInput, Conflict], async () => {
      const tenantContext = requireTenant(ctx);
      const member = await this.invitations.accept(tenantContext, input.displayName ?? null);
      return Object.assign(new AcceptInvitationSuccess(), {
        member: Member.from(member),
        tenant: Tenant.from(await this.tenants.get(tenantContext)),
      });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => ChangeMemberRoleResult, {
    complexity: COST.CHANGE,
    description:
      'Gives a member another role. Error `NOT_FOUND` when your tenant has no such member, `FORBIDDEN` for a key that is restricted to some operations. Roles: TENANT_ADMIN.',
  })
  async changeMemberRole(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => ChangeMemberRoleInput, { description: 'Whose, and which.' })
    input: ChangeMemberRoleInput,
  ): Promise<typeof ChangeMemberRoleResult> {
    const id = uuidArgument(input.memberId, 'input.memberId');
    return outcome([InvalidInput, Conflict], async () => {
      const role = tenantRole(input.role);
      const member = Member.from(await this.service.changeRole(requireTenant(ctx), id, role));
      return Object.assign(new ChangeMemberRoleSuccess(), { member });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => RemoveMemberResult, {
    complexity: COST.CHANGE,
    description:
      'Ends a membership; ending it again changes nothing. Only an invitation lets the person in again. Error `NOT_FOUND` when your tenant has no such member. Roles: TENANT_ADMIN.',
  })
  async removeMember(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RemoveMemberInput, { description: 'Which.' }) input: RemoveMemberInput,
  ): Promise<typeof RemoveMemberResult> {
    const id = uuidArgument(input.memberId, 'input.memberId');
    return outcome([Conflict], async () => {
      const member = Member.from(await this.service.remove(requireTenant(ctx), id));
      return Object.assign(new RemoveMemberSuccess(), { member });
    });
  }
}
