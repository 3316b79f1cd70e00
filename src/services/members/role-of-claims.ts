import { type TenantRole } from '../../platform/tenancy/api-keys';
import { type IdentityProvider } from './identity-provider.entity';

/** The role that a token's claims give; null when they give none. */
export function roleOfClaims(
  claims: Readonly<Record<string, unknown>>,
  { roleClaim, roleMapping }: Pick<IdentityProvider, 'roleClaim' | 'roleMapping'>,
): TenantRole | null {
  if (roleClaim === null) return null;
  const value = claimAt(claims, roleClaim);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return roleMapping.find((entry) => values.includes(entry.value))?.role ?? null;
}

/** A claim by its name, which may have dots itself, or a nested one by the names on the way, such as `realm_access.roles`. */
function claimAt(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (holder, key) =>
        typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
          ? (holder as Readonly<Record<string, unknown>>)[key]
          : undefined,
      claims,
    );
}
