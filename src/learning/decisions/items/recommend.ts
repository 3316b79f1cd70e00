import { diversify, type Diversity } from '../diversify';
import { generateCandidates } from './candidates';
import { shares, utility } from './choice-model';
import { type ItemModel } from './fit-item-weights';
import { type ItemEvent, type ItemKinds } from './item-event';
import { companyOf, ITEM_FEATURES, itemFeatures, type ItemLike, type ItemReason } from './item-features';
import { type OwnActivity, ownActivity, type OwnItem } from './own-activity';

/** An item to be weighed; what is not given is as events have it. */
export interface Candidate {
  readonly id: string;
  readonly category?: string | null | undefined;
  readonly brand?: string | null | undefined;
  readonly price?: number | null | undefined;
  /** What is earned when it is bought; null where that is not known. */
  readonly margin?: number | null | undefined;
}

export interface RecommendQuestion {
  readonly model: ItemModel;
  readonly kinds: ItemKinds;
  /** The subject's events in the order of time, all before `now`. */
  readonly history: readonly ItemEvent[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Null: they are chosen from the events. */
  readonly candidates: readonly Candidate[] | null;
  /** That the visit ends in a purchase, 0..1; null where no model says. */
  readonly intent: number | null;
  readonly first: number;
  readonly diversity: Diversity;
  /** Items bought less than so long ago are left out; null: all that were ever bought, 0: none. */
  readonly rebuyAfterMs: number | null;
  /** What an item earns that no margin is given for, if anything is known. */
  readonly marginOf: (item: {
    readonly category: string | null;
    readonly price: number | null;
  }) => number | null;
}

export interface Reason {
  readonly code: ItemReason;
  /** For IN_BASKET, LOOKED_AT and BOUGHT_BEFORE: what the subject did with the item. */
  readonly own: OwnItem | null;
  /** For TOGETHER: the subject's item that speaks most for this one. */
  readonly withItemId: string | null;
}

export interface Recommendation {
  readonly itemId: string;
  /** Among all purchases of a visit: how many are of this item, 0..1. */
  readonly share: number;
  /** That this visit ends in a purchase of this item: intent × share; null without an intent. */
  readonly probability: number | null;
  readonly margin: number | null;
  /** probability × margin; null where either is not known. */
  readonly expectedMargin: number | null;
  readonly category: string | null;
  readonly brand: string | null;
  readonly price: number | null;
  /** Whether stored events know it. */
  readonly isKnown: boolean;
  readonly reason: Reason;
}

export interface Recommended {
  readonly items: readonly Recommendation[];
  /** Items that were weighed. */
  readonly weighed: number;
  /** Of them, those left out because they were bought already. */
  readonly bought: readonly string[];
}

interface Weighed extends ItemLike {
  readonly price: number | null;
  readonly margin: number | null;
  readonly features: readonly number[];
  readonly isKnown: boolean;
}

/**
 * What to show a subject: P(item) = P(the visit ends in a purchase) × P(it is this item | a purchase), where the first
 * is the model's and the second is that of a choice model which is fitted to the shop's own purchases. Items that are
 * given compete with those that would have been chosen, so that their shares say how many purchases they get, and not
 * that one of them must be bought. Sorted by what is earned where every item has a margin, else by probability.
 */
export function recommend(question: RecommendQuestion): Recommended {
  const { model, kinds, history, now, candidates, intent, first, diversity } = question;
  const { index, weights, coverage } = model;
  const own = ownActivity(history, kinds, now);
  const company = companyOf(index, own);
  const given = new Map((candidates ?? []).map((candidate) => [candidate.id, candidate]));
  const ids = new Set([...given.keys(), ...generateCandidates(index, own, company)]);
  const categories = categoriesOf(history);
  const weighed = [...ids].map((id): Weighed => {
    const facts = index.items.get(id) ?? categories.get(id);
    const told = given.get(id);
    const category = told?.category ?? facts?.category ?? null;
    const brand = told?.brand ?? facts?.brand ?? null;
    const price = told?.price ?? facts?.price ?? null;
    return {
      id,
      category,
      brand,
      price,
      margin: told?.margin ?? question.marginOf({ category, price }),
      features: itemFeatures({ id, category, brand }, index, own, company),
      isKnown: facts !== undefined,
    };
  });
  if (weighed.length === 0) return { items: [], weighed: 0, bought: [] };
  const parts = shares(weighed.map(({ features }) => utility(weights, features)));
  const means = weights.map((_, k) =>
    weighed.reduce((sum, { features }, i) => sum + (parts[i] ?? 0) * (features[k] ?? 0), 0),
  );
  const eligible = weighed
    .map((item, place) => ({ item, share: coverage * (parts[place] ?? 0) }))
    .filter(({ item }) => candidates === null || given.has(item.id));
  const isBought = ({ id }: ItemLike) => {
    const boughtAt = own.items.get(id)?.boughtAt ?? null;
    if (boughtAt === null) return false;
    return question.rebuyAfterMs === null || now - boughtAt < question.rebuyAfterMs;
  };
  const shown = eligible.filter(({ item }) => !isBought(item));
  const byMargin = shown.every(({ item }) => item.margin !== null);
  const order = diversify(
    shown.map(({ item, share }) => ({
      value: byMargin ? share * (item.margin ?? 0) : share,
      group: item.category,
    })),
    diversity,
    first,
  );
  return {
    weighed: eligible.length,
    bought: eligible.filter(({ item }) => isBought(item)).map(({ item }) => item.id),
    items: order.flatMap((place) => {
      const entry = shown[place];
      if (!entry) return [];
      const { item, share } = entry;
      const probability = intent === null ? null : intent * share;
      const { id: itemId, category, brand, price, margin, isKnown, features } = item;
      return [
        {
          itemId,
          share,
          probability,
          margin,
          expectedMargin: probability === null || margin === null ? null : probability * margin,
          category,
          brand,
          price,
          isKnown,
          reason: reasonFor(itemId, { features, means, weights, own, company }),
        },
      ];
    }),
  };
}

interface Grounds {
  readonly features: readonly number[];
  /** Of all that were weighed, each by its share. */
  readonly means: readonly number[];
  readonly weights: readonly number[];
  readonly own: OwnActivity;
  readonly company: ReturnType<typeof companyOf>;
}

/** What lifts an item most above the others: the largest sum of w·(x − mean) over the features of one reason. */
function reasonFor(itemId: string, { features, means, weights, own, company }: Grounds): Reason {
  const sums = new Map<ItemReason, number>();
  ITEM_FEATURES.forEach(({ reason }, k) => {
    // Only what is there is a reason.
    if ((features[k] ?? 0) === 0) return;
    const amount = (weights[k] ?? 0) * ((features[k] ?? 0) - (means[k] ?? 0));
    sums.set(reason, (sums.get(reason) ?? 0) + amount);
  });
  const [best] = [...sums].sort(([, a], [, b]) => b - a);
  const code = best?.[0] ?? 'POPULAR';
  return {
    code,
    own: own.items.get(itemId) ?? null,
    withItemId: code === 'TOGETHER' ? (company.get(itemId)?.best.id ?? null) : null,
  };
}

/** What the subject's own events say of items that the index does not know. */
function categoriesOf(history: readonly ItemEvent[]) {
  const facts = new Map<string, Pick<ItemEvent, 'category' | 'brand' | 'price'>>();
  for (const { itemId, category, brand, price } of history)
    if (itemId !== null) facts.set(itemId, { category, brand, price });
  return facts;
}
