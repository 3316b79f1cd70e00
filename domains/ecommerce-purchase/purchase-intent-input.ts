import { Field, Float, ID, InputType } from 'type-graphql';
import { HistoryEventInput, PredictionInput } from '../../src/graphql/prediction/prediction-input';

const optional = (description: string) => ({ nullable: true, description });

@InputType('ShopEventInput', { description: 'Something that a customer did in the shop.' })
export class ShopEventInput extends HistoryEventInput {
  @Field(() => String, optional('What happened: visit, search, view, wishlist, cart or purchase.'))
  readonly kind?: string | null;

  @Field(() => String, optional("The item's category; none for visits and searches."))
  readonly category?: string | null;

  @Field(() => String, optional("The item's brand."))
  readonly brand?: string | null;

  @Field(() => Float, optional("The item's price per unit, in the shop's currency."))
  readonly price?: number | null;

  @Field(() => Float, optional('Seconds on the page; views and searches only.'))
  readonly dwellSeconds?: number | null;
}

@InputType('PurchaseIntentInput', {
  description:
    'A visit that begins now, and what the customer did before. What is left out counts as missing; what the promoted model did not learn from is passed over.',
})
export class PurchaseIntentInput extends PredictionInput {
  @Field(() => ID, optional('The customer, as its events name it; repeated in the answer.'))
  readonly userId?: string | null;

  @Field(() => String, optional('The device in hand: desktop, mobile or tablet.'))
  readonly device?: string | null;

  @Field(() => String, optional('How the customer arrived: direct, search, email, social or ads.'))
  readonly source?: string | null;

  @Field(() => String, optional('Standing in the loyalty scheme: none, silver or gold.'))
  readonly loyaltyTier?: string | null;

  @Field(() => Float, optional('Days since the account was opened.'))
  readonly tenureDays?: number | null;

  @Field(
    () => [ShopEventInput],
    optional(
      'What the customer did before this visit, in any order; the latest count. Left out, the stored events of the customer are looked up; an empty list says that there are none.',
    ),
  )
  readonly history?: readonly ShopEventInput[] | null;
}
