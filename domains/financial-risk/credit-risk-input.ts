import { Field, Float, ID, InputType } from 'type-graphql';
import { HistoryEventInput, PredictionInput } from '../../src/graphql/prediction/prediction-input';

const optional = (description: string) => ({ nullable: true, description });

@InputType('AccountEventInput', { description: 'A statement, a payment or a review of a card account.' })
export class AccountEventInput extends HistoryEventInput {
  @Field(
    () => String,
    optional('What happened: statement, payment or review. A month without a payment is a missed one.'),
  )
  readonly kind?: string | null;

  @Field(() => Float, optional("What is owed, in the account's currency; statements only."))
  readonly balance?: number | null;

  @Field(() => Float, optional('Balance over credit limit, 0 to about 1; statements only.'))
  readonly utilization?: number | null;

  @Field(() => Float, optional('Paid over what was owed, 0 to 1; payments only.'))
  readonly paymentRatio?: number | null;

  @Field(() => Float, optional('Days after the due date, 0 on time; payments only.'))
  readonly daysLate?: number | null;
}

@InputType('ApplicantInput', { description: 'What is known of the account holder at the review.' })
export class ApplicantInput {
  @Field(() => Float, optional('Yearly income before tax.'))
  readonly income?: number | null;

  @Field(() => Float, optional('Monthly debt payments over monthly income, 0 to about 1.'))
  readonly debtToIncome?: number | null;

  @Field(() => String, optional('salaried, self_employed, contract, retired or unemployed.'))
  readonly employment?: string | null;

  @Field(() => String, optional('own, mortgage or rent.'))
  readonly housing?: string | null;

  @Field(() => Float, optional('Months since the account was opened.'))
  readonly accountAgeMonths?: number | null;

  @Field(() => Float, optional('Credit bureau inquiries by other lenders within the last six months.'))
  readonly inquiries?: number | null;
}

@InputType('CreditRiskInput', {
  description:
    'A card account under review, and how it was used and paid. What is left out counts as missing; what the promoted model did not learn from is passed over.',
})
export class CreditRiskInput extends PredictionInput {
  @Field(() => ID, optional('The account, as its events name it; repeated in the answer.'))
  readonly accountId?: string | null;

  @Field(() => ApplicantInput, optional('The account holder.'))
  readonly applicant?: ApplicantInput | null;

  @Field(
    () => [AccountEventInput],
    optional(
      'How the account was used and paid before the review, in any order; the latest count. Left out, the stored events of the account are looked up; an empty list says that there are none.',
    ),
  )
  readonly history?: readonly AccountEventInput[] | null;
}
