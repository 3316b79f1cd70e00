import fc from 'fast-check';
import { diversify, type Ranked } from './diversify';

const items = fc.array(
  fc.record({
    value: fc.double({ min: 0, max: 10, noNaN: true }),
    group: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null }),
  }),
  { maxLength: 30 },
);
const all = { maxPerGroup: null, repeatFactor: 1 };

describe('a diverse list', () => {
  it('is the list by value where nothing is asked of it, equal values in their order', () => {
    fc.assert(
      fc.property(items, fc.nat(35), (ranked, first) => {
        const sorted = ranked.map((_, i) => i).sort((a, b) => ranked[b]!.value - ranked[a]!.value || a - b);
        expect(diversify(ranked, all, first)).toEqual(sorted.slice(0, first));
      }),
    );
  });

  it('takes the item of largest value after repeats at each place, and no group too often', () => {
    fc.assert(
      fc.property(
        items,
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(0.3, 0.8, 1),
        (ranked, maxPerGroup, repeatFactor) => {
          const chosen = diversify(ranked, { maxPerGroup, repeatFactor }, 10);
          const left = new Set(ranked.keys());
          const counts = new Map<string, number>();
          const worth = ({ value, group }: Ranked) => {
            const before = group === null ? 0 : (counts.get(group) ?? 0);
            return before >= maxPerGroup ? -1 : value * repeatFactor ** before;
          };
          for (const index of chosen) {
            expect(left.has(index)).toBe(true);
            expect(worth(ranked[index]!)).toBe(Math.max(...[...left].map((each) => worth(ranked[each]!))));
            left.delete(index);
            const { group } = ranked[index]!;
            if (group !== null) counts.set(group, (counts.get(group) ?? 0) + 1);
          }
          if (chosen.length < 10) for (const index of left) expect(worth(ranked[index]!)).toBe(-1);
        },
      ),
    );
  });

  it('does not prefer a repeated loss', () => {
    const losses = [-1, -2, -3].map((value) => ({ value, group: 'a' }));
    expect(diversify(losses, { maxPerGroup: null, repeatFactor: 0.1 }, 3)).toEqual([0, 1, 2]);
  });
});
