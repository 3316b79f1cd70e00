import { z } from 'zod';

const share = z.number().gt(0).max(1);
const amount = z.number().min(0).max(1e9);
const column = z.string().min(1).max(200);

/** What a shop decides by. Everything that is left out has its default. */
export const shopPolicySchema = z
  .strictObject({
    /** The columns of its events. */
    columns: z
      .strictObject({
        item: column.default('item_id'),
        category: column.default('category'),
        brand: column.default('brand'),
        price: column.default('price'),
      })
      .prefault({}),
    /** The kind of event that puts an item into the basket. */
    basketKind: column.default('cart'),
    recommendations: z
      .strictObject({
        /** An item may be recommended again so many days after it was bought; null: never, 0: at once. */
        rebuyAfterDays: z.number().min(0).max(36_500).nullable().default(null),
        /** Most items of one category in a list; null: any number. */
        maxPerCategory: z.int().min(1).max(100).nullable().default(null),
        /** Each item of the same category before it multiplies an item's value by this. */
        repeatFactor: share.default(0.9),
      })
      .prefault({}),
    margins: z
      .strictObject({
        /** What is earned of a price, as a share of it, where a request gives no margin; null: not known. */
        rate: share.nullable().default(null),
        categories: z
          .array(z.strictObject({ category: z.string().min(1).max(1_024), rate: share }))
          .max(500)
          .default([]),
      })
      .prefault({}),
    /** What it means to approach a customer. */
    audience: z
      .strictObject({
        /** Of a contact, whatever comes of it. */
        contactCost: amount.default(0.5),
        /** Of a purchase by somebody who was approached. */
        purchaseBenefit: amount.default(10),
        /** Customers of at least this probability are approached; null: as many as earn most on the validation part. */
        threshold: z.number().min(0).max(1).nullable().default(null),
      })
      .prefault({}),
  })
  .superRefine(({ margins }, context) => {
    const seen = new Map<string, number>();
    for (const [place, { category }] of margins.categories.entries()) {
      const earlier = seen.get(category);
      if (earlier === undefined) seen.set(category, place);
      else
        context.addIssue({
          code: 'custom',
          path: ['margins', 'categories', place, 'category'],
          message: `repeats that of margins.categories.${earlier}: give each category once`,
        });
    }
  });

export type ShopPolicy = z.infer<typeof shopPolicySchema>;

/** What an item earns, as far as the policy says. */
export function marginBy(
  { margins }: ShopPolicy,
  { category, price }: { readonly category: string | null; readonly price: number | null },
): number | null {
  const rate = margins.categories.find((each) => each.category === category)?.rate ?? margins.rate;
  return rate === null || price === null ? null : rate * price;
}
