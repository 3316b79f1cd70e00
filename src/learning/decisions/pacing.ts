/** A budget, and how much of it is gone. */
export interface Spend {
  /** Above 0. */
  readonly budget: number;
  readonly spent: number;
  readonly startsAt: Date;
  /** After the start. */
  readonly endsAt: Date;
}

export interface PacingPolicy {
  /** How strongly a budget that runs ahead is held back; 0 is not at all. */
  readonly strength: number;
  /** The most that it is held back: a factor, 0..1. */
  readonly least: number;
}

export type Pace =
  | { readonly state: 'SPENT' | 'OUTSIDE_FLIGHT' }
  | {
      readonly state: 'RUNNING';
      readonly spentShare: number;
      readonly elapsedShare: number;
      readonly throttle: number;
    };

/**
 * How much a budget's ads are held back at a moment of its flight.
 *
 * What is left of the budget over what is left of the time says how fast it may be spent from now on; 1 is the even
 * pace. Below it the factor is (left budget / left time)^strength, `least` at the lowest. A budget that lags behind is
 * not pushed: an ad is worth no more for that.
 */
export function paceOf({ budget, spent, startsAt, endsAt }: Spend, at: Date, policy: PacingPolicy): Pace {
  const [from, to, now] = [startsAt.getTime(), endsAt.getTime(), at.getTime()];
  if (now < from || now >= to) return { state: 'OUTSIDE_FLIGHT' };
  if (spent >= budget) return { state: 'SPENT' };
  const spentShare = spent / budget;
  const elapsedShare = (now - from) / (to - from);
  const even = Math.min(1, (1 - spentShare) / (1 - elapsedShare));
  return {
    state: 'RUNNING',
    spentShare,
    elapsedShare,
    throttle: Math.max(policy.least, even ** policy.strength),
  };
}
