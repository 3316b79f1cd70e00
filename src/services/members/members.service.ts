import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantRole } from '../../platform/tenancy/api-keys';
import { requireUnrestricted, type TenantContext } from '../../platform/tenancy/request-context';
import { keepAnAdmin, lockMembers } from './lock-members';
import { Member, type MemberState } from './member.entity';

/** The people of a tenant. */
export class MembersService {
  constructor(private readonly database: Pick<Database, 'inTenant'>) {}

  /** Newest first. @param state null: of all states */
  async list(ctx: TenantContext, state: MemberState | null, page: PageRequest): Promise<Page<Member>> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(Member).page(page, { ...(state && { where: { state } }), orderBy: 'joinedAt' }),
    );
  }

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext, id: string): Promise<Member> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) => scope.repository(Member).getOrThrow(id));
  }

  /**
   * Gives a member another role, within two seconds.
   * @throws AppError NOT_FOUND; FORBIDDEN for a restricted key; CONFLICT for the last administrator, for one whose role
   * a claim gives, and for one who is a member no longer
   */
  async changeRole(ctx: TenantContext, id: string, role: TenantRole): Promise<Member> {
    requireUnrestricted(ctx);
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      await lockMembers(scope);
      const members = scope.repository(Member);
      const member = await members.getForUpdate(id);
      if (member.state === 'REMOVED')
        throw new AppError('CONFLICT', 'This person is a member no longer: invite them again.');
      if (member.roleSource === 'CLAIM')
        throw new AppError(
          'CONFLICT',
          "This member's role is given by a claim of the identity provider: change it there.",
        );
      if (member.role === role) return member;
      await keepAnAdmin(scope, member);
      await members.update({ id }, { role });
      recordChange(scope, ctx, {
        action: 'MEMBER_ROLE_CHANGED',
        objectId: id,
        before: { role: member.role },
        after: { role },
      });
      return members.getOrThrow(id);
    });
  }

  /**
   * Ends a membership, within two seconds; ending it again changes nothing. No claim lets the person in again, an
   * invitation does.
   * @throws AppError NOT_FOUND; CONFLICT for the last administrator
   */
  async remove(ctx: TenantContext, id: string): Promise<Member> {
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      await lockMembers(scope);
      const members = scope.repository(Member);
      const member = await members.getForUpdate(id);
      if (member.state === 'REMOVED') return member;
      await keepAnAdmin(scope, member);
      await members.update({ id }, { state: 'REMOVED', removedAt: new Date() });
      recordChange(scope, ctx, {
        action: 'MEMBER_REMOVED',
        objectId: id,
        before: { state: member.state, role: member.role },
        after: { state: 'REMOVED' },
      });
      return members.getOrThrow(id);
    });
  }
}
