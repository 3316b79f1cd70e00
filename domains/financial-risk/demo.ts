/** A borrower whose payments shrink month by month while the balance grows. */
export const demo = {
  accountId: 'a00042',
  at: '2024-05-02T09:00:00Z',
  applicant: {
    income: 31200,
    debtToIncome: 0.44,
    employment: 'contract',
    housing: 'rent',
    accountAgeMonths: 13,
    inquiries: 3,
  },
  history: [
    { at: '2024-02-03T06:10:00Z', kind: 'statement', balance: 1420.5, utilization: 0.41 },
    { at: '2024-02-21T10:00:00Z', kind: 'payment', paymentRatio: 0.55, daysLate: 0 },
    { at: '2024-03-04T06:10:00Z', kind: 'statement', balance: 2105.2, utilization: 0.61 },
    { at: '2024-03-25T16:30:00Z', kind: 'payment', paymentRatio: 0.2, daysLate: 3 },
    { at: '2024-04-03T06:10:00Z', kind: 'statement', balance: 2870, utilization: 0.83 },
  ],
} as const;

/** The question that goes with it. */
export const demoQuery = `query ($input: CreditRiskInput!) {
  creditRisk(input: $input) {
    ... on CreditRisk { subjectId probability decision threshold modelVersion { id number createdAt } }
    ... on UserError { code message }
  }
}`;
