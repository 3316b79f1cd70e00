import { createUnionType, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { enumOf } from '../../../src/graphql/enum-of';
import { ServingVersion } from '../../../src/graphql/prediction/prediction';
import { QuotaExceeded } from '../../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures } from '../../../src/graphql/results/shared-errors';
import { ITEM_FEATURES, type ItemReason as Code } from '../../../src/learning/decisions/items/item-features';
import { type Recommendation, type Recommended } from '../../../src/learning/decisions/items/recommend';
import { type ItemModel } from '../../../src/learning/decisions/items/fit-item-weights';
import { PurchaseIntent } from '../purchase-intent';
import { reasonText } from './reason-text';

export const ItemReason = enumOf([...new Set(ITEM_FEATURES.map(({ reason }) => reason))]);

registerEnumType(ItemReason, {
  name: 'ItemReason',
  description: 'What lifts an item most above the others that were weighed.',
  valuesConfig: {
    IN_BASKET: { description: 'The customer put it into the basket and has not bought it.' },
    LOOKED_AT: { description: 'The customer looked at it.' },
    TOGETHER: { description: 'It is seen on the same days as another item of the customer’s.' },
    CATEGORY: { description: 'The customer looked at its category.' },
    BRAND: { description: 'The customer looked at its brand.' },
    BOUGHT_BEFORE: { description: 'The customer bought it before.' },
    POPULAR: { description: 'It sells well.' },
  },
});

@ObjectType('RecommendedItem', { simpleResolvers: true, description: 'An item to show.' })
export class RecommendedItem {
  @Field(() => ID, { description: 'The item.' })
  readonly itemId!: string;

  @Field(() => Float, {
    nullable: true,
    description:
      'The probability that this visit ends in a purchase of this item: `intent` × `share`, 0 to 1. Null where no model is promoted.',
  })
  readonly probability!: number | null;

  @Field(() => Float, {
    description:
      'Of all purchases that visits like this one end in, the share that are of this item, 0 to 1: from how customers of this shop chose before.',
  })
  readonly share!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'What is earned when it is bought: as given, else by the policy; null where neither says.',
  })
  readonly margin!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: '`probability` × `margin`, in your currency; null where either is.',
  })
  readonly expectedMargin!: number | null;

  @Field(() => String, { nullable: true, description: 'Its category; null where that is not known.' })
  readonly category!: string | null;

  @Field(() => String, { nullable: true, description: 'Its brand; null where that is not known.' })
  readonly brand!: string | null;

  @Field(() => Float, { nullable: true, description: 'Its price; null where that is not known.' })
  readonly price!: number | null;

  @Field(() => Boolean, {
    description: 'Whether stored events know the item; `false`: it was weighed by what the input says alone.',
  })
  readonly known!: boolean;

  @Field(() => ItemReason, { description: 'Why it is recommended.' })
  readonly reason!: Code;

  @Field(() => String, {
    description: 'The same in English, with what the events say: `looked at twice in the last seven days`.',
  })
  readonly reasonText!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      'The item of the customer’s that it is seen together with; null unless the reason is TOGETHER.',
  })
  readonly withItemId!: string | null;

  static from(recommendation: Recommendation): RecommendedItem {
    const { reason, isKnown, ...rest } = recommendation;
    return Object.assign(new RecommendedItem(), {
      ...rest,
      known: isKnown,
      reason: reason.code,
      reasonText: reasonText(recommendation),
      withItemId: reason.withItemId,
    });
  }
}

@ObjectType('RecommendationEvidence', {
  simpleResolvers: true,
  description: 'What recommendations were made from, beside the model.',
})
export class RecommendationEvidence {
  @Field(() => Int, {
    description:
      'Stored events that the items are known from: at most the 50,000 accepted last, looked at again every five minutes while the former look serves; the first answers of a server are from the 5,000 accepted last.',
  })
  readonly events!: number;

  @Field(() => Int, { description: 'Different items in them.' })
  readonly items!: number;

  @Field(() => Int, {
    description:
      'Purchases that the choice among items was fitted to, at most 300. With few of them, it is as likely as in other shops.',
  })
  readonly purchases!: number;

  @Field(() => Int, { description: 'Events of the customer that counted: at most the latest 1,000.' })
  readonly ownEvents!: number;
}

@ObjectType('RecommendedItems', {
  simpleResolvers: true,
  description: 'What to show in the visit that begins now.',
})
export class RecommendedItems {
  @Field(() => [RecommendedItem], {
    description:
      'The items, best first: by expected margin where a margin is known of every item that may be shown, else by probability; then spread over categories as the policy says. Empty where nothing is known and nothing given.',
  })
  readonly items!: readonly RecommendedItem[];

  @Field(() => Float, {
    nullable: true,
    description:
      'The probability that the visit ends in a purchase, of whatever, as `purchaseIntent` answers it; null where no model is promoted.',
  })
  readonly intent!: number | null;

  @Field(() => PurchaseIntent, {
    nullable: true,
    description:
      'The prediction of the visit that `intent` is of, with its id, interval, reasons and decision; null where no model is promoted.',
  })
  readonly visit!: PurchaseIntent | null;

  @Field(() => Int, { description: "The version of your tenant's policy; 0 is the domain's default." })
  readonly policyVersion!: number;

  @Field(() => ServingVersion, {
    nullable: true,
    description: 'The model version that answered `intent`; null where no model is promoted.',
  })
  readonly modelVersion!: ServingVersion | null;

  @Field(() => Int, { description: 'How many items were weighed for this list.' })
  readonly weighed!: number;

  @Field(() => [ID], {
    description: 'Items that were left out because the customer bought them already, as the policy says.',
  })
  readonly alreadyBought!: readonly string[];

  @Field(() => RecommendationEvidence, { description: 'What it was made from.' })
  readonly evidence!: RecommendationEvidence;

  static from(
    { items, weighed, bought }: Recommended,
    made: {
      readonly visit: PurchaseIntent | null;
      readonly policyVersion: number;
      readonly model: ItemModel;
      readonly ownEvents: number;
    },
  ): RecommendedItems {
    const { visit, policyVersion, model, ownEvents } = made;
    return Object.assign(new RecommendedItems(), {
      items: items.map((item) => RecommendedItem.from(item)),
      intent: visit?.probability ?? null,
      visit,
      policyVersion,
      modelVersion: visit && Object.assign(new ServingVersion(), visit.modelVersion),
      weighed,
      alreadyBought: bought,
      evidence: {
        events: model.index.events,
        items: model.index.items.size,
        purchases: model.occasions,
        ownEvents,
      },
    });
  }
}

export const RecommendItemsResult = createUnionType({
  name: 'RecommendItemsResult',
  description: 'The items, or what is wrong with the input.',
  types: () => [RecommendedItems, InvalidFeatures, QuotaExceeded] as const,
});
