import { Arg, Authorized, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { AppError } from '../../../src/errors';
import { ANALYSTS } from '../../../src/graphql/authorization';
import { type GraphqlContext } from '../../../src/graphql/context';
import { COST } from '../../../src/graphql/limits/cost';
import { outcome } from '../../../src/graphql/results/outcome';
import { Conflict, InvalidInput } from '../../../src/graphql/results/shared-errors';
import { uuidArgument } from '../../../src/graphql/uuid-argument';
import { requireTenant, type TenantContext } from '../../../src/platform/tenancy/request-context';
import { type Role } from '../../../src/platform/tenancy/role';
import { type AudienceSource, AudiencesService } from '../../../src/services/decisions/audiences.service';
import { PoliciesService } from '../../../src/services/policies/policies.service';
import { payoffOf, shopPolicy } from '../policy';
import { type ShopPolicy } from '../policy-schema';
import { Audience, AudienceInput, AudienceProfit, AudienceResult, AudienceTotal } from './audience';

const KIND = 'ECOMMERCE_PURCHASE';
const MAX_FIRST = 1_000;

@Resolver(() => Audience)
export class AudienceResolver {
  constructor(
    private readonly audiences: AudiencesService,
    private readonly policies: PoliciesService,
  ) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => AudienceResult, {
    complexity: ({ args, childComplexity }) =>
      COST.FILE + Math.max(1, (args as { first?: number }).first ?? 1) + childComplexity,
    description:
      'Customers above a threshold of intent or expected profit, from the scores that `scoreSubjects` stored of all customers: most probable first, page by page, however many there are. Roles: TENANT_ADMIN, ANALYST.',
  })
  audience(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => AudienceInput, {
      defaultValue: {},
      description: 'Which customers.',
    })
    input: AudienceInput,
    @Arg('first', () => Int, { defaultValue: 100, description: 'How many customers, 1 to 1,000.' })
    first: number,
    @Arg('after', () => String, {
      nullable: true,
      description:
        'The `endCursor` of the page before; give the same input with it. It goes on in the same scoring, whatever was scored meanwhile.',
    })
    after?: string | null,
  ): Promise<typeof AudienceResult> {
    return outcome([InvalidInput, Conflict], async () => {
      check(input, first);
      const tenant = requireTenant(ctx);
      const { policy } = await this.policies.active(tenant, shopPolicy);
      const scoringId = input.scoringId == null ? null : uuidArgument(input.scoringId, 'input.scoringId');
      const source = await this.audiences.source(tenant, KIND, { scoringId, after: after ?? null });
      const chosen = await this.threshold(tenant, { input, policy, source });
      const page = await this.audiences.page(tenant, source, {
        first,
        after: after ?? null,
        minProbability: chosen.threshold,
      });
      return Audience.from(source, page, { ...chosen, payoff: payoffOf(policy) });
    });
  }

  @FieldResolver(() => AudienceTotal, { complexity: COST.FILE, description: 'The audience as a whole.' })
  async total(
    @Root() { source, threshold, payoff }: Audience,
    @Ctx() ctx: GraphqlContext,
  ): Promise<AudienceTotal> {
    const { count, expected } = await this.audiences.total(requireTenant(ctx), source, threshold);
    return Object.assign(new AudienceTotal(), {
      count,
      expectedPurchases: expected,
      expectedProfit: payoff.benefit * expected - payoff.cost * count,
    });
  }

  @FieldResolver(() => AudienceProfit, {
    complexity: COST.FILE,
    description: 'What thresholds earn, on examples that the model was not fitted on.',
  })
  async profit(@Root() { source, payoff }: Audience, @Ctx() ctx: GraphqlContext): Promise<AudienceProfit> {
    return AudienceProfit.from(await this.audiences.profit(requireTenant(ctx), source.version, payoff));
  }

  private async threshold(
    ctx: TenantContext,
    {
      input: { minProbability, minExpectedProfit },
      policy,
      source,
    }: { input: AudienceInput; policy: ShopPolicy; source: AudienceSource },
  ) {
    const payoff = payoffOf(policy);
    if (minProbability != null) return { threshold: minProbability, thresholdSource: 'GIVEN' } as const;
    if (minExpectedProfit != null) {
      if (payoff.benefit > 0) {
        const threshold = Math.max(0, (minExpectedProfit + payoff.cost) / payoff.benefit);
        return { threshold, thresholdSource: 'GIVEN' } as const;
      }
      throw wrong('input.minExpectedProfit', 'needs a policy by which a purchase has a benefit');
    }
    if (policy.audience.threshold !== null)
      return { threshold: policy.audience.threshold, thresholdSource: 'POLICY' } as const;
    const { validation } = await this.audiences.profit(ctx, source.version, payoff);
    return { threshold: validation.best.threshold, thresholdSource: 'VALIDATION' } as const;
  }
}

/** @throws AppError BAD_USER_INPUT */
function check({ minProbability, minExpectedProfit }: AudienceInput, first: number): void {
  if (!(Number.isInteger(first) && first >= 1 && first <= MAX_FIRST))
    throw wrong('first', `must be an integer from 1 to ${MAX_FIRST}`);
  if (minProbability != null && minExpectedProfit != null)
    throw wrong('input.minExpectedProfit', 'is given with minProbability: give one of them');
  if (minProbability != null && !(minProbability >= 0 && minProbability <= 1))
    throw wrong('input.minProbability', `must be a probability, from 0 to 1, not ${minProbability}`);
  if (minExpectedProfit != null && !(Math.abs(minExpectedProfit) <= 1e9))
    throw wrong('input.minExpectedProfit', `must lie within ±10⁹, not ${minExpectedProfit}`);
}

function wrong(path: string, message: string): AppError {
  return new AppError('BAD_USER_INPUT', `${path} ${message}`, [{ path, message }]);
}
