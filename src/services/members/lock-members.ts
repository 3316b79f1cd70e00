import { AppError } from '../../errors';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { Member } from './member.entity';

/** Changes of a tenant's members happen one after another: two administrators cannot remove each other at once. */
export async function lockMembers(scope: TenantScope): Promise<void> {
  await scope.query(`SELECT pg_advisory_xact_lock(hashtextextended('members ' || $1, 0))`, [scope.tenantId]);
}

/**
 * Under the lock.
 * @throws AppError CONFLICT when this member is the only active TENANT_ADMIN
 */
export async function keepAnAdmin(scope: TenantScope, member: Member): Promise<void> {
  if (member.role !== 'TENANT_ADMIN' || member.state !== 'ACTIVE') return;
  if ((await scope.repository(Member).count({ role: 'TENANT_ADMIN', state: 'ACTIVE' })) > 1) return;
  throw new AppError(
    'CONFLICT',
    'This is the last member who is a TENANT_ADMIN: make another member one first.',
  );
}
