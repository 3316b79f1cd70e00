import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { periodOf, QUOTA_KINDS, type Quota, type QuotaKind } from '../../platform/tenancy/quotas/quota';
import { quotaLimits } from '../../platform/tenancy/quotas/quota-limits';

const COUNTED =
  'coalesce((SELECT used FROM quota_usage WHERE tenant_id = $1 AND kind = $2 AND period_start = $3), 0)';

const STORED_ROWS = `
  (SELECT coalesce(sum(row_count), 0) FROM datasets WHERE tenant_id = $1)
  + (SELECT coalesce(sum(count), 0) FROM event_kinds WHERE tenant_id = $1)`;

const STORED_BYTES = `
  (SELECT coalesce(sum(bytes), 0) FROM datasets WHERE tenant_id = $1)
  + (SELECT coalesce(sum(artifact_bytes), 0) FROM model_versions
      WHERE tenant_id = $1 AND (retired_at IS NULL OR serves_until_replaced))
  + (SELECT coalesce(sum((f.file ->> 'bytes')::bigint), 0)
       FROM jobs CROSS JOIN LATERAL (
              VALUES (result -> 'scores'), (result -> 'ranking'), (result -> 'quarantine')) AS f (file)
      WHERE tenant_id = $1 AND type = 'SCORING' AND result IS NOT NULL)`;

/** Of datasets whose scoring has not ended: all of their rows. */
const BEING_SCORED = `
  (SELECT coalesce(sum(dataset.row_count), 0)
     FROM jobs job JOIN datasets dataset ON dataset.tenant_id = job.tenant_id AND dataset.id = job.dataset_id
    WHERE job.tenant_id = $1 AND job.type = 'SCORING' AND job.finished_at IS NULL)`;

/** Of trainings that are executed. */
const running = (device: 'CPU' | 'GPU'): string => `
  (SELECT coalesce(sum(greatest(0, extract(epoch FROM clock_timestamp() - job.leased_at))), 0)
     FROM jobs job
    WHERE job.tenant_id = $1 AND job.lease_owner IS NOT NULL AND job.type = 'TRAINING' AND job.lease_device = '${device}')`;

/** What was used: `$1` is the tenant, `$2` the kind, `$3` when its running period began. */
const USED: Readonly<Record<QuotaKind, string>> = {
  PREDICTIONS_PER_DAY: COUNTED,
  SCORED_ROWS_PER_DAY: `${COUNTED} + ${BEING_SCORED}`,
  STORED_ROWS,
  STORED_BYTES,
  CPU_TRAINING_SECONDS_PER_MONTH: `${COUNTED} + ${running('CPU')}`,
  GPU_TRAINING_SECONDS_PER_MONTH: `${COUNTED} + ${running('GPU')}`,
};

/** What the tenant of the scope has used of a kind, in the period that the moment lies in. */
export async function usageOf(scope: TenantScope, kind: QuotaKind, now: number): Promise<number> {
  const [row] = await scope.query<{ used: number }>(
    `SELECT (${USED[kind]})::double precision AS used, $2::text AS kind, $3::timestamptz AS since`,
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
