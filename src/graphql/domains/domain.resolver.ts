import { Arg, Args, Authorized, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { DomainsService } from '../../services/domains/domains.service';
import { ModelsService } from '../../services/models/models.service';
import { ADMINS, ANYONE, TENANT_MEMBERS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { DomainKind } from '../domain-kind';
import { COST, about } from '../limits/cost';
import { ModelVersion } from '../models/model-version';
import { Promotion, PromotionConnection } from '../models/promotion';
import { outcome } from '../results/outcome';
import { Conflict, InvalidConfiguration } from '../results/shared-errors';
import { DomainConfiguration, DomainConfigurationConnection } from './configuration';
import { ConfigureDomainInput, ConfigureDomainResult, ConfigureDomainSuccess } from './configure-domain';
import { Domain } from './domain';

@Resolver(() => Domain)
export class DomainResolver {
  constructor(
    private readonly service: DomainsService,
    private readonly models: ModelsService,
  ) {}

  @Authorized<Role>(ANYONE)
  @Query(() => [Domain], {
    complexity: about(10),
    description: 'The kinds of prediction that this platform knows. Roles: all.',
  })
  domains(): Domain[] {
    return this.service.catalogue.list().map((entry) => Domain.from(entry));
  }

  @Authorized<Role>(ANYONE)
  @Query(() => Domain, { description: 'One kind of prediction. Roles: all.' })
  domain(@Arg('kind', () => DomainKind, { description: 'Which.' }) kind: string): Domain {
    return Domain.from(this.service.catalogue.get(kind));
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => ConfigureDomainResult, {
    complexity: COST.CHANGE,
    description:
      "Puts a new version of your tenant's configuration in force. Models that were trained before go on serving as they are. Roles: TENANT_ADMIN.",
  })
  async configureDomain(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => ConfigureDomainInput, { description: 'The configuration.' })
    input: ConfigureDomainInput,
  ): Promise<typeof ConfigureDomainResult> {
    return outcome([InvalidConfiguration, Conflict], async () => {
      const configuration = await this.service.configure(requireTenant(ctx), input);
      return Object.assign(new ConfigureDomainSuccess(), {
        configuration: DomainConfiguration.from(configuration),
      });
    });
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => DomainConfiguration, {
    nullable: true,
    description:
      "Your tenant's configuration in force; null when it has none. Roles: TENANT_ADMIN, ANALYST, SERVICE.",
  })
  async configuration(
    @Root() { kind }: Domain,
    @Ctx() ctx: GraphqlContext,
  ): Promise<DomainConfiguration | null> {
    const configuration = await ctx.loaders.currentConfiguration.load(kind);
    return configuration && DomainConfiguration.from(configuration);
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => DomainConfigurationConnection, {
    description:
      'Every configuration that your tenant wrote, newest first. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async configurations(
    @Root() { kind }: Domain,
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<DomainConfiguration>> {
    return DomainConfigurationConnection.from(
      await this.service.history(requireTenant(ctx), kind, page),
      (entity) => DomainConfiguration.from(entity),
    );
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => ModelVersion, {
    nullable: true,
    description:
      'The version that answers predictions now; null before the first promotion. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async champion(@Root() { kind }: Domain, @Ctx() ctx: GraphqlContext): Promise<ModelVersion | null> {
    const promotion = await ctx.loaders.currentPromotion.load(kind);
    return promotion && ModelVersion.from(await ctx.loaders.modelVersion.load(promotion.modelVersionId));
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => PromotionConnection, {
    description: 'What served, and since when, newest first. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async promotions(
    @Root() { kind }: Domain,
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Promotion>> {
    return PromotionConnection.from(await this.models.promotions(requireTenant(ctx), kind, page), (entity) =>
      Promotion.from(entity),
    );
  }
}
