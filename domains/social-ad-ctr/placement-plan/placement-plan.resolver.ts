import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { AppError } from '../../../src/errors';
import { ANALYSTS } from '../../../src/graphql/authorization';
import { type GraphqlContext } from '../../../src/graphql/context';
import { COST } from '../../../src/graphql/limits/cost';
import { IntervalEstimate } from '../../../src/graphql/models/segment-calibration';
import { outcome } from '../../../src/graphql/results/outcome';
import { InvalidInput, ModelNotReady } from '../../../src/graphql/results/shared-errors';
import { type BetaPosterior } from '../../../src/learning/decisions/thompson';
import { ratePosterior } from '../../../src/learning/evaluation/rate-posterior';
import { requireTenant, type TenantContext } from '../../../src/platform/tenancy/request-context';
import { type Role } from '../../../src/platform/tenancy/role';
import { EvaluationsService } from '../../../src/services/models/evaluations.service';
import { type ModelVersion } from '../../../src/services/models/model-version.entity';
import { ModelsService } from '../../../src/services/models/models.service';
import { AD_KIND } from '../ad-kind';
import { checkPlan, priceCurveOf, recordedRates } from './check-plan';
import { planPlacements, type PlannedOption } from './plan';
import { PlacementPlan, PlacementPlanResult } from './placement-plan';
import { type PlacementOptionInput, PlacementPlanInput } from './placement-plan-input';

/** What the model's answer weighs beside the clicks of its test part, in impressions. */
const MODEL_STRENGTH = 200;

@Resolver()
export class PlacementPlanResolver {
  constructor(
    private readonly models: ModelsService,
    private readonly evaluations: EvaluationsService,
  ) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => PlacementPlanResult, {
    complexity: COST.DATASET,
    description:
      'How to spread a budget over placements and segments so that it brings most clicks or conversions, with the returns of each as curves. Changes nothing. Roles: TENANT_ADMIN, ANALYST.',
  })
  async placementPlan(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => PlacementPlanInput, { description: 'The budget, and where it may go.' })
    input: PlacementPlanInput,
  ): Promise<typeof PlacementPlanResult> {
    return outcome([InvalidInput, ModelNotReady], async () => {
      checkPlan(input);
      const tenant = requireTenant(ctx);
      const needsModel = input.options.some(({ recorded }) => recorded == null);
      const version = needsModel ? await this.champion(tenant) : null;
      const options: PlannedOption[] = [];
      for (const [index, option] of input.options.entries()) {
        const { name, minimumSpend: least, maximumSpend, recorded } = option;
        const rates = recorded
          ? recordedRates(recorded, input.objective)
          : [await this.heldOutRate(tenant, version, { option, path: `options.${index}` })];
        options.push({ ...priceCurveOf(option), name, rates, least, most: maximumSpend ?? Infinity });
      }
      const worthwhile = input.maximumCost == null ? 0 : 1 / input.maximumCost;
      const plan = planPlacements(options, { budget: input.budget, worthwhile });
      if (!plan) throw new Error('a budget that was checked is too small');
      return Object.assign(new PlacementPlan(), {
        ...plan,
        results: IntervalEstimate.from(plan.results),
        shares: plan.shares.map((share) => ({ ...share, results: IntervalEstimate.from(share.results) })),
        modelVersion: version && { id: version.id, number: version.number, createdAt: version.createdAt },
      });
    });
  }

  private async champion(tenant: TenantContext): Promise<ModelVersion> {
    const [promotion] = await this.models.currentPromotions(tenant, [AD_KIND]);
    if (promotion) return this.models.get(tenant, promotion.modelVersionId);
    throw new AppError(
      'MODEL_NOT_READY',
      `No model of ${AD_KIND} is promoted yet, whose click rates could be taken: give recorded results, or train one with startTraining, then call promoteModel.`,
    );
  }

  /** @throws AppError BAD_USER_INPUT with paths in the option */
  private async heldOutRate(
    tenant: TenantContext,
    version: ModelVersion | null,
    { option, path }: { option: PlacementOptionInput; path: string },
  ): Promise<BetaPosterior> {
    if (!version) throw new Error('there is no version to take a rate of');
    const { placement, slice } = option;
    const given = slice ?? [];
    // The placement comes last, so that the others keep their places in issues.
    const conditions = placement == null ? given : [...given, { feature: 'placement', values: [placement] }];
    try {
      const { examples } = await this.evaluations.heldOut(tenant, version, { slice: conditions });
      if (examples.labels_N.length > 0) return ratePosterior(examples, MODEL_STRENGTH);
      const issue = { path, message: 'the version that serves has no test examples: give recorded results' };
      throw new AppError('BAD_USER_INPUT', `${issue.path} ${issue.message}.`, [issue]);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'BAD_USER_INPUT') throw error;
      const issues = error.issues.map((issue) => ({
        path: placeOf(issue.path, { path, slices: given.length }),
        message: issue.message,
      }));
      throw new AppError('BAD_USER_INPUT', `${issues[0]?.path}: ${issues[0]?.message}.`, issues);
    }
  }
}

/** Where in the input the issue of a slice is. */
function placeOf(issue: string, { path, slices }: { path: string; slices: number }): string {
  if (issue.startsWith(`slice.${slices}.`) || (issue === 'slice' && slices === 0)) return `${path}.placement`;
  return issue.startsWith('slice') ? `${path}.${issue}` : issue;
}
