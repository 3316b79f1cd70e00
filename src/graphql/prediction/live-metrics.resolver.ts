import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { LiveMetricsService } from '../../services/prediction/outcomes/live-metrics.service';
import { ANALYSTS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { LiveMetrics, LiveMetricsInput, LiveMetricsResult } from './live-metrics';

@Resolver()
export class LiveMetricsResolver {
  constructor(private readonly metrics: LiveMetricsService) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => LiveMetricsResult, {
    complexity: COST.SUMMARY,
    description:
      'How good recorded predictions were, as far as their outcomes are known, per version, day and segment. Roles: TENANT_ADMIN, ANALYST.',
  })
  liveMetrics(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => LiveMetricsInput, { description: 'Of which predictions, and grouped by what.' })
    input: LiveMetricsInput,
  ): Promise<typeof LiveMetricsResult> {
    return outcome([InvalidInput], async () => {
      const { modelVersionId, ...rest } = input;
      const version = modelVersionId == null ? null : uuidArgument(modelVersionId, 'modelVersionId');
      const groups = await this.metrics.of(requireTenant(ctx), { ...rest, modelVersionId: version });
      return Object.assign(new LiveMetrics(), { groups });
    });
  }
}
