import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import { Estimate } from '../../src/graphql/policies/estimate';
import { policyOperations } from '../../src/graphql/policies/policy-operations';
import { shopPolicy } from './policy';
import { type ShopPolicyFigures as Figures } from './policy-preview';
import { type ShopPolicy as Policy } from './policy-schema';

const TEXTS = {
  item: 'The column of your events that names the item; `item_id` by default.',
  category: "The column that names the item's category; `category` by default.",
  brand: "The column that names the item's brand; `brand` by default.",
  price: "The column of the item's price; `price` by default.",
  rebuyAfterDays:
    'An item may be recommended again so many days after it was bought, 0 to 36,500; null, the default: never.',
  maxPerCategory: 'The most items of one category in a list, 1 to 100; null, the default: any number.',
  repeatFactor:
    'Each item of the same category that stands before an item in a list multiplies its value by this, above 0, at most 1; 0.9 by default, 1 leaves lists as they are.',
  rate: 'What is earned of the price of an item, as a share of it, above 0, at most 1; null, the default: not known.',
  ofCategory: 'The category, as the events name it; each at most once.',
  categoryRate: 'What is earned of the price of its items, as a share of it, above 0, at most 1.',
  categories: 'Categories whose rate is another, at most 500.',
  contactCost: 'What it costs to approach a customer, in your currency, 0 to 10⁹; 0.5 by default.',
  purchaseBenefit:
    'What a purchase by a customer who was approached is worth, in your currency, 0 to 10⁹; 10 by default. Count only what the approach brings about, if you know it.',
  threshold:
    'Customers are approached from this probability of a purchase on, 0 to 1; null, the default: the one that earned most on the validation part of the model’s data.',
  columns: 'Where your events say what they are of.',
  basketKind: 'The kind of event that puts an item into the basket; `cart` by default.',
  recommendations: 'How lists of items are made.',
  margins: 'What items earn, where a request does not say.',
  audience: 'What it costs and brings to approach a customer.',
};
const described = (key: keyof typeof TEXTS) => ({ description: TEXTS[key] });
const optional = (key: keyof typeof TEXTS) => ({ description: TEXTS[key], nullable: true });

@ObjectType('ShopColumns', { simpleResolvers: true, description: TEXTS.columns })
export class ShopColumns {
  @Field(() => String, described('item')) readonly item!: string;
  @Field(() => String, described('category')) readonly category!: string;
  @Field(() => String, described('brand')) readonly brand!: string;
  @Field(() => String, described('price')) readonly price!: string;
}

@InputType('ShopColumnsInput', { description: TEXTS.columns })
export class ShopColumnsInput {
  @Field(() => String, optional('item')) readonly item?: string | null;
  @Field(() => String, optional('category')) readonly category?: string | null;
  @Field(() => String, optional('brand')) readonly brand?: string | null;
  @Field(() => String, optional('price')) readonly price?: string | null;
}

@ObjectType('ShopRecommendations', { simpleResolvers: true, description: TEXTS.recommendations })
export class ShopRecommendations {
  @Field(() => Float, optional('rebuyAfterDays')) readonly rebuyAfterDays!: number | null;
  @Field(() => Int, optional('maxPerCategory')) readonly maxPerCategory!: number | null;
  @Field(() => Float, described('repeatFactor')) readonly repeatFactor!: number;
}

@InputType('ShopRecommendationsInput', { description: TEXTS.recommendations })
export class ShopRecommendationsInput {
  @Field(() => Float, optional('rebuyAfterDays')) readonly rebuyAfterDays?: number | null;
  @Field(() => Int, optional('maxPerCategory')) readonly maxPerCategory?: number | null;
  @Field(() => Float, optional('repeatFactor')) readonly repeatFactor?: number | null;
}

@ObjectType('CategoryMargin', { simpleResolvers: true, description: 'What items of a category earn.' })
export class CategoryMargin {
  @Field(() => String, described('ofCategory')) readonly category!: string;
  @Field(() => Float, described('categoryRate')) readonly rate!: number;
}

