import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { periodOf, QUOTA_KINDS, type Quota, type QuotaKind } from '../../platform/tenancy/quotas/quota';
import { quotaLimits } from '../../platform/tenancy/quotas/quota-limits';

/** What the tenant of the scope has used of a kind, in the period that the moment lies in. */
export async function usageOf(scope: TenantScope, kind: QuotaKind, now: number): Promise<number> {
  const [row] = await scope.query<{ used: number }>(
    'SELECT used FROM quota_usage WHERE tenant_id = $1 AND kind = $2 AND period_start = $3',
    [scope.tenantId, kind, periodOf(kind, now).startsAt],
  );
  return row?.used ?? 0;
}

/** All quotas of the tenant of the scope, in the order of their kinds. */
export async function readQuotas(scope: TenantScope, now: number): Promise<Quota[]> {
  const limits = await quotaLimits(scope);
  const quotas: Quota[] = [];
  for (const kind of QUOTA_KINDS) {
    const used = await usageOf(scope, kind, now);
    quotas.push({ kind, limit: limits.get(kind) ?? null, used, ...periodOf(kind, now) });
  }
  return quotas;
}
