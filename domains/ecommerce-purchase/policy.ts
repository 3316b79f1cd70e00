import { z } from 'zod';

const share = z.number().gt(0).max(1);
const amount = z.number().min(0).max(1e9);
const column = z.string().min(1).max(200);

/** What a shop decides by. Everything that is left out has its default. */
export const shopPolicySchema = z.strictObject({
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
  /** What is earned of a price, as a share of it, where a request gives no margin; null: not known. */
  marginRate: z
    .strictObject({
      standard: share.nullable().default(null),
      byCategory: z.record(z.string(), share).default({}),
    })
    .prefault({}),
  /** What it means to approach a customer. */
  audience: z
    .strictObject({
      /** Of a contact, whatever comes of it. */
      contactCost: amount.default(0.1),
      /** Of a purchase by somebody who was approached. */
      purchaseBenefit: amount.default(10),
    })
    .prefault({}),
});

export type ShopPolicy = z.infer<typeof shopPolicySchema>;

export const STANDARD_POLICY: ShopPolicy = shopPolicySchema.parse({});
