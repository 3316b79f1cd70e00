import { DAY_MS, type ItemEvent, type ItemKinds } from './item-event';

/** e-folding time: how long an interest lasts. */
const INTEREST_DAYS = 7;

/** What a subject did with an item. */
export interface OwnItem {
  /** Looks, each fading within a week. */
  looks: number;
  /** Put into the basket and not bought since, fading within a week. */
  basket: number;
  /** 1 of the item of the latest event, 1/2 of the one before … fading within a week. */
  recency: number;
  lastAt: number;
  /** Looks within the last seven days. */
  looksThisWeek: number;
  inBasketSince: number | null;
  boughtAt: number | null;
}

const UNTOUCHED: OwnItem = {
  looks: 0,
  basket: 0,
  recency: 0,
  lastAt: 0,
  looksThisWeek: 0,
  inBasketSince: null,
  boughtAt: null,
};

/** A subject's events before a moment, by item, category and brand. */
export interface OwnActivity {
  /** In the order of their latest events. */
  readonly items: ReadonlyMap<string, OwnItem>;
  /** Shares of the interest, fading within a week; they sum to less than one where little is known. */
  readonly categories: ReadonlyMap<string, number>;
  readonly brands: ReadonlyMap<string, number>;
}

/** @param history the subject's events in the order of time, all before `now` */
export function ownActivity(history: readonly ItemEvent[], kinds: ItemKinds, now: number): OwnActivity {
  const items = new Map<string, OwnItem>();
  const categories = new Map<string, number>();
  const brands = new Map<string, number>();
  let total = 0;
  const add = (map: Map<string, number>, key: string | null, amount: number): void => {
    if (key !== null) map.set(key, (map.get(key) ?? 0) + amount);
  };
  for (const { at, kind, itemId, category, brand } of history) {
    if (itemId === null) continue;
    let own = items.get(itemId);
    if (!own) {
      own = { ...UNTOUCHED };
      items.set(itemId, own);
    }
    const age = (now - at) / DAY_MS;
    const interest = Math.exp(-age / INTEREST_DAYS);
    own.lastAt = at;
    // In the order of their latest events.
    items.delete(itemId);
    items.set(itemId, own);
    if (kind === kinds.purchase) {
      Object.assign(own, { boughtAt: at, basket: 0, inBasketSince: null, looks: 0, looksThisWeek: 0 });
      continue;
    }
    if (kind === kinds.basket) {
      own.basket = interest;
      own.inBasketSince = at;
    } else {
      own.looks += interest;
      if (age < 7) own.looksThisWeek++;
    }
    total += interest;
    add(categories, category, interest);
    add(brands, brand, interest);
  }
  let place = items.size;
  for (const own of items.values()) {
    own.recency = Math.exp(-(now - own.lastAt) / DAY_MS / INTEREST_DAYS) / place;
    place--;
  }
  // One look says little: shares grow with what there is of them.
  for (const shares of [categories, brands])
    for (const [key, sum] of shares) shares.set(key, sum / (total + 1));
  return { items, categories, brands };
}
