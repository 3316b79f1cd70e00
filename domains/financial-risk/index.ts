import { defineDomain } from '../../src/domain-kit';
import { CreditFairnessResolver } from './fairness.resolver';
import { demoQuery } from './demo';
import { featureSpec } from './features';
import { generate } from './generator';
import { standard, tiny } from './model';
import { riskPolicy } from './policy';
import { CreditReportResolver } from './credit-report.resolver';
import { CreditPortfolioResolver } from './portfolio.resolver';
import { riskPolicyOperations } from './policy-types';
import { CreditRiskResolver } from './resolver';

export default defineDomain({
  kind: 'FINANCIAL_RISK',
  slug: 'financial-risk',
  title: 'Credit default risk',
  description: 'Whether a card account under review will be 90 days past due by its next quarterly review.',
  featureSpec,
  presets: { tiny, default: standard },
  policy: riskPolicy,
  resolvers: [
    CreditRiskResolver,
    CreditReportResolver,
    CreditFairnessResolver,
    CreditPortfolioResolver,
    ...riskPolicyOperations,
  ],
  demoQuery,
  generate,
});
