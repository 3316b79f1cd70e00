import { DAY, hourOfDay, isWeekend } from '../../src/domain-kit';

export type ActionKind = 'visit' | 'search' | 'view' | 'wishlist' | 'cart' | 'purchase';

/** An event as logged. */
export interface Action {
  readonly at: number;
  readonly kind: ActionKind;
  readonly category?: string | undefined;
  readonly price?: number | undefined;
  readonly dwellSeconds?: number | undefined;
}

/** What is known of a visit when it begins. */
export interface Visit {
  readonly at: number;
  readonly device: string;
  readonly source: string;
  readonly loyaltyTier: string;
  readonly tenureDays: number;
}

/** e-folding times in days: how long each trace of the past stays. */
const FADES = { interest: 4, basket: 2.5, satiation: 6 };

const DEVICE: Readonly<Record<string, number>> = { desktop: 0.9, tablet: 0.1, mobile: -0.6 };
const SOURCE: Readonly<Record<string, number>> = {
  email: 1.1,
  direct: 0.6,
  search: 0.1,
  ads: -0.6,
  social: -1.3,
};
const TIER: Readonly<Record<string, number>> = { gold: 1.2, silver: 0.6, none: -0.2 };

/**
 * The log-odds that a visit ends in a purchase, from nothing but what the log holds at its beginning.
 *
 * Order matters everywhere: a purchase empties the basket and quenches the interest that came before it, not the one
 * that comes after; each trace fades with the time since; a run of looks at one category is worth more than the
 * same looks spread over several.
 */
export function purchaseLogit(visit: Visit, history: readonly Action[]): number {
  const past = traces(visit.at, history);
  const eager = 3.6 * Math.tanh(past.interest / 1.8);
  const basket = 2.7 * Math.min(past.basket, 1.5);
  // A full basket is easily finished at a desk or from a reminder, and rarely on a phone when it is dear.
  const reminder = visit.source === 'email' ? 0.6 * Math.min(past.basket, 1) : 0;
  const doubt = visit.device === 'mobile' && past.basketPrice > 90 ? -1 * Math.min(past.basket, 1) : 0;
  const evening = 0.7 * Math.cos((2 * Math.PI * (hourOfDay(visit.at) - 20.5)) / 24);
  return (
    -4.7 +
    eager +
    basket +
    reminder +
    doubt +
    evening +
    0.25 * past.momentum -
    1.5 * past.satiation +
    0.3 * Math.min(past.purchases, 3) +
    (DEVICE[visit.device] ?? 0) +
    (SOURCE[visit.source] ?? 0) +
    (TIER[visit.loyaltyTier] ?? 0) +
    (isWeekend(visit.at) ? 0.35 : 0) +
    0.12 * Math.log1p(visit.tenureDays / 30)
  );
}

interface Traces {
  /** Looks, weighted by how long they lasted. */
  interest: number;
  /** Items put into the basket and not bought. */
  basket: number;
  /** Price of the last of them. */
  basketPrice: number;
  /** Recent purchases: nobody needs a second kettle. */
  satiation: number;
  purchases: number;
  /** Length of the last run of looks at one category, above one. */
  momentum: number;
}

function traces(now: number, history: readonly Action[]): Traces {
  const past: Traces = { interest: 0, basket: 0, basketPrice: 0, satiation: 0, purchases: 0, momentum: 0 };
  let category: string | undefined;
  let run = 0;
  let previous = history[0]?.at ?? now;
  const fade = (at: number) => {
    const days = (at - previous) / DAY;
    past.interest *= Math.exp(-days / FADES.interest);
    past.basket *= Math.exp(-days / FADES.basket);
    past.satiation *= Math.exp(-days / FADES.satiation);
    previous = at;
  };
  for (const action of history) {
    fade(action.at);
    if (action.kind === 'purchase') {
      past.interest *= 0.25;
      past.basket = 0;
      past.satiation += 1;
      past.purchases += 1;
      run = 0;
    } else if (action.kind === 'cart') {
      past.basket += 1;
      past.basketPrice = action.price ?? 0;
    } else if (action.kind === 'wishlist') past.interest += 0.5;
    else if (action.kind === 'search') past.interest += 0.25;
    else if (action.kind === 'view') past.interest += 0.3 * Math.log1p((action.dwellSeconds ?? 0) / 25);
    if (action.category !== undefined && action.kind !== 'purchase') {
      run = action.category === category ? run + 1 : 1;
      category = action.category;
    }
  }
  const lastAt = previous;
  fade(now);
  past.momentum = Math.min(Math.max(run - 1, 0), 4) * Math.exp(-(now - lastAt) / (3 * DAY));
  return past;
}
