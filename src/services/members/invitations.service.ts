import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Identity } from '../../platform/identity/verify-token';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantRole } from '../../platform/tenancy/api-keys';
import { requireUnrestricted, type TenantContext } from '../../platform/tenancy/request-context';
import { checkName } from '../name-input';
import { IdentityProvider } from './identity-provider.entity';
import { generateInvitation, hashInvitation } from './invitation-token';
import { lockMembers } from './lock-members';
import { invitationState, MemberInvitation } from './member-invitation.entity';
import { Member } from './member.entity';

const MAX_HOURS = 720;
const MAX_PENDING = 1_000;

export interface Invite {
  readonly role: TenantRole;
  /** The only address that may accept; null: whoever has the token. */
  readonly email?: string | null | undefined;
  /** 1 to 720. */
  readonly expiresInHours: number;
}

/** An invitation at the only moment at which its token is known. */
export interface NewInvitation {
  readonly invitation: MemberInvitation;
  readonly token: string;
}

const emailSchema = z.email().max(254);

/** How people become members of a tenant. */
export class InvitationsService {
  constructor(private readonly database: Pick<Database, 'inTenant'>) {}

  /**
   * @throws AppError BAD_USER_INPUT; FORBIDDEN for a restricted key; CONFLICT where no identity provider could vouch for
   * whoever comes, and for more than 1,000 open invitations
   */
  async invite(ctx: TenantContext, { role, email, expiresInHours }: Invite): Promise<NewInvitation> {
    requireUnrestricted(ctx);
    const address = email == null ? null : checkEmail(email);
    if (!(Number.isInteger(expiresInHours) && expiresInHours >= 1 && expiresInHours <= MAX_HOURS))
      throw badInput('expiresInHours', `must be a whole number from 1 to ${MAX_HOURS}`);
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      await lockMembers(scope);
      if ((await scope.repository(IdentityProvider).count()) === 0)
        throw new AppError(
          'CONFLICT',
          'There is no identity provider that could vouch for a member: call "setIdentityProvider" first.',
        );
      const [open] = await scope.query<{ count: number }>(OPEN, [scope.tenantId]);
      if ((open?.count ?? 0) >= MAX_PENDING)
        throw new AppError('CONFLICT', `There are ${MAX_PENDING} open invitations: revoke some first.`);
      const id = randomUUID();
      const token = generateInvitation();
      // Not through the repository: the application may write the hash, it may never read it.
      await scope.query(
        `INSERT INTO member_invitations (tenant_id, id, hash, role, email, invited_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(hours => $7))`,
        [scope.tenantId, id, hashInvitation(token), role, address, ctx.actor.id, expiresInHours],
      );
      const invitation = await scope.repository(MemberInvitation).getOrThrow(id);
      recordChange(scope, ctx, {
        action: 'MEMBER_INVITED',
        objectId: id,
        before: null,
        after: { role, boundToEmail: address !== null, expiresAt: invitation.expiresAt },
      });
      return { invitation, token };
    });
  }

  /** All of them, newest first. */
  async list(ctx: TenantContext, page: PageRequest): Promise<Page<MemberInvitation>> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(MemberInvitation).page(page, { orderBy: 'createdAt' }),
    );
  }

  /** Ends an invitation; ending it again changes nothing. @throws AppError NOT_FOUND; CONFLICT when it was accepted */
  async revoke(ctx: TenantContext, id: string): Promise<MemberInvitation> {
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const invitations = scope.repository(MemberInvitation);
      const invitation = await invitations.getForUpdate(id);
      if (invitation.acceptedAt !== null)
        throw new AppError('CONFLICT', 'The invitation was accepted: remove the member instead.');
      if (invitation.revokedAt !== null) return invitation;
      await invitations.update({ id }, { revokedAt: new Date() });
      const after = await invitations.getOrThrow(id);
      recordChange(scope, ctx, {
        action: 'INVITATION_REVOKED',
        objectId: id,
        before: { revokedAt: null },
        after: { revokedAt: after.revokedAt },
      });
      return after;
    });
  }

  /**
   * Makes whoever comes with the invitation a member.
   * @param displayName null: as the identity provider says
   * @throws AppError FORBIDDEN without an invitation; BAD_USER_INPUT; CONFLICT when it was used, ended or has expired
   * meanwhile, or when the person is a member already
   */
  async accept(ctx: TenantContext, displayName: string | null): Promise<Member> {
    const { actor } = ctx;
    const { invitee } = actor;
    if (actor.kind !== 'INVITATION' || !invitee)
      throw new AppError(
        'FORBIDDEN',
        'An invitation is accepted with it: send a token of the identity provider as "Authorization: Bearer …", and the invitation as "x-invitation: inv_…".',
      );
    const name = displayName === null ? invitee.name : checkName(displayName, 'displayName');
    return this.database.inTenant(actor.tenantId, async (scope) => {
      await lockMembers(scope);
      const invitations = scope.repository(MemberInvitation);
      const invitation = await invitations.getForUpdate(actor.id);
      if (invitationState(invitation, Date.now()) !== 'PENDING')
        throw new AppError('CONFLICT', 'The invitation was used or ended: ask for another one.');
      const member = await admit(scope, invitation, { ...invitee, name });
      await invitations.update({ id: actor.id }, { acceptedAt: new Date(), memberId: member.id });
      const author = { ...ctx, actor: { id: member.id, kind: 'MEMBER', role: member.role } as const };
      recordChange(scope, author, {
        action: 'MEMBER_JOINED',
        objectId: member.id,
        before: null,
        after: { role: member.role, invitationId: actor.id, issuer: member.issuer },
      });
      return member;
    });
  }
}

const OPEN = `
SELECT count(*)::int AS count FROM member_invitations
 WHERE tenant_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()`;

async function admit(scope: TenantScope, invitation: MemberInvitation, who: Identity): Promise<Member> {
  const members = scope.repository(Member);
  const { issuer, subject, email, name: displayName, issuedAt: roleAsOf } = who;
  const known = await members.findOne({ issuer, subject });
  if (known?.state === 'ACTIVE')
    throw new AppError(
      'CONFLICT',
      'You are a member already: an administrator can change your role, and the invitation stays for somebody else.',
    );
  const values = {
    ...{ issuer, subject, email, displayName, roleAsOf },
    role: invitation.role,
    roleSource: 'ASSIGNED' as const,
    state: 'ACTIVE' as const,
    invitedBy: invitation.invitedBy,
    removedAt: null,
  };
  if (!known) return members.insert(values);
  await members.update({ id: known.id }, values);
  return members.getOrThrow(known.id);
}

function checkEmail(email: string): string {
  const read = emailSchema.safeParse(email.trim());
  if (read.success) return read.data.toLowerCase();
  throw badInput('email', 'must be an e-mail address');
}

function badInput(field: string, problem: string): AppError {
  return new AppError('BAD_USER_INPUT', `"${field}" ${problem}`, [{ path: field, message: problem }]);
}
