import { type TenantScope } from '../../platform/persistence/tenant-scope';
import {
  periodOf,
  type Quota,
  QuotaExceededError,
  type QuotaKind,
} from '../../platform/tenancy/quotas/quota';
import { quotaLimits } from '../../platform/tenancy/quotas/quota-limits';
import { type RequestContext } from '../../platform/tenancy/request-context';
import { usageOf } from './usage';

/** "quot": one request at a time finds out whether what it adds to a quota fits. */
const LOCK = 0x71756f74;

export type Added = Readonly<Partial<Record<QuotaKind, number>>>;

/** Told what is left. Absent: nobody waits for it. */
type Asker = Pick<RequestContext, 'onQuota'>;

/**
 * Lets nothing be added that does not fit. What others add meanwhile waits until the transaction ends, so that they cannot
 * both take the same room.
 * @throws QuotaExceededError
 */
export function requireRoom(scope: TenantScope, asker: Asker, added: Added): Promise<void> {
  return require(scope, asker, { added, isWritten: false });
}

/**
 * As `requireRoom`, for what the transaction has written already: where it does not fit, it must not be committed.
 * @throws QuotaExceededError
 */
export function requireRoomTaken(scope: TenantScope, asker: Asker, added: Added): Promise<void> {
  return require(scope, asker, { added, isWritten: true });
}

async function require(
  scope: TenantScope,
  { onQuota }: Asker,
  { added, isWritten }: { readonly added: Added; readonly isWritten: boolean },
): Promise<void> {
  const limits = await quotaLimits(scope);
  const now = Date.now();
  for (const kind of (Object.keys(added) as QuotaKind[]).sort()) {
    const amount = added[kind] ?? 0;
    const limit = limits.get(kind);
    if (limit === undefined || amount === 0) continue;
    await scope.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, `${scope.tenantId} ${kind}`]);
    // A statement of its own, so that it sees what was committed while the lock was waited for.
    const total = await usageOf(scope, kind, now);
    const used = isWritten ? Math.max(0, total - amount) : total;
    const quota: Quota = { kind, limit, used, ...periodOf(kind, now) };
    if (used + amount > limit) {
      onQuota?.(quota);
      throw new QuotaExceededError(quota, amount);
    }
    onQuota?.({ ...quota, used: used + amount });
  }
}
