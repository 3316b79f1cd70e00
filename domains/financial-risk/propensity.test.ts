import { DAY } from '../../src/domain-kit';
import { type Movement, type Review, defaultLogit } from './propensity';

const NOW = Date.UTC(2024, 5, 10, 9);
const review: Review = {
  at: NOW,
  income: 40_000,
  debtToIncome: 0.3,
  employment: 'salaried',
  housing: 'rent',
  accountAgeMonths: 24,
  inquiries: 0,
};

interface Month {
  readonly utilization?: number;
  /** Share of the balance that was paid; null when the month was missed. */
  readonly paid?: number | null;
  readonly daysLate?: number;
}

/** A statement and its payment in each month, the last month's now. */
function past(...months: readonly Month[]): Movement[] {
  return months.flatMap(({ utilization = 0.4, paid = 0.5, daysLate = 0 }, index): Movement[] => {
    const at = NOW - (months.length - index) * 30 * DAY;
    const statement: Movement = { at, kind: 'statement', utilization, balance: 1000 * utilization };
    const paidAt = at + (18 + daysLate) * DAY;
    return paid === null
      ? [statement]
      : [statement, { at: paidAt, kind: 'payment', paymentRatio: paid, daysLate }];
  });
}

const odds = (history: readonly Movement[], changes: Partial<Review> = {}): number =>
  defaultLogit({ ...review, ...changes }, history);

describe('defaultLogit', () => {
  it('fears payments that shrink more than the same payments growing', () => {
    const shrinking = past({ paid: 0.9 }, { paid: 0.6 }, { paid: 0.3 }, { paid: 0.1 });
    const growing = past({ paid: 0.1 }, { paid: 0.3 }, { paid: 0.6 }, { paid: 0.9 });
    expect(odds(shrinking)).toBeGreaterThan(odds(growing) + 1);
  });

  it('fears utilization that climbs more than the same utilization falling', () => {
    const levels = [0.2, 0.4, 0.6, 0.9].map((utilization) => ({ utilization }));
    expect(odds(past(...levels))).toBeGreaterThan(odds(past(...[...levels].reverse())) + 0.5);
  });

  it('sees a missed month in what does not follow a statement, and forgives it when it is made good', () => {
    const missedLast = past({}, {}, { paid: null });
    const missedFirst = past({ paid: null }, {}, {});
    expect(odds(missedLast)).toBeGreaterThan(odds(past({}, {}, {})) + 0.5);
    expect(odds(missedLast)).toBeGreaterThan(odds(missedFirst));
  });

  it('counts inquiries more against those who are in debt', () => {
    const cost = (debtToIncome: number) =>
      odds(past({}), { debtToIncome, inquiries: 4 }) - odds(past({}), { debtToIncome });
    expect(cost(0.7)).toBeGreaterThan(cost(0.2) + 0.3);
  });
});
