import { In } from 'typeorm';
import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { isUniqueViolation } from '../../platform/persistence/database-errors';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { indexesFor } from '../events/keys/indexes-for';
import { registerIndexes } from '../events/keys/register-indexes';
import { checkConfiguration, type ConfigurationInput } from './configuration-input';
import { type DomainCatalogue } from './domain-catalogue';
import { DomainConfiguration } from './domain-configuration.entity';

/** NOTIFY channel; payload `{tenantId, kind}`, delivered when the configuration commits. */
export const DOMAIN_CONFIGURED_CHANNEL = 'domain_configured';

/** What each tenant's data means: the domains that there are, and the tenant's own configuration of each. */
export class DomainsService {
  constructor(
    private readonly database: Database,
    readonly catalogue: DomainCatalogue,
  ) {}

  /** The configuration in force, or null when the tenant has never configured the domain. */
  async current(ctx: TenantContext, kind: string): Promise<DomainConfiguration | null> {
    const [configuration] = await this.currentOf(ctx, [kind]);
    return configuration ?? null;
  }

  /** The configuration in force; a tenant that never configured the domain gets the domain's own, as version 1. */
  async ensureCurrent(ctx: TenantContext, kind: string): Promise<DomainConfiguration> {
    const configuration = await this.current(ctx, kind);
    if (configuration) return configuration;
    try {
      return await this.configure(ctx, { kind });
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'CONFLICT')) throw error;
      return this.ensureCurrent(ctx, kind);
    }
  }

  /** The configurations in force of several kinds, in the kinds' order; null for what was never configured. */
  async currentOf(ctx: TenantContext, kinds: readonly string[]): Promise<(DomainConfiguration | null)[]> {
    for (const kind of kinds) this.catalogue.get(kind);
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const repository = scope.repository(DomainConfiguration);
      const found: (DomainConfiguration | null)[] = [];
      // A handful of kinds, each one index lookup.
      for (const kind of kinds) {
        found.push(await repository.findOne({ kind }, { order: { version: 'DESC' } }));
      }
      return found;
    });
  }

  /** The configurations with these ids that the tenant has, in no order. */
  async byIds(ctx: TenantContext, ids: readonly string[]): Promise<DomainConfiguration[]> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(DomainConfiguration).find({ id: In([...ids]) }),
    );
  }

  /** Every configuration that the tenant ever wrote for a kind, newest first. */
  async history(ctx: TenantContext, kind: string, page: PageRequest): Promise<Page<DomainConfiguration>> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(DomainConfiguration).page(page, { where: { kind }, orderBy: 'version' }),
    );
  }

  /**
   * Puts a new version of the tenant's configuration in force. Earlier versions, and the models trained with
   * them, stay as they are.
   *
   * @throws AppError INVALID_CONFIGURATION with every issue; BAD_USER_INPUT for an unknown kind; CONFLICT when
   * another request configured the domain at the same moment
   */
  async configure(ctx: TenantContext, input: ConfigurationInput): Promise<DomainConfiguration> {
    const checked = checkConfiguration(this.catalogue.get(input.kind), input);
    try {
      return await this.database.inTenant(ctx.actor.tenantId, async (scope) => {
        const repository = scope.repository(DomainConfiguration);
        const newest = await repository.findOne({ kind: input.kind }, { order: { version: 'DESC' } });
        const configuration = await repository.insert({
          kind: input.kind,
          version: (newest?.version ?? 0) + 1,
          ...checked,
          createdBy: ctx.actor.id,
        });
        recordChange(scope, ctx, {
          action: 'DOMAIN_CONFIGURED',
          objectId: input.kind,
          before: newest && summary(newest),
          after: summary(configuration),
        });
        // What its features will be looked up in is gathered while the first model is trained.
        await registerIndexes(scope, input.kind, indexesFor(checked.featureSpec));
        await scope.notify(DOMAIN_CONFIGURED_CHANNEL, { tenantId: scope.tenantId, kind: input.kind });
        return configuration;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new AppError(
        'CONFLICT',
        `The domain ${input.kind} was configured by another request at the same moment: look at it and try again.`,
      );
    }
  }
}

function summary({ id, version, featureSpec, modelConfig, threshold }: DomainConfiguration): object {
  return { configurationId: id, version, threshold, featureSpec, modelConfig };
}