@InputType('CategoryMarginInput', { description: 'What items of a category earn.' })
export class CategoryMarginInput {
  @Field(() => String, described('ofCategory')) readonly category!: string;
  @Field(() => Float, described('categoryRate')) readonly rate!: number;
}

@ObjectType('ShopMargins', { simpleResolvers: true, description: TEXTS.margins })
export class ShopMargins {
  @Field(() => Float, optional('rate')) readonly rate!: number | null;
  @Field(() => [CategoryMargin], described('categories')) readonly categories!: CategoryMargin[];
}

@InputType('ShopMarginsInput', { description: TEXTS.margins })
export class ShopMarginsInput {
  @Field(() => Float, optional('rate')) readonly rate?: number | null;
  @Field(() => [CategoryMarginInput], optional('categories'))
  readonly categories?: CategoryMarginInput[] | null;
}

@ObjectType('ShopAudience', { simpleResolvers: true, description: TEXTS.audience })
export class ShopAudience {
  @Field(() => Float, described('contactCost')) readonly contactCost!: number;
  @Field(() => Float, described('purchaseBenefit')) readonly purchaseBenefit!: number;
  @Field(() => Float, optional('threshold')) readonly threshold!: number | null;
}

@InputType('ShopAudienceInput', { description: TEXTS.audience })
export class ShopAudienceInput {
  @Field(() => Float, optional('contactCost')) readonly contactCost?: number | null;
  @Field(() => Float, optional('purchaseBenefit')) readonly purchaseBenefit?: number | null;
  @Field(() => Float, optional('threshold')) readonly threshold?: number | null;
}

@ObjectType('ShopPolicy', {
  simpleResolvers: true,
  description: 'What your shop decides by: what items earn, how lists are mixed, whom it pays to approach.',
})
export class ShopPolicy implements Policy {
  @Field(() => ShopColumns, described('columns')) readonly columns!: ShopColumns;
  @Field(() => String, described('basketKind')) readonly basketKind!: string;
  @Field(() => ShopRecommendations, described('recommendations'))
  readonly recommendations!: ShopRecommendations;

  @Field(() => ShopMargins, described('margins')) readonly margins!: ShopMargins;
  @Field(() => ShopAudience, described('audience')) readonly audience!: ShopAudience;
}

@InputType('ShopPolicyInput', {
  description: 'What to decide by. What is left out gets the default that its description names.',
})
export class ShopPolicyInput {
  @Field(() => ShopColumnsInput, optional('columns')) readonly columns?: ShopColumnsInput | null;
  @Field(() => String, optional('basketKind')) readonly basketKind?: string | null;
  @Field(() => ShopRecommendationsInput, optional('recommendations'))
  readonly recommendations?: ShopRecommendationsInput | null;

  @Field(() => ShopMarginsInput, optional('margins')) readonly margins?: ShopMarginsInput | null;
  @Field(() => ShopAudienceInput, optional('audience')) readonly audience?: ShopAudienceInput | null;
}

@ObjectType('ShopPolicyFigures', {
  simpleResolvers: true,
  description: 'Whom a policy would have approached on past visits, and what would have come of it.',
})
export class ShopPolicyFigures implements Figures {
  @Field(() => String, { description: 'In one sentence for people.' })
  readonly summary!: string;

  @Field(() => Float, {
    description:
      'The probability from which on customers would have been approached: that of the policy, else, as in `audience`, the one that earned most on the validation part.',
  })
  readonly threshold!: number;

  @Field(() => Estimate, {
    description: 'The share of the visits whose customer would have been approached.',
  })
  readonly approached!: Estimate;

  @Field(() => Estimate, { description: 'The share of these that ended in a purchase.' })
  readonly purchaseRate!: Estimate;

  @Field(() => Float, {
    description: 'purchaseBenefit × purchases − contactCost × approaches, in your currency.',
  })
  readonly profit!: number;

  @Field(() => Float, { description: 'The same, had everybody been approached.' })
  readonly profitOfAll!: number;
}

export const shopPolicyOperations = policyOperations<Policy, Figures>({
  definition: shopPolicy,
  name: 'ShopPolicy',
  plural: 'ShopPolicies',
  policy: ShopPolicy,
  input: ShopPolicyInput,
  figures: ShopPolicyFigures,
});
