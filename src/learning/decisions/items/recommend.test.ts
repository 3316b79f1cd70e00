import fc from 'fast-check';
import { fitItemModel, historiesIn, type OccasionKinds, occasionsOf } from './fit-item-weights';
import { DAY_MS, type ItemEvent } from './item-event';
import { buildItemIndex } from './item-index';
import { recommend, type RecommendQuestion } from './recommend';

const kinds: OccasionKinds = { purchase: 'purchase', basket: 'cart', visits: ['visit'], visitMs: 7_200_000 };
const NOW = 100 * DAY_MS;

const event = (subjectId: string, at: number, kind: string, itemId: string | null): ItemEvent => ({
  subjectId,
  at,
  kind,
  itemId,
  category: itemId?.split('-')[0] ?? null,
  brand: null,
  price: itemId === null ? null : 10,
});

const anyEvent = fc.record({
  subject: fc.constantFrom('u1', 'u2', 'u3'),
  at: fc.integer({ min: NOW - 40 * DAY_MS, max: NOW - 1 }),
  kind: fc.constantFrom('visit', 'view', 'cart', 'purchase'),
  item: fc.constantFrom('a-1', 'a-2', 'b-1', 'b-2', 'c-1'),
});
const log = fc
  .array(anyEvent, { maxLength: 80 })
  .map((rows) =>
    rows
      .map(({ subject, at, kind, item }) => event(subject, at, kind, kind === 'visit' ? null : item))
      .sort((a, b) => a.at - b.at),
  );

async function ask(events: readonly ItemEvent[], change: Partial<RecommendQuestion> = {}) {
  return recommend({
    model: await fitItemModel(events, kinds),
    kinds,
    history: historiesIn(events)('u1', NOW),
    now: NOW,
    candidates: null,
    intent: 0.2,
    first: 10,
    diversity: { maxPerGroup: null, repeatFactor: 1 },
    rebuyAfterMs: null,
    marginOf: () => null,
    ...change,
  });
}

