import { Arg, Args, Authorized, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { AppError } from '../../src/errors';
import { ANALYSTS } from '../../src/graphql/authorization';
import { type Connection, PageArgs } from '../../src/graphql/connections/connection';
import { type GraphqlContext } from '../../src/graphql/context';
import { COST } from '../../src/graphql/limits/cost';
import { ModelVersion } from '../../src/graphql/models/model-version';
import { outcome } from '../../src/graphql/results/outcome';
import { Conflict, InvalidInput, ModelNotReady } from '../../src/graphql/results/shared-errors';
import { uuidArgument } from '../../src/graphql/uuid-argument';
import { type Estimate, shareEstimate } from '../../src/learning/evaluation/ratio-interval';
import { checkPageSize, encodeCursor } from '../../src/platform/persistence/keyset';
import { requireTenant, type TenantContext } from '../../src/platform/tenancy/request-context';
import { type Role } from '../../src/platform/tenancy/role';
import { type ModelVersion as ModelVersionEntity } from '../../src/services/models/model-version.entity';
import { PoliciesService } from '../../src/services/policies/policies.service';
import { PolicyPreviewsService } from '../../src/services/policies/policy-previews.service';
import { ScoringScores } from '../../src/services/scoring/scoring-scores';
import { riskPolicy } from './policy';
import { bandOf, type RiskPolicy } from './policy-schema';
import { Portfolio } from './portfolio';
import {
  CreditPortfolio,
  CreditPortfolioInput,
  CreditPortfolioResult,
  PortfolioAccount,
  PortfolioAccountConnection,
  PortfolioBand,
} from './portfolio-types';
import { scoreOf } from './scorecard';
import { readScenarios } from './stress-scenarios';

/** Accounts added up, and what is known of them. */
interface AddedUp {
  readonly portfolio: Portfolio;
  readonly version: ModelVersionEntity;
  readonly exposureFeature: string | null;
  readonly defaultRateOf: (band: number) => Estimate | null;
}

@Resolver(() => PortfolioBand)
export class CreditPortfolioResolver {
  constructor(
    private readonly policies: PoliciesService,
    private readonly previews: PolicyPreviewsService,
    private readonly scores: ScoringScores,
  ) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => CreditPortfolioResult, {
    complexity: COST.DATASET,
    description:
      'Scored accounts as a whole: bands, expected loss and stress, over the held-out examples of the version that serves or the scores of a batch scoring. Error `NOT_FOUND` when your tenant has no such scoring or version of the policy. Roles: TENANT_ADMIN, ANALYST.',
  })
  async creditPortfolio(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CreditPortfolioInput, { description: 'Which accounts, policy and stress.' })
    input: CreditPortfolioInput,
  ): Promise<typeof CreditPortfolioResult> {
    const scoringId = input.scoringId == null ? null : uuidArgument(input.scoringId, 'input.scoringId');
    return outcome([InvalidInput, ModelNotReady, Conflict], async () => {
      const tenant = requireTenant(ctx);
      const scenarios = readScenarios(input.scenarios);
      const { policy, version: policyVersion } = await this.policies.read(
        tenant,
        riskPolicy,
        input.policyVersion,
      );
      const portfolio = new Portfolio(policy, scenarios);
      const added = await (scoringId === null
        ? this.addHeldOut(tenant, policy, portfolio)
        : this.addScores(ctx, scoringId, portfolio));
      return Object.assign(new CreditPortfolio(), {
        basis: scoringId === null ? 'HELD_OUT' : 'SCORING',
        modelVersion: ModelVersion.from(added.version),
        policyVersion,
        lossGivenDefault: policy.lossGivenDefault,
        exposureFeature: added.exposureFeature,
        ...portfolio.totals,
        bands: portfolio.bands.map((band, i) =>
          Object.assign(new PortfolioBand(), {
            ...band,
            scoringId,
            scale: policy.score,
            defaultRate: added.defaultRateOf(i),
          }),
        ),
        scenarios: portfolio.scenarios,
      });
    });
  }

  @FieldResolver(() => PortfolioAccountConnection, {
    nullable: true,
    complexity: COST.FILE,
    description:
      'The accounts in the band, those of the highest risk first; null for held-out examples, which are no accounts of today.',
  })
  async accountsInBand(
    @Root() { band, scoringId, scale }: PortfolioBand,
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
  ): Promise<Connection<PortfolioAccount> | null> {
    if (scoringId === null) return null;
    checkPageSize(first);
    const tenant = requireTenant(ctx);
    // Ranks fall with the probability: the band begins behind those of higher risk.
    const riskier = band.below === 1 ? 0 : (await this.scores.total(tenant, scoringId, band.below)).count;
    const page = await this.scores.page(tenant, scoringId, {
      first,
      after: after ?? (riskier === 0 ? null : encodeCursor(String(riskier))),
      minProbability: band.from,
    });
    return PortfolioAccountConnection.from(page, ({ subjectId, exampleId, probability }) =>
      Object.assign(new PortfolioAccount(), {
        subjectId,
        exampleId,
        probabilityOfDefault: probability,
        score: scoreOf(probability, scale),
      }),
    );
  }

  private async addHeldOut(
    tenant: TenantContext,
    policy: RiskPolicy,
    portfolio: Portfolio,
  ): Promise<AddedUp> {
    const { feature } = policy.exposure;
    const { version, examples } = await this.previews.past(
      tenant,
      riskPolicy.kind,
      feature === null ? [] : [feature],
    );
    const { probabilities_N, labels_N, subjects_N } = examples;
    const exposures_N = feature === null ? null : examples.numbers(feature);
    probabilities_N.forEach((probability, n) => {
      const known = exposures_N?.[n] ?? NaN;
      portfolio.add(probability, Number.isFinite(known) ? Math.max(0, known) : null);
    });
    const bands_N = Uint8Array.from(probabilities_N, (probability) =>
      policy.bands.indexOf(bandOf(policy.bands, probability)),
    );
    const defaulted_N = Uint8Array.from(labels_N);
    return {
      portfolio,
      version,
      exposureFeature: exposures_N && feature,
      defaultRateOf: (band) =>
        shareEstimate(defaulted_N, { among_N: bands_N.map((each) => Number(each === band)), subjects_N }),
    };
  }

  private async addScores(ctx: GraphqlContext, scoringId: string, portfolio: Portfolio): Promise<AddedUp> {
    const tenant = requireTenant(ctx);
    const scoring = await this.scores.scoring(tenant, scoringId);
    if (scoring.kind !== riskPolicy.kind) {
      const message = `is of ${scoring.kind}, not of ${riskPolicy.kind}`;
      throw new AppError('BAD_USER_INPUT', `The scoring ${message}.`, [{ path: 'input.scoringId', message }]);
    }
    const signal = ctx.signal ?? undefined;
    for await (const block of this.scores.each(tenant, scoringId, signal ? { signal } : {}))
      for (const { probability } of block) portfolio.add(probability);
    const version = await ctx.loaders.modelVersion.load(scoring.modelVersionId);
    return { portfolio, version, exposureFeature: null, defaultRateOf: () => null };
  }
}
