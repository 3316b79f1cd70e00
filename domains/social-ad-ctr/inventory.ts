import { Random } from '../../src/domain-kit';

export const CATEGORIES = ['apparel', 'food', 'games', 'travel', 'finance', 'fitness'] as const;
export const FORMATS = ['image', 'video', 'carousel', 'story'] as const;
export const AGE_BANDS = ['18-24', '25-34', '35-49', '50+'] as const;

export type Category = (typeof CATEGORIES)[number];
export type Format = (typeof FORMATS)[number];
export type AgeBand = (typeof AGE_BANDS)[number];

export interface Ad {
  readonly advertiser: string;
  readonly category: Category;
  readonly format: Format;
}

export interface Inventory {
  readonly ads: readonly Ad[];
  /** Shares of the impressions, by ad: a few campaigns are large. */
  readonly budgets: readonly number[];
  /** What an advertiser's name and creatives are worth, in log-odds. */
  readonly appeal: ReadonlyMap<string, number>;
}

const ADVERTISERS = 18;
const ADS_PER_ADVERTISER = 4;

/** The campaigns that run on the network. */
export function inventory(seed: number): Inventory {
  const random = new Random(seed, 0);
  const ads: Ad[] = [];
  const appeal = new Map<string, number>();
  for (let index = 0; index < ADVERTISERS; index++) {
    const advertiser = `adv-${String(index + 1).padStart(2, '0')}`;
    const category = CATEGORIES[index % CATEGORIES.length] ?? CATEGORIES[0];
    // Better and worse ones in every category.
    const rank = Math.floor(index / CATEGORIES.length) / (ADVERTISERS / CATEGORIES.length - 1);
    appeal.set(advertiser, (rank - 0.5) * random.between(0.8, 1.6));
    for (let ad = 0; ad < ADS_PER_ADVERTISER; ad++)
      ads.push({ advertiser, category, format: FORMATS[random.weighted([0.4, 0.3, 0.15, 0.15])] ?? 'image' });
  }
  return { ads, budgets: ads.map(() => random.logNormal(1, 0.6)), appeal };
}
