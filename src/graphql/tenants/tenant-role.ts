import { AppError } from '../../errors';
import { type TenantRole } from '../../platform/tenancy/api-keys';
import { type Role } from '../../platform/tenancy/role';

/**
 * A role that a tenant can give.
 * @param path where it stands in the input
 * @throws AppError BAD_USER_INPUT for PLATFORM_ADMIN
 */
export function tenantRole(role: Role, path = 'role'): TenantRole {
  if (role !== 'PLATFORM_ADMIN') return role;
  const message = 'PLATFORM_ADMIN keys come from the configuration of the platform; choose another role';
  throw new AppError('BAD_USER_INPUT', `The role cannot be given: ${message}.`, [{ path, message }]);
}
