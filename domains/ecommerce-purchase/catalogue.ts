import { Random, round } from '../../src/domain-kit';

export interface Item {
  readonly id: string;
  readonly category: string;
  readonly brand: string;
  readonly price: number;
}

/** Median price in the shop's currency, and its share of the interest. */
const CATEGORIES = [
  { name: 'electronics', price: 240, share: 0.2 },
  { name: 'fashion', price: 48, share: 0.24 },
  { name: 'home', price: 75, share: 0.15 },
  { name: 'beauty', price: 26, share: 0.12 },
  { name: 'sports', price: 62, share: 0.11 },
  { name: 'toys', price: 29, share: 0.08 },
  { name: 'books', price: 16, share: 0.06 },
  { name: 'garden', price: 58, share: 0.04 },
] as const;

const BRANDS = [
  'arvo',
  'belka',
  'corum',
  'dalla',
  'evenso',
  'fjell',
  'golden',
  'hazel',
  'ilmari',
  'junox',
] as const;
const ITEMS_PER_CATEGORY = 30;

/** The shop's items, grouped by category. */
export function catalogue(seed: number): readonly (readonly Item[])[] {
  const random = new Random(seed, 0);
  return CATEGORIES.map(({ name, price }) =>
    Array.from({ length: ITEMS_PER_CATEGORY }, (_, index) => ({
      id: `${name}-${String(index + 1).padStart(2, '0')}`,
      category: name,
      brand: random.pick(BRANDS),
      price: round(random.logNormal(price, 0.5), 2),
    })),
  );
}

export const CATEGORY_SHARES: readonly number[] = CATEGORIES.map(({ share }) => share);
