import { AppError } from '../../errors';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { DomainConfiguration } from '../domains/domain-configuration.entity';

/** The configurations in force, for processes that know no domains: what was never configured has none. */
export class ConfiguredDomains {
  constructor(private readonly database: Pick<Database, 'inTenant'>) {}

  /** @throws AppError CONFLICT */
  async ensureCurrent(ctx: TenantContext, kind: string): Promise<DomainConfiguration> {
    const found = await this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(DomainConfiguration).findOne({ kind }, { order: { version: 'DESC' } }),
    );
    if (found) return found;
    throw new AppError('CONFLICT', `The domain ${kind} is not configured yet: call configureDomain first.`);
  }
}
