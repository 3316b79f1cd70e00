import { DAY, MINUTE } from '../../src/domain-kit';
import { type Action, type ActionKind, type Visit, purchaseLogit } from './propensity';

const NOW = Date.UTC(2025, 2, 12, 18);
const visit: Visit = { at: NOW, device: 'desktop', source: 'direct', loyaltyTier: 'none', tenureDays: 100 };

/** Events a minute apart, the last of them a day ago. */
function past(...events: readonly (ActionKind | Partial<Action>)[]): Action[] {
  return events.map((event, index) => ({
    at: NOW - DAY - (events.length - 1 - index) * MINUTE,
    kind: 'view',
    dwellSeconds: 30,
    category: 'books',
    price: 20,
    ...(typeof event === 'string' ? { kind: event } : event),
  }));
}

const odds = (history: readonly Action[], changes: Partial<Visit> = {}): number =>
  purchaseLogit({ ...visit, ...changes }, history);

describe('purchaseLogit', () => {
  it('takes a full basket for a reason to return, and a purchase for the end of it', () => {
    expect(odds(past('view', 'cart'))).toBeGreaterThan(odds(past('view', 'view')) + 1);
    expect(odds(past('purchase', 'cart'))).toBeGreaterThan(odds(past('cart', 'purchase')) + 1);
  });

  it('forgets: the same basket is worth less every day', () => {
    const older = past('view', 'cart').map((action) => ({ ...action, at: action.at - 5 * DAY }));
    expect(odds(past('view', 'cart'))).toBeGreaterThan(odds(older) + 1);
  });

  it('values a run of looks at one category above the same looks in turns', () => {
    const books = { category: 'books' };
    const toys = { category: 'toys' };
    expect(odds(past(toys, toys, books, books))).toBeGreaterThan(odds(past(books, toys, books, toys)));
  });

  it('doubts a dear basket on a phone only', () => {
    const dear = past('view', { kind: 'cart', price: 300 });
    const cheap = past('view', { kind: 'cart', price: 30 });
    expect(odds(dear)).toBeCloseTo(odds(cheap), 10);
    expect(odds(dear, { device: 'mobile' })).toBeLessThan(odds(cheap, { device: 'mobile' }));
  });
});
