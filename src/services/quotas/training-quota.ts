import { type Database } from '../../platform/persistence/database';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import {
  periodOf,
  type Quota,
  QuotaExceededError,
  type QuotaKind,
} from '../../platform/tenancy/quotas/quota';
import { quotaLimits } from '../../platform/tenancy/quotas/quota-limits';
import { type RequestContext } from '../../platform/tenancy/request-context';
import { type RequestedDevice } from '../training/requested-device';
import { usageOf } from './usage';

const KINDS = {
  CPU: 'CPU_TRAINING_SECONDS_PER_MONTH',
  GPU: 'GPU_TRAINING_SECONDS_PER_MONTH',
} as const satisfies Record<string, QuotaKind>;
type Device = keyof typeof KINDS;

/**
 * On what a training may be executed: where a tenant has used its seconds on GPUs, any device means a CPU.
 * @throws QuotaExceededError when nothing is left on what was asked for
 */
export async function deviceWithinQuota(
  scope: TenantScope,
  { onQuota }: Pick<RequestContext, 'onQuota'>,
  wanted: RequestedDevice,
): Promise<RequestedDevice> {
  const quotas = await usedUp(scope, onQuota);
  if (wanted !== 'AUTO') {
    if (quotas[wanted]) throw new QuotaExceededError(quotas[wanted]);
    return wanted;
  }
  if (quotas.CPU) throw new QuotaExceededError(quotas.CPU);
  return quotas.GPU ? 'CPU' : 'AUTO';
}

/**
 * Why a training must not begin whose turn has come: its tenant has used its seconds since it was asked for. Null when it may, and for
 * one that had begun.
 */
export async function beyondTrainingQuota(
  database: Database,
  { tenantId, runId }: { readonly tenantId: string; readonly runId: string },
): Promise<QuotaExceededError | null> {
  return database.inTenant(tenantId, async (scope) => {
    const [run] = await scope.query<{ device: Device }>(
      `SELECT lease_device AS device FROM jobs
        WHERE tenant_id = $1 AND id = $2 AND type = 'TRAINING' AND attempt = 1 AND lease_device IS NOT NULL`,
      [tenantId, runId],
    );
    const quota = run && (await usedUp(scope))[run.device];
    return quota ? new QuotaExceededError(quota) : null;
  });
}

/** The quotas of which nothing is left. */
async function usedUp(
  scope: TenantScope,
  onQuota?: (quota: Quota) => void,
): Promise<Readonly<Partial<Record<Device, Quota>>>> {
  const limits = await quotaLimits(scope);
  const now = Date.now();
  const found: Partial<Record<Device, Quota>> = {};
  for (const device of ['CPU', 'GPU'] as const) {
    const kind = KINDS[device];
    const limit = limits.get(kind);
    if (limit === undefined) continue;
    const quota = { kind, limit, used: await usageOf(scope, kind, now), ...periodOf(kind, now) };
    onQuota?.(quota);
    if (Math.floor(quota.used) >= limit) found[device] = quota;
  }
  return found;
}
