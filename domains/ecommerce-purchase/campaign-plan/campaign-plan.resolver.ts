import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { AppError } from '../../../src/errors';
import { ANALYSTS } from '../../../src/graphql/authorization';
import { type GraphqlContext } from '../../../src/graphql/context';
import { perItem } from '../../../src/graphql/limits/cost';
import { outcome } from '../../../src/graphql/results/outcome';
import { QuotaExceeded } from '../../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures, ModelNotReady } from '../../../src/graphql/results/shared-errors';
import { requireTenant } from '../../../src/platform/tenancy/request-context';
import { type Role } from '../../../src/platform/tenancy/role';
import { PoliciesService } from '../../../src/services/policies/policies.service';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { questionOf } from '../../../src/services/prediction/question';
import { shopPolicy } from '../policy';
import { CampaignPlan, CampaignPlanResult } from './campaign-plan';
import { CampaignPlanInput, checkCampaignPlan } from './campaign-plan-input';
import { planCampaign } from './plan-campaign';

const KIND = 'ECOMMERCE_PURCHASE';

@Resolver()
export class CampaignPlanResolver {
  constructor(
    private readonly predictions: PredictionService,
    private readonly policies: PoliciesService,
  ) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => CampaignPlanResult, {
    complexity: perItem('input.userIds'),
    description:
      'Which offer to make to whom under a budget, so that it brings as many purchases, or as much profit, as possible; histories are looked up. What an offer does to a customer is your assumption, not the model’s knowledge. Roles: TENANT_ADMIN, ANALYST.',
  })
  campaignPlan(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CampaignPlanInput, { description: 'Customers, offers and budget.' })
    input: CampaignPlanInput,
  ): Promise<typeof CampaignPlanResult> {
    return outcome([InvalidFeatures, ModelNotReady, QuotaExceeded], async () => {
      checkCampaignPlan(input);
      const tenant = requireTenant(ctx);
      const { userIds, offers, budget, objective } = input;
      await ctx.take?.('predictions', userIds.length);
      const { policy } = await this.policies.active(tenant, shopPolicy);
      const at = input.at ?? undefined;
      const answers = await this.predictions.predictEach(tenant, KIND, {
        ...questionOf(userIds.map((subjectId) => ({ subjectId, at, features: {} }))),
        areCandidates: true,
      });
      const probabilities = answers.map(({ item }, place) => {
        if (!item) throw new Error('a customer was asked about and not answered');
        if ('probability' in item) return item.probability;
        const issues = item.issues.map(({ path, message }) => ({
          path: `userIds.${place}.${path}`,
          message,
        }));
        const [first] = issues;
        throw new AppError('BAD_USER_INPUT', first ? `${first.path} ${first.message}` : '', issues);
      });
      const margin = input.margin ?? policy.audience.purchaseBenefit;
      const plan = planCampaign({ probabilities, offers, budget, margin, objective });
      return CampaignPlan.from(plan, userIds, answers);
    });
  }
}
