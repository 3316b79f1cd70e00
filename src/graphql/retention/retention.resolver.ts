import { Arg, Authorized, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { type RetentionPeriod as Period, RetentionService } from '../../services/retention/retention.service';
import { ADMINS, ANALYSTS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import {
  RetentionPeriod,
  RetentionRemoval,
  SetRetentionInput,
  SetRetentionResult,
  SetRetentionSuccess,
} from './retention';

@Resolver()
export class RetentionResolver {
  constructor(private readonly retention: RetentionService) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => [RetentionPeriod], {
    name: 'retention',
    complexity: COST.SUMMARY,
    description:
      'For how long your tenant keeps what, what was removed lately, and what goes next. Roles: TENANT_ADMIN, ANALYST.',
  })
  async periods(@Ctx() ctx: GraphqlContext): Promise<RetentionPeriod[]> {
    return told(await this.retention.get(requireTenant(ctx)));
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => SetRetentionResult, {
    complexity: COST.CHANGE + COST.SUMMARY,
    description:
      'Sets for how long your tenant keeps what. What is older goes within the hour, and cannot be got back. What a model version needs to serve is never removed. Roles: TENANT_ADMIN.',
  })
  async setRetention(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => SetRetentionInput, { description: 'The periods.' }) input: SetRetentionInput,
  ): Promise<typeof SetRetentionResult> {
    return outcome([InvalidInput], async () => {
      const retention = told(await this.retention.set(requireTenant(ctx), input.periods));
      return Object.assign(new SetRetentionSuccess(), { retention });
    });
  }
}

const told = (periods: readonly Period[]): RetentionPeriod[] =>
  periods.map((period) =>
    Object.assign(new RetentionPeriod(), {
      ...period,
      removals: period.removals.map((removal) => Object.assign(new RetentionRemoval(), removal)),
    }),
  );
