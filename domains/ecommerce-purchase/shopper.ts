import {
  type Cell,
  DAY,
  HOUR,
  type LoggedEvent,
  MINUTE,
  type Random,
  SECOND,
  atTypicalHour,
  isWeekend,
  round,
  sigmoid,
} from '../../src/domain-kit';
import { CATEGORY_SHARES, type Item } from './catalogue';
import { type Action, type ActionKind, type Visit, purchaseLogit } from './propensity';

/** By hour of the day: nights are quiet, lunch and evening are busy. */
const HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 13, 12, 10, 10, 11, 13, 15, 18, 20, 18, 12, 6];
const SOURCES = ['direct', 'search', 'email', 'social', 'ads'] as const;
const DEVICES = ['mobile', 'desktop', 'tablet'] as const;
const TIERS = ['none', 'silver', 'gold'] as const;

export interface World {
  readonly items: readonly (readonly Item[])[];
  readonly beginsAt: number;
  readonly endsAt: number;
  /** Events of the past that a visit's odds depend on. */
  readonly memory: number;
}

/** Latent: nothing of this is in the log. */
interface Traits {
  readonly registeredAt: number;
  readonly daysBetweenVisits: number;
  readonly diligence: number;
  readonly loyaltyTier: string;
  readonly tastes: readonly number[];
  readonly sources: readonly number[];
  readonly devices: readonly number[];
}

function draw(random: Random, world: World): Traits {
  const days = (world.endsAt - world.beginsAt) / DAY;
  return {
    registeredAt: world.beginsAt + random.between(-400, days - 10) * DAY,
    daysBetweenVisits: random.logNormal(4, 0.5),
    diligence: random.logNormal(1, 0.45),
    loyaltyTier: TIERS[random.weighted([0.66, 0.24, 0.1])] ?? 'none',
    tastes: CATEGORY_SHARES.map((share) => share * random.logNormal(1, 0.9)),
    sources: [0.34, 0.26, 0.16, 0.12, 0.12].map((share) => share * random.logNormal(1, 0.6)),
    devices: [0.58, 0.34, 0.08].map((share) => share * random.logNormal(1, 1.2)),
  };
}

/** Everything that one customer does, visit by visit. */
export function* shop(random: Random, world: World): Generator<LoggedEvent> {
  const traits = draw(random, world);
  const past: Action[] = [];
  const remember = (action: Action): void => {
    past.push(action);
    if (past.length > world.memory) past.shift();
  };
  let at = Math.max(traits.registeredAt, world.beginsAt) + random.between(0, traits.daysBetweenVisits) * DAY;
  // What the customer came for: an errand lasts some visits, then another follows.
  let errand = random.weighted(traits.tastes);
  let zeal = random.logNormal(traits.diligence, 0.5);
  for (;;) {
    at = nextVisit(at, random, past);
    if (at >= world.endsAt) return;
    const visit: Visit = {
      at,
      device: DEVICES[random.weighted(traits.devices)] ?? 'mobile',
      source: SOURCES[random.weighted(traits.sources)] ?? 'direct',
      loyaltyTier: traits.loyaltyTier,
      tenureDays: Math.floor((at - traits.registeredAt) / DAY),
    };
    const truth = sigmoid(purchaseLogit(visit, past));
    const buys = random.chance(truth);
    remember({ at, kind: 'visit' });
    yield {
      at,
      kind: 'visit',
      cells: {
        device: visit.device,
        source: visit.source,
        loyalty_tier: visit.loyaltyTier,
        tenure_days: visit.tenureDays,
      },
      truth,
    };
    for (const event of browse({ random, world, traits, errand, zeal, buys }, at)) {
      remember(event.action);
      yield event.logged;
      at = event.logged.at;
    }
    if (buys || random.chance(0.25)) {
      errand = random.weighted(traits.tastes);
      zeal = random.logNormal(traits.diligence, 0.5);
    }
    at += (0.25 + random.exponential(traits.daysBetweenVisits / Math.sqrt(zeal))) * DAY;
  }
}

/** Never before the earlier visit's window is over, so that a purchase belongs to one visit only. */
function nextVisit(wanted: number, random: Random, past: readonly Action[]): number {
  const day = !isWeekend(wanted) && random.chance(0.12) ? wanted + DAY : wanted;
  const at = atTypicalHour(day, HOURS, random);
  const last = past.at(-1)?.at ?? -Infinity;
  return at - last < 3 * HOUR ? at + DAY : at;
}

interface Mood {
  readonly random: Random;
  readonly world: World;
  readonly traits: Traits;
  /** Category index. */
  readonly errand: number;
  readonly zeal: number;
  readonly buys: boolean;
}

function* browse(mood: Mood, beganAt: number): Generator<{ action: Action; logged: LoggedEvent }> {
  const { random, world, traits, errand, zeal, buys } = mood;
  let at = beganAt;
  let item = anyItem(world, errand, random);
  const act = (kind: ActionKind, cells: { dwell?: number; item?: Item } = {}) => {
    at += Math.max(5, Math.round(random.exponential(70))) * SECOND;
    const dwellSeconds = cells.dwell === undefined ? undefined : round(cells.dwell, 1);
    const { id, category, brand, price } = cells.item ?? {};
    const action: Action = { at, kind, category, price, dwellSeconds };
    const logged: Record<string, Cell> = {
      item_id: id ?? null,
      category: category ?? null,
      brand: brand ?? null,
      price: price ?? null,
      dwell_seconds: dwellSeconds ?? null,
    };
    return { action, logged: { at, kind, cells: logged } };
  };
  // At most ten looks of about a minute: well inside the two hours in which a purchase counts.
  const looks = Math.min(10, 1 + Math.floor(random.exponential(1.3 * zeal)));
  for (let look = 0; look < looks; look++) {
    if (random.chance(0.15)) yield act('search', { dwell: random.logNormal(12, 0.6) });
    if (look === 0 || random.chance(0.6))
      item = anyItem(world, random.chance(0.7) ? errand : random.weighted(traits.tastes), random);
    yield act('view', { item, dwell: random.logNormal(22 * Math.sqrt(zeal), 0.8) });
    if (random.chance(0.05 * zeal)) yield act('wishlist', { item });
    if (random.chance(Math.min(0.1 * zeal, 0.5))) yield act('cart', { item });
  }
  if (buys) {
    yield act('cart', { item });
    at += MINUTE;
    yield act('purchase', { item });
  }
}

function anyItem(world: World, category: number, random: Random): Item {
  const items = world.items[category] ?? [];
  const item = items[Math.floor(items.length * random.uniform() ** 1.5)];
  if (!item) throw new Error(`the catalogue has no category ${category}`);
  return item;
}
