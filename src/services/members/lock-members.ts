import { AppError } from '../../errors';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type Member } from './member.entity';

/** Changes of a tenant's members happen one after another: two administrators cannot remove each other at once. */
export async function lockMembers(scope: TenantScope): Promise<void> {
  await scope.query(`SELECT pg_advisory_xact_lock(hashtextextended('members ' || $1, 0))`, [scope.tenantId]);
}

/**
 * Under the lock. Administrators count whom an identity provider of the tenant still vouches for: others cannot sign in.
 * @throws AppError CONFLICT when this member is the only active TENANT_ADMIN
 */
export async function keepAnAdmin(scope: TenantScope, member: Member): Promise<void> {
  if (member.role !== 'TENANT_ADMIN' || member.state !== 'ACTIVE') return;
  const admins = await scope.query<{ id: string }>(ADMINS, [scope.tenantId]);
  if (admins.length !== 1 || admins[0]?.id !== member.id) return;
  throw new AppError(
    'CONFLICT',
    'This is the last member who is a TENANT_ADMIN: make another member one first.',
  );
}

/** Two of them say enough. */
const ADMINS = `
SELECT m.id FROM members m JOIN identity_providers p ON p.tenant_id = m.tenant_id AND p.issuer = m.issuer
 WHERE m.tenant_id = $1 AND m.role = 'TENANT_ADMIN' AND m.state = 'ACTIVE' LIMIT 2`;
