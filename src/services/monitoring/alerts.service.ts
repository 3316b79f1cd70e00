import { MoreThan } from 'typeorm';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Alert } from './alert.entity';

/** Alerts that a follower is given at a time. */
const BATCH = 100;

/** The alerts of a tenant. */
export class AlertsService {
  constructor(private readonly database: Pick<Database, 'inTenant'>) {}

  /** Newest first, of one domain or of all. */
  async list(
    ctx: TenantContext,
    { domain, ...page }: PageRequest & { domain?: string | null | undefined },
  ): Promise<Page<Alert>> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(Alert).page(page, { where: domain == null ? {} : { domain }, orderBy: 'sequence' }),
    );
  }

  /** The number of the last one; 0 before the first. */
  async last(ctx: TenantContext): Promise<number> {
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const alert = await scope.repository(Alert).findOne({}, { order: { sequence: 'DESC' } });
      return alert?.sequence ?? 0;
    });
  }

  /** The next ones, oldest first. */
  async after(ctx: TenantContext, sequence: number): Promise<Alert[]> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope
        .repository(Alert)
        .find({ sequence: MoreThan(sequence) }, { order: { sequence: 'ASC' }, limit: BATCH }),
    );
  }
}
