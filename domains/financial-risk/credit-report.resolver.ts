import { Arg, Authorized, Ctx, FieldResolver, Float, Query, Resolver, Root } from 'type-graphql';
import { AppError } from '../../src/errors';
import { TENANT_MEMBERS } from '../../src/graphql/authorization';
import { type GraphqlContext } from '../../src/graphql/context';
import { COST } from '../../src/graphql/limits/cost';
import { InvalidFeatures } from '../../src/graphql/results/shared-errors';
import { requireTenant } from '../../src/platform/tenancy/request-context';
import { type Role } from '../../src/platform/tenancy/role';
import { PoliciesService } from '../../src/services/policies/policies.service';
import { PredictionService } from '../../src/services/prediction/prediction.service';
import { type Reasons } from '../../src/services/prediction/reasons';
import { creditTerms } from './credit-decision';
import { CreditRisk } from './credit-risk';
import { CreditRiskInput } from './credit-risk-input';
import { AdverseActionReason, CreditReport, CreditReportResult } from './credit-report';
import { riskPolicy } from './policy';
import { type Attribution, HISTORY_LENGTH, reasonCodes } from './reason-codes';
import { risks } from './resolver';

const MAX_EXPOSURE = 1e12;

@Resolver(() => CreditReport)
export class CreditReportResolver {
  constructor(
    private readonly predictions: PredictionService,
    private readonly policies: PoliciesService,
  ) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => CreditReportResult, {
    description:
      "The credit report of an applicant: probability of default, score, band, the decision of your tenant's policy with a credit limit, reasons, and the expected loss. The history is looked up where the input names an account and gives none. Roles: TENANT_ADMIN, ANALYST, SERVICE.",
  })
  async creditReport(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => CreditRiskInput, { description: 'The account and its history.' })
    input: CreditRiskInput,
    @Arg('exposure', () => Float, {
      nullable: true,
      description:
        "What would be owed at a default, in the account's currency, 0 to 10¹². Left out: what the policy says.",
    })
    exposure?: number | null,
  ): Promise<typeof CreditReportResult> {
    if (exposure != null && !(exposure >= 0 && exposure <= MAX_EXPOSURE)) {
      const message = 'must be an amount from 0 to 10¹²';
      return new InvalidFeatures(
        new AppError('BAD_USER_INPUT', `exposure ${message}`, [{ path: 'exposure', message }]),
      );
    }
    const tenant = requireTenant(ctx);
    const [active, risk] = await Promise.all([
      this.policies.active(tenant, riskPolicy),
      risks.one(this.predictions, ctx, input),
    ]);
    if (!(risk instanceof CreditRisk)) return risk;
    const { probability, record } = risk;
    return CreditReport.from(
      risk,
      creditTerms(active.policy, { probability, record, exposure: exposure ?? null }),
      active,
    );
  }

  @FieldResolver(() => [AdverseActionReason], {
    nullable: true,
    complexity: COST.SUMMARY,
    description:
      'Why the risk is not lower, the strongest first, as many as the policy wants: the codes for an adverse action notice, from the contributions that the model itself gives. Null when the version that answered cannot give reasons, or not for this answer: `risk.reasons` says why.',
  })
  async reasons(@Root() { risk, policy }: CreditReport): Promise<AdverseActionReason[] | null> {
    const reasons = await risk.explain();
    if ('why' in reasons) return null;
    const codes = reasonCodes(attributionsOf(reasons), policy.reasons);
    return codes.map((code) => Object.assign(new AdverseActionReason(), code));
  }
}

function attributionsOf({ features, events, length }: Reasons): Attribution[] {
  const named = [...features, ...events.flatMap(({ fields }) => fields)];
  return [
    ...named.map(({ name, contribution }) => ({ feature: name, contribution })),
    ...(length ? [{ feature: HISTORY_LENGTH, contribution: length.contribution }] : []),
  ];
}
