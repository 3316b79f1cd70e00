import { type TenantScope } from '../../persistence/tenant-scope';
import { type QuotaKind } from './quota';

/** Those that the tenant of the scope has; a kind that is absent has no limit. */
export async function quotaLimits(scope: TenantScope): Promise<ReadonlyMap<QuotaKind, number>> {
  const rows = await scope.query<{ kind: QuotaKind; amount: number }>(
    'SELECT kind, amount FROM tenant_quotas WHERE tenant_id = $1',
    [scope.tenantId],
  );
  return new Map(rows.map(({ kind, amount }) => [kind, amount]));
}

/** Gives the tenant of the scope limits; null takes one away, and a kind that is not named stays as it is. */
export async function setQuotaLimits(
  scope: TenantScope,
  limits: ReadonlyMap<QuotaKind, number | null>,
): Promise<void> {
  for (const [kind, limit] of limits) {
    if (limit === null) {
      await scope.query('DELETE FROM tenant_quotas WHERE tenant_id = $1 AND kind = $2', [
        scope.tenantId,
        kind,
      ]);
    } else {
      await scope.query(
        `INSERT INTO tenant_quotas (tenant_id, kind, amount) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, kind) DO UPDATE SET amount = excluded.amount`,
        [scope.tenantId, kind, limit],
      );
    }
  }
}
