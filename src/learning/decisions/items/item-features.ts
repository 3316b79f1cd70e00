import { type ItemFacts, type ItemIndex } from './item-index';
import { type OwnActivity } from './own-activity';

/** What the choice among items is explained by, each with the reason that it stands for. */
export const ITEM_FEATURES = [
  { name: 'basket', reason: 'IN_BASKET' },
  { name: 'looks', reason: 'LOOKED_AT' },
  { name: 'recency', reason: 'LOOKED_AT' },
  { name: 'together', reason: 'TOGETHER' },
  { name: 'category', reason: 'CATEGORY' },
  { name: 'brand', reason: 'BRAND' },
  { name: 'bought', reason: 'BOUGHT_BEFORE' },
  { name: 'purchases', reason: 'POPULAR' },
  { name: 'seen', reason: 'POPULAR' },
] as const;

export type ItemReason = (typeof ITEM_FEATURES)[number]['reason'];

/** What an item is, known from events or given. */
export type ItemLike = Pick<ItemFacts, 'id' | 'category' | 'brand'>;

/** The item of the subject's own that speaks most for another. */
export interface Company {
  readonly id: string;
  readonly similarity: number;
}

/** How much the subject's own items speak for others that were seen together with them. */
export function companyOf(index: ItemIndex, own: OwnActivity): Map<string, { sum: number; best: Company }> {
  const company = new Map<string, { sum: number; best: Company }>();
  let total = 1;
  for (const { looks, basket, recency } of own.items.values()) total += looks + basket + recency;
  for (const [id, { looks, basket, recency, boughtAt }] of own.items) {
    const weight = (looks + basket + recency + (boughtAt === null ? 0 : 0.1)) / total;
    for (const { id: other, similarity } of index.neighbours.get(id) ?? []) {
      const amount = weight * similarity;
      const known = company.get(other);
      if (!known) company.set(other, { sum: amount, best: { id, similarity: amount } });
      else {
        known.sum += amount;
        if (amount > known.best.similarity) known.best = { id, similarity: amount };
      }
    }
  }
  return company;
}

/** The features of an item in the order of {@link ITEM_FEATURES}. */
export function itemFeatures(
  item: ItemLike,
  index: ItemIndex,
  own: OwnActivity,
  company: ReadonlyMap<string, { readonly sum: number }>,
): number[] {
  const facts = index.items.get(item.id);
  const mine = own.items.get(item.id);
  const { category, brand } = item;
  return [
    mine?.basket ?? 0,
    Math.log1p(mine?.looks ?? 0),
    mine?.recency ?? 0,
    Math.sqrt(company.get(item.id)?.sum ?? 0),
    Math.sqrt((category === null ? undefined : own.categories.get(category)) ?? 0),
    Math.sqrt((brand === null ? undefined : own.brands.get(brand)) ?? 0),
    mine?.boughtAt == null ? 0 : 1,
    Math.log1p(facts?.purchases ?? 0),
    Math.log1p(facts?.looks ?? 0),
  ];
}
