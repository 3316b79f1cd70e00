import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { AppError } from '../../../src/errors';
import { TENANT_MEMBERS } from '../../../src/graphql/authorization';
import { type GraphqlContext } from '../../../src/graphql/context';
import { COST } from '../../../src/graphql/limits/cost';
import { readInput } from '../../../src/graphql/prediction/read-input';
import { outcome } from '../../../src/graphql/results/outcome';
import { QuotaExceeded } from '../../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures } from '../../../src/graphql/results/shared-errors';
import { recommend } from '../../../src/learning/decisions/items/recommend';
import { DAY_MS } from '../../../src/learning/decisions/items/item-event';
import { requireTenant } from '../../../src/platform/tenancy/request-context';
import { type Role } from '../../../src/platform/tenancy/role';
import { ItemModelsService } from '../../../src/services/decisions/item-models.service';
import { PoliciesService } from '../../../src/services/policies/policies.service';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { shopPolicy } from '../policy';
import { intents } from '../resolver';
import { marginBy } from '../policy-schema';
import { checkRecommendItems, RecommendItemsInput } from './recommend-items-input';
import { RecommendedItems, RecommendItemsResult } from './recommended-items';

const KIND = 'ECOMMERCE_PURCHASE';

@Resolver()
export class RecommendItemsResolver {
  constructor(
    private readonly predictions: PredictionService,
    private readonly items: ItemModelsService,
    private readonly policies: PoliciesService,
  ) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => RecommendItemsResult, {
    complexity: COST.SUMMARY,
    description:
      'Which items to show a customer in the visit that begins now: by the probability that it ends in a purchase of them, times what they earn. Counts as one prediction. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  recommendItems(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RecommendItemsInput, { description: 'The customer, and what to choose among.' })
    input: RecommendItemsInput,
  ): Promise<typeof RecommendItemsResult> {
    return outcome<RecommendedItems, InvalidFeatures | QuotaExceeded>(
      [InvalidFeatures, QuotaExceeded],
      async () => {
        checkRecommendItems(input);
        const tenant = requireTenant(ctx);
        await ctx.take?.('predictions', 1);
        const { policy, version: policyVersion } = await this.policies.active(tenant, shopPolicy);
        const at = input.at ?? new Date();
        const [known, visit] = await Promise.all([
          this.items.read(tenant, {
            domain: KIND,
            columns: policy.columns,
            basketKind: policy.basketKind,
            subjectId: input.userId,
            at,
          }),
          this.intent(ctx, input, at),
        ]);
        const { rebuyAfterDays, maxPerCategory, repeatFactor } = policy.recommendations;
        const recommended = recommend({
          ...known,
          now: at.getTime(),
          candidates: input.candidates?.map(({ itemId, ...rest }) => ({ id: itemId, ...rest })) ?? null,
          intent: visit?.probability ?? null,
          first: input.first,
          diversity: { maxPerGroup: maxPerCategory, repeatFactor },
          rebuyAfterMs: rebuyAfterDays === null ? null : rebuyAfterDays * DAY_MS,
          marginOf: (item) => marginBy(policy, item),
        });
        return RecommendedItems.from(recommended, {
          visit,
          policyVersion,
          model: known.model,
          ownEvents: known.history.length,
        });
      },
    );
  }

  /**
   * That the visit ends in a purchase; null before the first promotion.
   * @throws AppError BAD_USER_INPUT for features that the model cannot take
   */
  private async intent(ctx: GraphqlContext, input: RecommendItemsInput, at: Date) {
    const { userId: subjectId, device, source, loyaltyTier, tenureDays, features } = input;
    const known = { '': { device, source, loyaltyTier, tenureDays } };
    try {
      const [answer] = await this.predictions.predictEach(requireTenant(ctx), KIND, {
        subjectIds: [subjectId],
        read: (spec) => {
          const { record, pathOf } = readInput({ at, known, features }, spec);
          return [{ record: { ...record, subjectId }, pathOf }];
        },
      });
      if (!answer?.item) throw new Error('one example was asked about and none answered');
      const { item, read, ...answered } = answer;
      if (!('issues' in item)) return intents.answerOf(item, { ...answered, subjectId });
      const issues = item.issues.map(({ path, message }) => ({ path: read.pathOf(path), message }));
      const [first] = issues;
      throw new AppError('BAD_USER_INPUT', first ? `${first.path} ${first.message}` : '', issues);
    } catch (error) {
      if (error instanceof AppError && error.code === 'MODEL_NOT_READY') return null;
      throw error;
    }
  }
}
