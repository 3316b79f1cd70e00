import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { TENANT_MEMBERS } from '../../src/graphql/authorization';
import { type GraphqlContext } from '../../src/graphql/context';
import { GivenArg } from '../../src/graphql/given-argument';
import { type Given } from '../../src/graphql/given/scanned-inputs';
import { perItem } from '../../src/graphql/limits/cost';
import { DomainPredictions, type PredictionOutcome } from '../../src/graphql/prediction/domain-predictions';
import { type Role } from '../../src/platform/tenancy/role';
import { PredictionService } from '../../src/services/prediction/prediction.service';
import { CreditRisk, CreditRiskResult, RiskDecision } from './credit-risk';
import { CreditRiskInput } from './credit-risk-input';

export const risks = new DomainPredictions<CreditRiskInput, CreditRisk>({
  kind: 'FINANCIAL_RISK',
  answer: CreditRisk,
  decisions: { yes: RiskDecision.HIGH_RISK, no: RiskDecision.LOW_RISK },
  subject: 'accountId',
  read: ({ accountId, at, applicant, features, history }) => ({
    subjectId: accountId,
    at,
    known: { applicant },
    features,
    history,
  }),
});

@Resolver()
export class CreditRiskResolver {
  constructor(private readonly predictions: PredictionService) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => CreditRiskResult, {
    description:
      'Whether the account will be 90 days past due by its next quarterly review, from the account holder and how the account was used and paid. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  creditRisk(
    @Ctx() ctx: GraphqlContext,
    @GivenArg('input', () => CreditRiskInput, { description: 'The account and its history.' })
    input: Given<CreditRiskInput>,
  ): Promise<PredictionOutcome<CreditRisk>> {
    return risks.one(this.predictions, ctx, input);
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => [CreditRiskResult], {
    complexity: perItem('inputs'),
    description:
      '`creditRisk` for many accounts, answered by one model version in the order of the inputs; what is wrong with one of them does not keep the others from being answered. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  creditRisks(
    @Ctx() ctx: GraphqlContext,
    @GivenArg('inputs', () => [CreditRiskInput], {
      description: 'Accounts and their histories, at most 1,000.',
    })
    inputs: Given<CreditRiskInput[]>,
  ): Promise<PredictionOutcome<CreditRisk>[]> {
    return risks.each(this.predictions, ctx, inputs);
  }
}
