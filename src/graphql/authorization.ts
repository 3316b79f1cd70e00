import { type AuthCheckerFn } from 'type-graphql';
import { AppError } from '../errors';
import { requireOperation, requireRole } from '../platform/tenancy/request-context';
import { type Role } from '../platform/tenancy/role';
import { type GraphqlContext } from './context';

/** What `@Authorized<Role>(…)` means: the key's role is one of these, and it is not restricted to other operations. */
export const checkRole: AuthCheckerFn<GraphqlContext, Role> = ({ context, info }, roles) => {
  // Nobody waits any more: nothing new is begun.
  if (context.signal?.aborted === true) throw new AppError('CANCELLED', 'the request was given up');
  requireRole(context, ...roles);
  // What an operation leads to is part of it.
  if (info.path.prev === undefined) requireOperation(context, info.fieldName);
  return true;
};

/** Everybody with a key. */
export const ANYONE = ['PLATFORM_ADMIN', 'TENANT_ADMIN', 'ANALYST', 'SERVICE'] as const satisfies Role[];
/** Every key of a tenant. */
export const TENANT_MEMBERS = ['TENANT_ADMIN', 'ANALYST', 'SERVICE'] as const satisfies Role[];
/** People who look at data, runs and models. */
export const ANALYSTS = ['TENANT_ADMIN', 'ANALYST'] as const satisfies Role[];
/** Who brings data in as it happens. */
export const SENDERS = ['TENANT_ADMIN', 'SERVICE'] as const satisfies Role[];
/** People who decide for the tenant. */
export const ADMINS = ['TENANT_ADMIN'] as const satisfies Role[];
export const PLATFORM_ADMINS = ['PLATFORM_ADMIN'] as const satisfies Role[];
