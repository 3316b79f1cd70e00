import { Arg, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { QuotasService } from '../../services/quotas/quotas.service';
import { PLATFORM_ADMINS, TENANT_MEMBERS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { Quota, SetTenantQuotasInput, SetTenantQuotasResult, SetTenantQuotasSuccess } from './quota';

@Resolver(() => Quota)
export class QuotaResolver {
  constructor(private readonly service: QuotasService) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => [Quota], {
    complexity: COST.SUMMARY,
    description:
      'How much your tenant may use of what, and how much it has used: every kind, with a limit or without. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async quotas(@Ctx() ctx: GraphqlContext): Promise<Quota[]> {
    return (await this.service.ofCaller(requireTenant(ctx))).map((quota) => Quota.from(quota));
  }

  @Authorized<Role>(PLATFORM_ADMINS)
  @Query(() => [Quota], {
    complexity: COST.SUMMARY,
    description:
      '`quotas` of any tenant. Error `NOT_FOUND` when there is no such tenant. Roles: PLATFORM_ADMIN.',
  })
  async tenantQuotas(
    @Ctx() ctx: GraphqlContext,
    @Arg('tenantId', () => ID, { description: 'The tenant.' }) tenantId: string,
  ): Promise<Quota[]> {
    const id = uuidArgument(tenantId, 'tenantId');
    return (await this.service.ofTenant(ctx, id)).map((quota) => Quota.from(quota));
  }

  @Authorized<Role>(PLATFORM_ADMINS)
  @Mutation(() => SetTenantQuotasResult, {
    complexity: COST.CHANGE + COST.SUMMARY,
    description:
      'Sets how much a tenant may use. What it has used stays: below that, nothing more goes until it starts again, or less is stored. Error `NOT_FOUND` when there is no such tenant. Roles: PLATFORM_ADMIN.',
  })
  async setTenantQuotas(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => SetTenantQuotasInput, { description: 'The limits.' }) input: SetTenantQuotasInput,
  ): Promise<typeof SetTenantQuotasResult> {
    const tenantId = uuidArgument(input.tenantId, 'input.tenantId');
    return outcome([InvalidInput], async () => {
      const changes = input.quotas.map(({ kind, limit = null }) => ({ kind, limit }));
      const quotas = (await this.service.set(ctx, tenantId, changes)).map((quota) => Quota.from(quota));
      return Object.assign(new SetTenantQuotasSuccess(), { quotas });
    });
  }
}
