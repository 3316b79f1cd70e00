import { AppError } from '../../errors';
import { type Role } from './role';

/** Who asks: the API key that was presented. */
export interface Actor {
  /** The API key's id. */
  readonly id: string;
  readonly role: Role;
  /** Null for platform administrators. */
  readonly tenantId: string | null;
  /** The only operations that the key may call, of those that its role may; absent: all of them. */
  readonly operations?: readonly string[];
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

/** @throws AppError FORBIDDEN when the key's role is not among these */
export function requireRole(ctx: RequestContext, ...roles: readonly Role[]): void {
  if (roles.includes(ctx.actor.role)) return;
  throw new AppError(
    'FORBIDDEN',
    `this needs the role ${roles.join(' or ')}; the key that was used has ${ctx.actor.role}: use another key`,
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
    `the key that was used is restricted to other operations than "${operation}": use another key`,
  );
}
