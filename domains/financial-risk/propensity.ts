import { DAY } from '../../src/domain-kit';

/** An event as logged. */
export type Movement =
  | {
      readonly at: number;
      readonly kind: 'statement';
      readonly balance: number;
      readonly utilization: number;
    }
  | {
      readonly at: number;
      readonly kind: 'payment';
      readonly paymentRatio: number;
      readonly daysLate: number;
    }
  | { readonly at: number; readonly kind: 'review' };

export type Employment = 'salaried' | 'self_employed' | 'contract' | 'retired' | 'unemployed';
export type Housing = 'own' | 'mortgage' | 'rent';

/** What is known of the borrower at a review. */
export interface Review {
  readonly at: number;
  readonly income: number;
  readonly debtToIncome: number;
  readonly employment: Employment;
  readonly housing: Housing;
  readonly accountAgeMonths: number;
  readonly inquiries: number;
}

const EMPLOYMENT: Readonly<Record<Employment, number>> = {
  salaried: -0.6,
  self_employed: 0.15,
  contract: 0.25,
  retired: -0.8,
  unemployed: 1.5,
};
const HOUSING: Readonly<Record<Housing, number>> = { own: -0.7, mortgage: -0.1, rent: 0.4 };

/** How long each trace of the past stays, in days. */
const FADES = { lateness: 100, misses: 150, recent: 45, usual: 240 };

/**
 * The log-odds that an account is 90 days past due by the next review, from nothing but what the log holds now.
 *
 * Order matters: it is the direction that counts. Payments that shrink and utilization that climbs against the
 * account's own habit are worse than either at a steady level, a missed month is healed by the payments after it,
 * and only the order of statements and payments tells that a month was missed at all.
 */
export function defaultLogit(review: Review, history: readonly Movement[]): number {
  const past = traces(review.at, history);
  const strain = Math.max(0, review.debtToIncome - 0.35);
  const hunger = Math.log1p(review.inquiries);
  const full = Math.max(0, past.recentUtilization - 0.6);
  return (
    -2.75 +
    EMPLOYMENT[review.employment] +
    HOUSING[review.housing] -
    1.2 * Math.log(review.income / 40_000) +
    4.5 * strain +
    1 * hunger +
    // Who is deep in debt already and asks around for more.
    1.5 * strain * hunger -
    0.25 * Math.log1p(review.accountAgeMonths / 12) +
    1.8 * past.recentUtilization +
    3 * full +
    3.2 * Math.max(0, past.recentUtilization - past.usualUtilization) +
    3.6 * Math.max(0, past.usualPayment - past.recentPayment) -
    1.8 * past.recentPayment +
    1.8 * Math.tanh(past.lateness / 1.2) +
    1 * Math.min(past.misses, 3) +
    1.1 * Math.min(past.unpaid, 2)
  );
}

interface Traces {
  /** How late the payments came, fading. */
  lateness: number;
  /** Missed months, fading. */
  misses: number;
  /** Statements since the last payment. */
  unpaid: number;
  /** Exponential averages over the last weeks and over the last year. */
  recentUtilization: number;
  usualUtilization: number;
  recentPayment: number;
  usualPayment: number;
}

function traces(now: number, history: readonly Movement[]): Traces {
  const past = { lateness: 0, misses: 0, unpaid: 0 };
  const utilization = { recent: new FadingMean(FADES.recent), usual: new FadingMean(FADES.usual) };
  const payment = { recent: new FadingMean(FADES.recent), usual: new FadingMean(FADES.usual) };
  let previous = history[0]?.at ?? now;
  const fade = (at: number) => {
    const days = (at - previous) / DAY;
    past.lateness *= Math.exp(-days / FADES.lateness);
    past.misses *= Math.exp(-days / FADES.misses);
    previous = at;
  };
  for (const movement of history) {
    fade(movement.at);
    if (movement.kind === 'statement') {
      if (past.unpaid > 0) past.misses += 1;
      past.unpaid += 1;
      utilization.recent.add(movement.at, movement.utilization);
      utilization.usual.add(movement.at, movement.utilization);
    } else if (movement.kind === 'payment') {
      past.unpaid = 0;
      past.lateness += Math.log1p(movement.daysLate) / 3;
      payment.recent.add(movement.at, movement.paymentRatio);
      payment.usual.add(movement.at, movement.paymentRatio);
    }
  }
  fade(now);
  return {
    ...past,
    recentUtilization: utilization.recent.value,
    usualUtilization: utilization.usual.value,
    recentPayment: payment.recent.value,
    usualPayment: payment.usual.value,
  };
}

/** A mean in which a value weighs e times less for every `fadeDays` of age. */
class FadingMean {
  private sum = 0;
  private weight = 0;
  private at = 0;

  constructor(private readonly fadeDays: number) {}

  add(at: number, value: number): void {
    const kept = Math.exp((this.at - at) / (this.fadeDays * DAY));
    this.sum = this.sum * kept + value;
    this.weight = this.weight * kept + 1;
    this.at = at;
  }

  /** 0.5 before the first value. */
  get value(): number {
    return this.weight === 0 ? 0.5 : this.sum / this.weight;
  }
}
