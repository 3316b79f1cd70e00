import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Quota, type QuotaKind } from '../../platform/tenancy/quotas/quota';
import { quotaLimits, setQuotaLimits } from '../../platform/tenancy/quotas/quota-limits';
import { type UsageMeter } from '../../platform/tenancy/quotas/usage-meter';
import { type RequestContext, type TenantContext } from '../../platform/tenancy/request-context';
import { getTenant } from '../../platform/tenancy/tenants';
import { readQuotas } from './usage';

export interface QuotaChange {
  readonly kind: QuotaKind;
  /** Null: as much as there is. */
  readonly limit: number | null;
}

/** How much tenants may use of what. */
export class QuotasService {
  constructor(
    private readonly database: Database,
    private readonly meter: Pick<UsageMeter, 'flushOf'>,
  ) {}

  /** Those of the caller's tenant. */
  async ofCaller(ctx: TenantContext): Promise<Quota[]> {
    return this.read(ctx.actor.tenantId);
  }

  /** For platform administrators. @throws AppError NOT_FOUND when there is no such tenant */
  async ofTenant(_ctx: RequestContext, tenantId: string): Promise<Quota[]> {
    await getTenant(this.database, tenantId);
    return this.read(tenantId);
  }

  /**
   * Sets limits of a tenant; kinds that are not named stay as they are. For platform administrators.
   * @throws AppError BAD_USER_INPUT; NOT_FOUND when there is no such tenant
   */
  async set(ctx: RequestContext, tenantId: string, changes: readonly QuotaChange[]): Promise<Quota[]> {
    check(changes);
    await getTenant(this.database, tenantId);
    await this.database.inTenant(tenantId, async (scope) => {
      const former = await quotaLimits(scope);
      await setQuotaLimits(scope, new Map(changes.map(({ kind, limit }) => [kind, limit])));
      recordChange(scope, ctx, {
        action: 'QUOTAS_SET',
        objectId: tenantId,
        before: Object.fromEntries(changes.map(({ kind }) => [kind, former.get(kind) ?? null])),
        after: Object.fromEntries(changes.map(({ kind, limit }) => [kind, limit])),
      });
    });
    return this.read(tenantId);
  }

  private async read(tenantId: string): Promise<Quota[]> {
    // What this process counted is part of it.
    await this.meter.flushOf(tenantId);
    return this.database.inTenant(tenantId, (scope) => readQuotas(scope, Date.now()));
  }
}

function check(changes: readonly QuotaChange[]): void {
  const issues = [
    ...(changes.length === 0 ? [{ path: 'quotas', message: 'must name at least one kind' }] : []),
    ...changes.flatMap(({ kind, limit }, place) => [
      ...(limit === null || (Number.isSafeInteger(limit) && limit >= 0)
        ? []
        : [
            { path: `quotas.${place}.limit`, message: 'must be a whole number from 0, or null for no limit' },
          ]),
      ...(!new Set(changes.slice(0, place).map((other) => other.kind)).has(kind)
        ? []
        : [{ path: `quotas.${place}.kind`, message: 'is named before: give each kind once' }]),
    ]),
  ];
  if (issues.length === 0) return;
  const message = issues.map((issue) => `"${issue.path}" ${issue.message}`).join('; ');
  throw new AppError('BAD_USER_INPUT', message, issues);
}
