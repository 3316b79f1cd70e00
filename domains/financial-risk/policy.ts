import { type z } from 'zod';
import { type PolicyDefinition } from '../../src/services/policies/policy-definition';
import { decideCredit } from './credit-decision';
import { previewRiskPolicy, type RiskPolicyFigures } from './policy-preview';
import { type RiskPolicy, riskPolicySchema } from './policy-schema';

const standard: z.input<typeof riskPolicySchema> = {
  bands: [
    { name: 'A', from: 0, below: 0.03, decision: 'APPROVE', maximumLimit: 20_000, incomeShare: 0.3 },
    { name: 'B', from: 0.03, below: 0.08, decision: 'APPROVE', maximumLimit: 12_000, incomeShare: 0.2 },
    { name: 'C', from: 0.08, below: 0.15, decision: 'APPROVE', maximumLimit: 6_000, incomeShare: 0.1 },
    { name: 'D', from: 0.15, below: 0.3, decision: 'REVIEW', maximumLimit: 2_000, incomeShare: 0.05 },
    { name: 'E', from: 0.3, below: 1, decision: 'DECLINE' },
  ],
  reasons: {
    texts: [
      { feature: 'income', code: 'R01', text: 'Income is low for the credit asked for.' },
      { feature: 'debtToIncome', code: 'R02', text: 'Debt payments are high in relation to income.' },
      { feature: 'employment', code: 'R03', text: 'Employment does not show a steady income.' },
      { feature: 'housing', code: 'R04', text: 'Housing situation.' },
      { feature: 'accountAgeMonths', code: 'R05', text: 'The account is too new.' },
      { feature: 'inquiries', code: 'R06', text: 'Too many recent credit inquiries.' },
      { feature: 'kind', code: 'R07', text: 'Payments are missing, or not in step with statements.' },
      { feature: 'balance', code: 'R08', text: 'The balance owed is high.' },
      { feature: 'utilization', code: 'R09', text: 'Too much of the credit limit is used.' },
      { feature: 'paymentRatio', code: 'R10', text: 'Payments are small in relation to what is owed.' },
      { feature: 'daysLate', code: 'R11', text: 'Payments came late.' },
      { feature: 'elapsed', code: 'R12', text: 'The timing of recent account activity.' },
    ],
  },
};

/** How a lender decides: which risk gets how much credit, and what a default costs. */
export const riskPolicy: PolicyDefinition<RiskPolicy, RiskPolicyFigures> = {
  kind: 'FINANCIAL_RISK',
  schema: riskPolicySchema,
  standard,
  featuresOf: ({ exposure }) => (exposure.feature === null ? [] : [exposure.feature]),
  preview: previewRiskPolicy,
  decide: decideCredit,
};
