import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { DriftService } from '../../services/monitoring/drift.service';
import { ANALYSTS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput, ModelNotReady } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { DriftInput, DriftReport, DriftResult } from './drift';

@Resolver()
export class DriftResolver {
  constructor(private readonly drifts: DriftService) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => DriftResult, {
    complexity: COST.JOB,
    description:
      'How far recorded predictions of a span of time are from what their model version was trained on, per feature, of the score and of the outcomes. Error `NOT_FOUND` when your tenant has no such version of the domain. Roles: TENANT_ADMIN, ANALYST.',
  })
  drift(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => DriftInput, { description: 'Which predictions.' }) input: DriftInput,
  ): Promise<typeof DriftResult> {
    return outcome([InvalidInput, ModelNotReady], async () => {
      const { modelVersionId, domain, from, until } = input;
      const version = modelVersionId == null ? null : uuidArgument(modelVersionId, 'input.modelVersionId');
      const { tenantId } = requireTenant(ctx).actor;
      return DriftReport.from(
        await this.drifts.of(tenantId, { domain, modelVersionId: version, from, until }),
      );
    });
  }
}
