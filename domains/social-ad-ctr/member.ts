import {
  DAY,
  HOUR,
  type LoggedEvent,
  type Random,
  SECOND,
  atTypicalHour,
  round,
  sigmoid,
} from '../../src/domain-kit';
import { AGE_BANDS, CATEGORIES, type AgeBand, type Inventory } from './inventory';
import {
  type Device,
  type Encounter,
  type Impression,
  type Placement,
  type Targeting,
  clickLogit,
} from './propensity';

/** By hour of the day: a social network is opened in bed, at lunch and all evening. */
const HOURS = [6, 3, 2, 1, 1, 2, 5, 9, 10, 9, 9, 10, 13, 12, 10, 10, 11, 13, 15, 17, 19, 21, 19, 12];
const PLACEMENTS = ['feed', 'stories', 'reels', 'sidebar'] as const satisfies readonly Placement[];
const TARGETINGS = ['retargeting', 'interest', 'lookalike', 'broad'] as const satisfies readonly Targeting[];
const DEVICES = ['mobile', 'desktop', 'tablet'] as const satisfies readonly Device[];
/** Desktops have a sidebar and no stories. */
const PLACEMENT_SHARES: Readonly<Record<Device, readonly number[]>> = {
  mobile: [0.5, 0.25, 0.25, 0],
  tablet: [0.6, 0.15, 0.15, 0.1],
  desktop: [0.55, 0, 0.05, 0.4],
};

export interface World {
  readonly inventory: Inventory;
  readonly beginsAt: number;
  readonly endsAt: number;
  /** Events of the past that a click's odds depend on. */
  readonly memory: number;
}

/** Latent, but for the age: it shows in what the member does. */
interface Traits {
  readonly ageBand: AgeBand;
  readonly joinsAt: number;
  readonly daysBetweenSittings: number;
  /** How much the member likes each category, around 0. */
  readonly likings: readonly number[];
  readonly devices: readonly number[];
}

function draw(random: Random, world: World): Traits {
  const openness = 0.5 * random.normal();
  return {
    ageBand: AGE_BANDS[random.weighted([0.28, 0.32, 0.25, 0.15])] ?? '25-34',
    joinsAt: world.beginsAt + Math.max(0, random.between(-0.4, 0.85)) * (world.endsAt - world.beginsAt),
    daysBetweenSittings: random.logNormal(4.5, 0.5),
    likings: CATEGORIES.map(() => openness + 0.9 * random.normal()),
    devices: [0.7, 0.23, 0.07].map((share) => share * random.logNormal(1, 1)),
  };
}

/** Everything that one member sees and does, sitting by sitting. */
export function* scroll(random: Random, world: World): Generator<LoggedEvent> {
  const traits = draw(random, world);
  const past: Encounter[] = [];
  const shown = new Map<number, number[]>();
  let day = traits.joinsAt + random.exponential(traits.daysBetweenSittings) * DAY;
  let at = 0;
  for (;;) {
    at = Math.max(atTypicalHour(day, HOURS, random), at + HOUR);
    if (at >= world.endsAt) return;
    const device = DEVICES[random.weighted(traits.devices)] ?? 'mobile';
    for (let slot = 2 + Math.floor(random.exponential(2.2)); slot > 0; slot--) {
      while (random.chance(0.22)) {
        at += pause(random);
        yield remember(past, world.memory, opine(at, traits, random));
      }
      at += pause(random);
      const adIndex = random.weighted(world.inventory.budgets);
      const ad = world.inventory.ads[adIndex];
      if (!ad) throw new Error(`the inventory has no ad ${adIndex}`);
      const lately = (shown.get(adIndex) ?? []).filter((then) => at - then < 7 * DAY);
      shown.set(adIndex, [...lately, at]);
      const frequency = lately.length;
      const targeting = target(traits.likings[CATEGORIES.indexOf(ad.category)] ?? 0, random);
      const placement = PLACEMENTS[random.weighted(PLACEMENT_SHARES[device])] ?? 'feed';
      const impression = { at, ad, placement, frequency, targeting, device, ageBand: traits.ageBand };
      yield remember(past, world.memory, show(impression, { random, world, traits, past }));
    }
    day = at + random.exponential(traits.daysBetweenSittings) * DAY;
  }
}

/** Advertisers find members who like what they sell, more often than not. */
function target(liking: number, random: Random): Targeting {
  const fit = Math.exp(0.7 * liking);
  return TARGETINGS[random.weighted([0.08 * fit, 0.3 * fit, 0.25, 0.4])] ?? 'broad';
}

const pause = (random: Random): number => Math.max(4, Math.round(random.exponential(50))) * SECOND;

/** What happened, as the member's later odds see it and as it is logged. */
interface Happening {
  readonly encounter: Encounter;
  readonly logged: LoggedEvent;
}

function remember(past: Encounter[], memory: number, { encounter, logged }: Happening): LoggedEvent {
  past.push(encounter);
  if (past.length > memory) past.shift();
  return logged;
}

interface Scene {
  readonly random: Random;
  readonly world: World;
  readonly traits: Traits;
  readonly past: readonly Encounter[];
}

function show(impression: Impression, { random, world, traits, past }: Scene): Happening {
  const { at, ad, placement, frequency, targeting, device, ageBand } = impression;
  const truth = sigmoid(clickLogit(impression, world.inventory.appeal.get(ad.advertiser) ?? 0, past));
  const clicked = random.chance(truth);
  const liking = traits.likings[CATEGORIES.indexOf(ad.category)] ?? 0;
  const dwellSeconds = round(random.logNormal(2.2 * Math.exp(0.5 * liking), 0.6) + (clicked ? 2 : 0), 1);
  return {
    encounter: { at, kind: 'impression', category: ad.category, clicked },
    logged: {
      at,
      kind: 'impression',
      cells: {
        category: ad.category,
        format: ad.format,
        placement,
        advertiser: ad.advertiser,
        frequency,
        targeting,
        device,
        age_band: ageBand,
        dwell_seconds: dwellSeconds,
        clicked,
      },
      truth,
    },
  };
}

/** Likes, shares and hides of posts: what a member likes shows here before any ad is clicked. */
function opine(at: number, traits: Traits, random: Random): Happening {
  const index = random.weighted(traits.likings.map((liking) => Math.exp(0.6 * Math.abs(liking))));
  const category = CATEGORIES[index] ?? CATEGORIES[0];
  const pleased = random.chance(sigmoid(1.5 + 2 * (traits.likings[index] ?? 0)));
  const kind = pleased ? (random.chance(0.2) ? 'share' : 'like') : 'hide';
  return { encounter: { at, kind, category }, logged: { at, kind, cells: { category } } };
}