describe('recommendations', () => {
  it('are different items, each at most as probable as the visit ends in a purchase, the most probable first', () =>
    fc.assert(
      fc.asyncProperty(log, async (events) => {
        const { items, weighed, bought } = await ask(events);
        const ids = items.map(({ itemId }) => itemId);
        expect(new Set(ids).size).toBe(ids.length);
        expect(items.length + bought.length).toBe(weighed);
        const probabilities = items.map(({ probability }) => probability!);
        expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
        expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeLessThanOrEqual(0.2 + 1e-9);
        for (const { share } of items) expect(share).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    ));

  it('do not depend on what happens afterwards', () =>
    fc.assert(
      fc.asyncProperty(log, log, async (events, later) => {
        const after = later.map((each) => ({ ...each, at: each.at + 60 * DAY_MS }));
        const historyOf = historiesIn([...events, ...after]);
        expect(await ask(events, { history: historyOf('u1', NOW) })).toEqual(await ask(events));
      }),
      { numRuns: 20 },
    ));

  it('leave out what was bought, until it may be bought again', async () => {
    const events = [
      event('u1', NOW - 10 * DAY_MS, 'purchase', 'a-1'),
      event('u1', NOW - DAY_MS, 'view', 'b-1'),
      event('u2', NOW - DAY_MS, 'purchase', 'c-1'),
    ];
    const idsOf = async (rebuyAfterMs: number | null) =>
      (await ask(events, { rebuyAfterMs })).items.map(({ itemId }) => itemId).sort();
    expect(await idsOf(null)).toEqual(['b-1', 'c-1']);
    expect(await idsOf(20 * DAY_MS)).toEqual(['b-1', 'c-1']);
    expect(await idsOf(10 * DAY_MS)).toEqual(['a-1', 'b-1', 'c-1']);
    expect((await ask(events)).bought).toEqual(['a-1']);
  });

  it('rank by what is earned where every item has a margin, and by probability where one has none', async () => {
    const events = ['a-1', 'a-1', 'a-1', 'b-1'].map((id, i) =>
      event(`u${i + 2}`, NOW - (9 - i) * DAY_MS, 'purchase', id),
    );
    const candidates = [
      { id: 'a-1', margin: 1 },
      { id: 'b-1', margin: 50 },
    ];
    const first = async (given: RecommendQuestion['candidates']) =>
      (await ask(events, { candidates: given })).items.map(({ itemId }) => itemId);
    expect(await first(candidates)).toEqual(['b-1', 'a-1']);
    expect(await first([candidates[0]!, { id: 'b-1' }])).toEqual(['a-1', 'b-1']);
    const { items } = await ask(events, { candidates });
    for (const { probability, margin, expectedMargin } of items)
      expect(expectedMargin).toBe(probability! * margin!);
  });

  it('say why: the basket, looks, company, and what sells', async () => {
    const company = Array.from({ length: 12 }, (_, i) => [
      event(`v${i}`, NOW - (20 - i) * DAY_MS, 'view', 'a-1'),
      event(`v${i}`, NOW - (20 - i) * DAY_MS + 1, 'view', 'd-9'),
    ]).flat();
    const sells = Array.from({ length: 30 }, (_, i) =>
      event(`w${i}`, NOW - 30 * DAY_MS + i, 'purchase', 'e-1'),
    );
    const mine = [
      event('u1', NOW - 3 * DAY_MS, 'view', 'a-1'),
      event('u1', NOW - 2 * DAY_MS, 'view', 'a-1'),
      event('u1', NOW - 2 * DAY_MS, 'cart', 'b-1'),
    ];
    const events = [...company, ...sells, ...mine].sort((a, b) => a.at - b.at);
    const { items } = await ask(events);
    const reasons = Object.fromEntries(items.map(({ itemId, reason }) => [itemId, reason]));
    expect(reasons['a-1']).toMatchObject({ code: 'LOOKED_AT', own: { looksThisWeek: 2 } });
    expect(reasons['b-1']).toMatchObject({ code: 'IN_BASKET', own: { inBasketSince: NOW - 2 * DAY_MS } });
    expect(reasons['d-9']).toMatchObject({ code: 'TOGETHER', withItemId: 'a-1' });
    expect(reasons['e-1']).toMatchObject({ code: 'POPULAR', withItemId: null });
  });

  it('weigh an item that nothing is known of, and find nothing where there is nothing', async () => {
    const { items } = await ask([], { candidates: [{ id: 'new' }] });
    expect(items).toMatchObject([{ itemId: 'new', isKnown: false, category: null }]);
    expect(await ask([])).toEqual({ items: [], weighed: 0, bought: [] });
  });
});

describe('what they are learnt from', () => {
  it('counts every item event once', () => {
    fc.assert(
      fc.property(log, (events) => {
        const { items } = buildItemIndex(events, kinds);
        const counted = [...items.values()].reduce((sum, { looks, purchases }) => sum + looks + purchases, 0);
        expect(counted).toBe(events.filter(({ itemId }) => itemId !== null).length);
      }),
    );
  });

  it('are purchases at the beginning of their visit, once per item and visit', () => {
    const events = [
      event('u1', 0, 'visit', null),
      event('u1', 60_000, 'purchase', 'a-1'),
      event('u1', 61_000, 'purchase', 'a-1'),
      event('u1', 62_000, 'purchase', 'b-1'),
      event('u1', 10 * 3_600_000, 'purchase', 'a-1'),
    ];
    expect(occasionsOf(events, kinds)).toEqual([
      { subjectId: 'u1', at: 0, itemId: 'a-1' },
      { subjectId: 'u1', at: 0, itemId: 'b-1' },
      { subjectId: 'u1', at: 10 * 3_600_000 - 120_000, itemId: 'a-1' },
    ]);
  });
});
