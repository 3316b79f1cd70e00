import { Arg, Authorized, Ctx, FieldResolver, Float, Query, Resolver, Root } from 'type-graphql';
import { AppError } from '../../src/errors';
import { TENANT_MEMBERS } from '../../src/graphql/authorization';
import { type GraphqlContext } from '../../src/graphql/context';
import { COST, perItem } from '../../src/graphql/limits/cost';
import { type PredictionOutcome } from '../../src/graphql/prediction/domain-predictions';
import { InvalidFeatures } from '../../src/graphql/results/shared-errors';
import { requireTenant, type TenantContext } from '../../src/platform/tenancy/request-context';
import { type Role } from '../../src/platform/tenancy/role';
import { DecisionLog } from '../../src/services/decisions/decision-log';
import { PoliciesService } from '../../src/services/policies/policies.service';
import { type ActivePolicy } from '../../src/services/policies/policy-definition';
import { PredictionService } from '../../src/services/prediction/prediction.service';
import { type Reasons } from '../../src/services/prediction/reasons';
import { creditTerms } from './credit-decision';
import { CreditRisk } from './credit-risk';
import { CreditRiskInput } from './credit-risk-input';
import { AdverseActionReason, CreditReport, CreditReportResult } from './credit-report';
import { riskPolicy } from './policy';
import { type RiskPolicy } from './policy-schema';
import { type Attribution, HISTORY_LENGTH, reasonCodes } from './reason-codes';
import { risks } from './resolver';

const MAX_EXPOSURE = 1e12;

@Resolver(() => CreditReport)
export class CreditReportResolver {
  constructor(
    private readonly predictions: PredictionService,
    private readonly policies: PoliciesService,
    private readonly decisions: DecisionLog,
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
    const tenant = requireTenant(ctx);
    const wrong = issueOf(exposure, 'exposure');
    if (wrong) return new InvalidFeatures(wrong);
    const [active, risk] = await Promise.all([
      this.policies.active(tenant, riskPolicy),
      risks.one(this.predictions, ctx, input),
    ]);
    return this.report(tenant, risk, { active, exposure: exposure ?? null });
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => [CreditReportResult], {
    complexity: perItem('inputs'),
    description:
      '`creditReport` for many applicants, answered by one policy in the order of the inputs; what is wrong with one of them does not keep the others from being answered. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async creditReports(
    @Ctx() ctx: GraphqlContext,
    @Arg('inputs', () => [CreditRiskInput], { description: 'Accounts and their histories, at most 1,000.' })
    inputs: CreditRiskInput[],
    @Arg('exposures', () => [Float], {
      nullable: 'itemsAndList',
      description:
        'What would be owed at a default, as the `exposure` of `creditReport`, in the order of the inputs: one for each, null for what the policy says. Left out: what the policy says of all.',
    })
    exposures?: (number | null)[] | null,
  ): Promise<(typeof CreditReportResult)[]> {
    const tenant = requireTenant(ctx);
    if (exposures && exposures.length !== inputs.length) {
      const message = `holds ${exposures.length} amounts for ${inputs.length} inputs: give one for each, null for what the policy says`;
      throw new AppError('BAD_USER_INPUT', `The argument "exposures" ${message}.`, [
        { path: 'exposures', message },
      ]);
    }
    const [active, answers] = await Promise.all([
      this.policies.active(tenant, riskPolicy),
      risks.each(this.predictions, ctx, inputs),
    ]);
    return Promise.all(
      answers.map(async (risk, index) => {
        const exposure = exposures?.[index] ?? null;
        const wrong = issueOf(exposure, `exposures.${index}`);
        if (wrong && risk instanceof CreditRisk) return new InvalidFeatures(wrong);
        return this.report(tenant, risk, { active, exposure });
      }),
    );
  }

  private async report(
    { actor: { tenantId } }: TenantContext,
    risk: PredictionOutcome<CreditRisk>,
    { active, exposure }: { readonly active: ActivePolicy<RiskPolicy>; readonly exposure: number | null },
  ): Promise<typeof CreditReportResult> {
    if (!(risk instanceof CreditRisk)) return risk;
    const { probability } = risk;
    const { record } = risk.score;
    const terms = creditTerms(active.policy, { probability, record, exposure });
    const recording = await this.decisions.recording(tenantId, risk.recording, {
      definition: riskPolicy,
      policy: active.policy,
      policyVersion: active.version,
      question: { probability, record, circumstances: { exposure: terms.exposure } },
    });
    return CreditReport.from(risk.decide(recording), terms, active);
  }

  @FieldResolver(() => [AdverseActionReason], {
    nullable: true,
    complexity: COST.SUMMARY,
    description:
      'Why the risk is not lower, the strongest first, as many as the policy wants: the codes for an adverse action notice, from the contributions that the model itself gives. Null when the version that answered cannot give reasons, or not for this answer: `risk.reasons` says why.',
  })
  async reasons(@Root() { risk, policy }: CreditReport): Promise<AdverseActionReason[] | null> {
    const reasons = await risk.score.explain();
    if ('why' in reasons) return null;
    const codes = reasonCodes(attributionsOf(reasons), policy.reasons);
    return codes.map((code) => Object.assign(new AdverseActionReason(), code));
  }
}

function issueOf(exposure: number | null | undefined, path: string): AppError | null {
  if (exposure == null || (exposure >= 0 && exposure <= MAX_EXPOSURE)) return null;
  const message = 'must be an amount from 0 to 10¹²';
  return new AppError('BAD_USER_INPUT', `${path} ${message}`, [{ path, message }]);
}

function attributionsOf({ features, events, length }: Reasons): Attribution[] {
  const named = [...features, ...events.flatMap(({ fields }) => fields)];
  return [
    ...named.map(({ name, contribution }) => ({ feature: name, contribution })),
    ...(length ? [{ feature: HISTORY_LENGTH, contribution: length.contribution }] : []),
  ];
}
