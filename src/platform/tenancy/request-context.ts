import { AppError } from '../../errors';
import { type Identity } from '../identity/verify-token';
import { type Quota } from './quotas/quota';
import { type Role } from './role';

/** Who asks: an API key, a member, or somebody who is about to become one. */
export interface Actor {
  /** Id of the API key, of the member, or of the invitation. */
  readonly id: string;
  /** Absent: an API key. */
  readonly kind?: 'MEMBER' | 'INVITATION';
  readonly role: Role;
  /** Null for platform administrators. */
  readonly tenantId: string | null;
  /** The only operations that it may call, of those that its role may; absent: all of them. */
  readonly operations?: readonly string[];
  /** When what was presented ends by itself, in milliseconds since 1970; absent: it is asked for again and again. */
  readonly expiresAt?: number;
  /** Of an invitation: who comes with it. */
  readonly invitee?: Identity;
}

/** Where a request came from. */
export interface Origin {
  /** The address that the connection came from. */
  readonly ip: string | null;
  /** What the client calls itself, as it was sent. */
  readonly userAgent: string | null;
}

/** What every service method takes first: who asks, and the id under which the request is found in the logs. */
export interface RequestContext {
  readonly requestId: string;
  readonly actor: Actor;
  /** Absent for what did not come over the network. */
  readonly origin?: Origin;
  /** Told what is left of a quota that the request used, for its answer's headers. */
  readonly onQuota?: ((quota: Quota) => void) | undefined;
}

/** A request that acts for one tenant. */
export interface TenantContext extends RequestContext {
  readonly actor: Actor & { readonly tenantId: string };
}

/** @throws AppError FORBIDDEN when the key belongs to no tenant */
export function requireTenant(ctx: RequestContext): TenantContext {
  const { actor } = ctx;
  if (actor.tenantId === null) {
    throw new AppError(
      'FORBIDDEN',
      "this acts for a tenant, and a platform administrator belongs to none: use one of the tenant's API keys",
    );
  }
  return { ...ctx, actor: { ...actor, tenantId: actor.tenantId } };
}

/** @throws AppError FORBIDDEN when the role is not among these */
export function requireRole(ctx: RequestContext, ...roles: readonly Role[]): void {
  const { role, kind } = ctx.actor;
  if (roles.includes(role)) return;
  const has =
    kind === undefined
      ? `the key that was used has ${role}: use another key`
      : `you have ${role}: ask an administrator of your tenant`;
  throw new AppError('FORBIDDEN', `this needs the role ${roles.join(' or ')}; ${has}`);
}

/**
 * What gives others rights needs all those of its role: nobody gets around the restrictions of a key by a person.
 * @throws AppError FORBIDDEN for a key that is restricted to some operations
 */
export function requireUnrestricted({ actor }: RequestContext): void {
  if (!actor.operations) return;
  throw new AppError(
    'FORBIDDEN',
    'The key that was used is restricted to some operations, and what this gives is not: use another key.',
  );
}

/**
 * @param operation a field of Query, Mutation or Subscription, or the first part of the path of another route
 * @throws AppError FORBIDDEN when the key is restricted to others
 */
export function requireOperation({ actor }: RequestContext, operation: string): void {
  // Who asks is no secret to who asks.
  if (!actor.operations || operation === 'viewer' || actor.operations.includes(operation)) return;
  throw new AppError(
    'FORBIDDEN',
    actor.kind === 'INVITATION'
      ? 'with an invitation, it can be accepted and nothing else: call "acceptInvitation", then come without it'
      : `the key that was used is restricted to other operations than "${operation}": use another key`,
  );
}
