import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { AppError } from '../../src/errors';
import { ANALYSTS } from '../../src/graphql/authorization';
import { type GraphqlContext } from '../../src/graphql/context';
import { COST } from '../../src/graphql/limits/cost';
import { ModelVersion } from '../../src/graphql/models/model-version';
import { outcome } from '../../src/graphql/results/outcome';
import { Conflict, InvalidInput, ModelNotReady } from '../../src/graphql/results/shared-errors';
import { requireTenant } from '../../src/platform/tenancy/request-context';
import { type Role } from '../../src/platform/tenancy/role';
import { HeldOutGroupsService } from '../../src/services/models/held-out-groups.service';
import { PoliciesService } from '../../src/services/policies/policies.service';
import { PolicyPreviewsService } from '../../src/services/policies/policy-previews.service';
import { fairnessOf, MIN_GROUP } from './fairness';
import { CreditFairness, CreditFairnessInput, CreditFairnessResult } from './fairness-types';
import { rangesOf } from './number-ranges';
import { riskPolicy } from './policy';

@Resolver()
export class CreditFairnessResolver {
  constructor(
    private readonly policies: PoliciesService,
    private readonly previews: PolicyPreviewsService,
    private readonly groups: HeldOutGroupsService,
  ) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => CreditFairnessResult, {
    complexity: COST.DATASET,
    description:
      'How the policy would have treated groups by a column that the model does not read: approval and default rates, adverse impact ratio and equal opportunity difference, with intervals, on the held-out examples of the version that serves. Error `NOT_FOUND` when there is no such version of the policy. Roles: TENANT_ADMIN, ANALYST.',
  })
  async creditFairness(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CreditFairnessInput, { description: 'Which groups to compare.' })
    { column, bounds, reference, policyVersion }: CreditFairnessInput,
  ): Promise<typeof CreditFairnessResult> {
    return outcome([InvalidInput, ModelNotReady, Conflict], async () => {
      const tenant = requireTenant(ctx);
      const inRange = bounds ? rangesOf(bounds) : null;
      const { policy, version } = await this.policies.read(tenant, riskPolicy, policyVersion);
      const champion = await this.previews.champion(tenant, riskPolicy.kind);
      const { unmatched, ...examples } = await this.groups.heldOut(tenant, champion, column);
      const groups_N = inRange ? examples.groups_N.map(inRange) : examples.groups_N;
      const fairness = fairnessOf(policy, { ...examples, groups_N, unmatched }, reference);
      if (!fairness)
        throw new AppError(
          'CONFLICT',
          `There is nothing to compare: ${reference == null ? 'no group' : `no group ${JSON.stringify(reference.slice(0, 80))}`} has ${MIN_GROUP} held-out examples.`,
        );
      return Object.assign(new CreditFairness(), {
        ...fairness,
        modelVersion: ModelVersion.from(champion),
        policyVersion: version,
        unmatched,
      });
    });
  }
}
