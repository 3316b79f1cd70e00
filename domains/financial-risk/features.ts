import { type FeatureSpecInput } from '../../src/learning/features/feature-spec';

/** A lender's event log: one row per event of a card account; a quarterly `review` row is the moment of prediction. */
export const featureSpec: FeatureSpecInput = {
  shape: 'EVENTS',
  idColumn: 'event_id',
  subjectColumn: 'account_id',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['review'],
  // 90 days past due by the next review; filled in then.
  label: { column: 'defaulted', positive: ['true'] },
  // Known at the review: columns of the `review` row.
  features: [
    // Yearly, before tax.
    { type: 'numeric', name: 'income', transform: 'log1p' },
    // Monthly debt payments over monthly income, 0 to about 1.
    { type: 'numeric', name: 'debtToIncome', column: 'debt_to_income' },
    // salaried, self_employed, contract, retired, unemployed.
    { type: 'categorical', name: 'employment', maxVocabulary: 32 },
    // own, mortgage, rent.
    { type: 'categorical', name: 'housing', maxVocabulary: 16 },
    // Whole months since the account was opened.
    { type: 'numeric', name: 'accountAgeMonths', column: 'account_age_months', transform: 'log1p' },
    // Credit bureau inquiries by other lenders within the last six months.
    { type: 'numeric', name: 'inquiries', transform: 'log1p' },
  ],
  // How the account was used and paid, oldest first.
  sequence: {
    maxLength: 20,
    fields: [
      // statement, payment, review. A month without a payment is a missed one.
      { type: 'categorical', name: 'kind', maxVocabulary: 16 },
      // Of a statement: what is owed, in the account's currency.
      { type: 'numeric', name: 'balance', transform: 'log1p' },
      // Of a statement: balance over credit limit, 0 to about 1.
      { type: 'numeric', name: 'utilization' },
      // Of a payment: paid over what was owed, 0 to 1.
      { type: 'numeric', name: 'paymentRatio', column: 'payment_ratio' },
      // Of a payment: days after the due date; 0 on time.
      { type: 'numeric', name: 'daysLate', column: 'days_late', transform: 'log1p' },
      // From the event to the review.
      { type: 'elapsed', name: 'elapsed' },
    ],
  },
};
