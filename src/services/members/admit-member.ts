import { randomUUID } from 'node:crypto';
import { bySystem, recordChange } from '../../platform/audit/record-change';
import { type Identity } from '../../platform/identity/verify-token';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantRole } from '../../platform/tenancy/api-keys';
import { type Actor } from '../../platform/tenancy/request-context';
import { type Asking } from './authenticate-member';
import { type IdentityProvider } from './identity-provider.entity';
import { Member } from './member.entity';
import { roleOfClaims } from './role-of-claims';

export interface Arrival {
  readonly identity: Identity;
  readonly provider: Pick<IdentityProvider, 'roleClaim' | 'roleMapping'>;
  readonly asking: Asking;
}

/**
 * The member that a believed token is from; null when there is none. Somebody new is let in where a claim gives a role.
 * Where it did so before, the role is the one of the token that was issued last: an older token brings back nothing.
 */
export async function admitMember(scope: TenantScope, arrival: Arrival): Promise<Actor | null> {
  const { identity, provider } = arrival;
  const { issuer, subject } = identity;
  const given = roleOfClaims(identity.claims, provider);
  const members = scope.repository(Member);
  const known = await members.findOne({ issuer, subject });
  if (!known) return given === null ? null : actorOf(await join(scope, arrival, given), identity);
  if (known.state === 'REMOVED') return null;
  const isNewer = identity.issuedAt > known.roleAsOf;
  const member = known.roleSource === 'CLAIM' && isNewer ? await follow(scope, arrival, given) : known;
  if (member?.state !== 'ACTIVE') return null;
  await touch(scope, member, identity);
  return actorOf(member, identity);
}

async function join(scope: TenantScope, { identity, asking }: Arrival, role: TenantRole): Promise<Member> {
  const { issuer, subject, email, name, issuedAt } = identity;
  const members = scope.repository(Member);
  const id = randomUUID();
  // Two requests of somebody new may come at once.
  const made = await scope.query(
    `INSERT INTO members (tenant_id, id, issuer, subject, email, display_name, role, role_source, role_as_of, state, last_seen_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'CLAIM', $8, 'ACTIVE', now()) ON CONFLICT DO NOTHING RETURNING id`,
    [scope.tenantId, id, issuer, subject, email, name, role, issuedAt],
  );
  if (made.length > 0)
    recordChange(
      scope,
      { ...asking, actor: { id, kind: 'MEMBER', role } },
      { action: 'MEMBER_JOINED', objectId: id, before: null, after: { role, by: 'claim', issuer } },
    );
  const member = await members.findOne({ issuer, subject });
  if (!member) throw new Error('a member who just joined is not there');
  return member;
}

/** Takes over what the newest token says of the role. */
async function follow(
  scope: TenantScope,
  { identity, asking }: Arrival,
  given: TenantRole | null,
): Promise<Member | null> {
  const { issuer, subject, issuedAt } = identity;
  const members = scope.repository(Member);
  const found = await members.findOne({ issuer, subject });
  const before = found && (await members.getForUpdate(found.id));
  // Meanwhile somebody else may have decided.
  if (before?.roleSource !== 'CLAIM' || before.state === 'REMOVED' || issuedAt <= before.roleAsOf)
    return before;
  const { id } = before;
  const after = { role: given ?? before.role, state: given === null ? 'WITHDRAWN' : 'ACTIVE' } as const;
  await members.update({ id }, { ...after, roleAsOf: issuedAt });
  if (after.role !== before.role || after.state !== before.state)
    recordChange(
      scope,
      { ...bySystem(asking.requestId), ...(asking.origin && { origin: asking.origin }) },
      {
        action: 'MEMBER_ROLE_CHANGED',
        objectId: id,
        before: { role: before.role, state: before.state },
        after: { ...after, by: 'claim' },
      },
    );
  return members.getOrThrow(id);
}

/** Keeps when the member was seen last, to the minute, and what the provider says of them now. */
async function touch(scope: TenantScope, member: Member, { email, name }: Identity): Promise<void> {
  const seen = member.lastSeenAt?.getTime() ?? 0;
  if (Date.now() - seen < 60_000) return;
  await scope.query(
    `UPDATE members SET last_seen_at = now(), email = coalesce($3, email), display_name = coalesce(display_name, $4)
      WHERE tenant_id = $1 AND id = $2`,
    [scope.tenantId, member.id, email, name],
  );
}

function actorOf({ id, role, tenantId }: Member, { expiresAt }: Identity): Actor {
  return { id, kind: 'MEMBER', role, tenantId, expiresAt };
}
