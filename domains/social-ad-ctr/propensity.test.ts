import { DAY, MINUTE } from '../../src/domain-kit';
import { type Encounter, type Impression, clickLogit } from './propensity';

const NOW = Date.UTC(2025, 3, 9, 20);
const impression: Impression = {
  at: NOW,
  ad: { advertiser: 'adv-01', category: 'food', format: 'image' },
  placement: 'feed',
  frequency: 0,
  targeting: 'broad',
  device: 'mobile',
  ageBand: '25-34',
};

/** Events a minute apart up to now. */
function past(...events: readonly Partial<Encounter>[]): Encounter[] {
  return events.map((event, index) => ({
    at: NOW - (events.length - index) * MINUTE,
    kind: 'impression',
    category: 'games',
    clicked: false,
    ...event,
  }));
}

const odds = (history: readonly Encounter[], changes: Partial<Impression> = {}): number =>
  clickLogit({ ...impression, ...changes }, 0, history);

describe('clickLogit', () => {
  it('wears out with ads that nobody clicks, and a click wakes it up', () => {
    expect(odds(past({}, {}, {}))).toBeLessThan(odds(past({})) - 0.5);
    expect(odds(past({}, {}, { clicked: true }))).toBeGreaterThan(
      odds(past({ clicked: true }, {}, {})) + 0.5,
    );
  });

  it('is rested the next day', () => {
    const yesterday = past({}, {}, {}).map((encounter) => ({ ...encounter, at: encounter.at - DAY }));
    expect(odds(yesterday)).toBeGreaterThan(odds(past({}, {}, {})) + 0.5);
  });

  it('follows what the member liked and hid, most of all of the same kind', () => {
    const like = odds(past({ kind: 'like', category: 'food' }));
    expect(like).toBeGreaterThan(odds(past({ kind: 'like', category: 'games' })));
    expect(odds(past({ kind: 'hide', category: 'games' }))).toBeLessThan(odds([]));
  });

  it('likes an ad best the second time', () => {
    const shownBefore = (frequency: number) => odds([], { frequency });
    expect(shownBefore(1)).toBeGreaterThan(shownBefore(0));
    expect(shownBefore(5)).toBeLessThan(shownBefore(2));
  });
});
