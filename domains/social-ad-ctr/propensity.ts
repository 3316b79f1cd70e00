import { DAY, hourOfDay, isWeekend } from '../../src/domain-kit';
import { type Ad, type AgeBand, type Category, type Format } from './inventory';

export type Placement = 'feed' | 'stories' | 'reels' | 'sidebar';
/** Why this member: visited the advertiser, likes the category, resembles its customers, or none of these. */
export type Targeting = 'retargeting' | 'interest' | 'lookalike' | 'broad';
export type Device = 'mobile' | 'desktop' | 'tablet';

/** An event as logged. */
export interface Encounter {
  readonly at: number;
  readonly kind: 'impression' | 'like' | 'share' | 'hide';
  readonly category: Category;
  readonly clicked?: boolean;
}

/** What is known when an ad is about to be shown. */
export interface Impression {
  readonly at: number;
  readonly ad: Ad;
  readonly placement: Placement;
  /** How often the member was shown this ad within the last week. */
  readonly frequency: number;
  readonly targeting: Targeting;
  readonly device: Device;
  readonly ageBand: AgeBand;
}

const PLACEMENT: Readonly<Record<Placement, number>> = {
  feed: 0.5,
  stories: 0.1,
  reels: -0.1,
  sidebar: -1.4,
};
const FORMAT: Readonly<Record<Format, number>> = { image: -0.2, video: 0.15, carousel: 0.3, story: 0 };
const TARGETING: Readonly<Record<Targeting, number>> = {
  retargeting: 1.9,
  interest: 0.9,
  lookalike: 0,
  broad: -0.9,
};
/** What fills the screen fits where the screen is filled. */
const FITS: Readonly<Partial<Record<`${Placement}/${Format}`, number>>> = {
  'stories/story': 0.6,
  'reels/video': 0.6,
};
const CATEGORY: Readonly<Record<Category, number>> = {
  apparel: 0.3,
  food: 0.2,
  games: 0.1,
  travel: 0,
  finance: -0.5,
  fitness: -0.1,
};
const AGE: Readonly<Record<AgeBand, number>> = { '18-24': 0.3, '25-34': 0.15, '35-49': -0.1, '50+': -0.4 };

/** How long each trace of the past stays, in days. */
const FADES = { mood: 1.5, weariness: 45 / (24 * 60), affinity: 4 };

/**
 * The log-odds of a click, from nothing but what the log holds when the ad is about to be shown.
 *
 * Order matters: a click wakes a weary member up and a run of ads without one wears him out; both fade, the one in
 * days and the other in minutes. What was done with the same kind of product counts for or against this ad.
 */
export function clickLogit(impression: Impression, appeal: number, history: readonly Encounter[]): number {
  const { at, ad, placement, frequency, targeting, device, ageBand } = impression;
  const past = traces(at, ad.category, history);
  const evening = 0.45 * Math.cos((2 * Math.PI * (hourOfDay(at) - 21)) / 24);
  // The second look is the best one; after that the ad wears out.
  const wear = frequency === 1 ? 0.25 : -0.3 * Math.log1p(Math.max(0, frequency - 1));
  return (
    -3.4 +
    appeal +
    TARGETING[targeting] +
    PLACEMENT[placement] +
    FORMAT[ad.format] +
    (FITS[`${placement}/${ad.format}`] ?? 0) +
    CATEGORY[ad.category] +
    AGE[ageBand] +
    (device === 'mobile' ? 0.3 : device === 'desktop' ? -0.4 : 0) +
    evening +
    (isWeekend(at) ? 0.3 : 0) +
    wear +
    2.3 * Math.tanh(past.mood / 1.3) +
    0.25 * Math.tanh(past.affinity) -
    0.4 * Math.min(past.weariness, 4)
  );
}

interface Traces {
  /** How willingly the member looked at ads lately, whatever they were for. */
  mood: number;
  /** Ads since the last click, most of them forgotten within the hour. */
  weariness: number;
  /** The same as mood, for this category only. */
  affinity: number;
}

function traces(now: number, category: Category, history: readonly Encounter[]): Traces {
  const past: Traces = { mood: 0, weariness: 0, affinity: 0 };
  let previous = history[0]?.at ?? now;
  const fade = (at: number) => {
    const days = (at - previous) / DAY;
    past.mood *= Math.exp(-days / FADES.mood);
    past.weariness *= Math.exp(-days / FADES.weariness);
    past.affinity *= Math.exp(-days / FADES.affinity);
    previous = at;
  };
  for (const encounter of history) {
    fade(encounter.at);
    const said = opinion(encounter);
    past.mood += said;
    if (encounter.category === category) past.affinity += said;
    if (encounter.kind === 'impression') past.weariness = encounter.clicked ? 0.3 : past.weariness + 1;
  }
  fade(now);
  return past;
}

/** What an encounter says about the member's liking. */
function opinion({ kind, clicked }: Encounter): number {
  switch (kind) {
    case 'impression':
      return clicked ? 1 : -0.1;
    case 'like':
      return 0.35;
    case 'share':
      return 0.6;
    case 'hide':
      return -0.6;
  }
}
