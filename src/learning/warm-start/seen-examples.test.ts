import fc from 'fast-check';
import { type PreparedPart } from '../preparation/prepared-examples';
import { leak, seenBy } from './seen-examples';

interface Example {
  readonly id: string;
  /** Of the moment; its label looks `ahead` further. */
  readonly at: number;
  readonly ahead: number;
}

type Parts = Record<'train' | 'validation' | 'test', PreparedPart>;

const partOf = (examples: readonly Example[], isTimed: boolean): PreparedPart =>
  ({
    count: examples.length,
    ids: () => examples.map(({ id }) => id),
    span: isTimed
      ? {
          from: Math.min(...examples.map(({ at }) => at)),
          until: Math.max(...examples.map(({ at, ahead }) => at + ahead)),
        }
      : null,
  }) as unknown as PreparedPart;

const partsOf = (of: readonly (readonly Example[])[], isTimed = true): Parts => ({
  train: partOf(of[0] ?? [], isTimed),
  validation: partOf(of[1] ?? [], isTimed),
  test: partOf(of[2] ?? [], isTimed),
});

const example = fc.record({
  id: fc.constantFrom('1', '2', '3', '4', '5', '6'),
  at: fc.integer({ min: 0, max: 8 }),
  ahead: fc.integer({ min: 0, max: 2 }),
});
const split = fc.tuple(...[0, 1, 2].map(() => fc.array(example, { minLength: 1, maxLength: 3 })));
const none = { file: null, earlier: null };

describe('leak', () => {
  it('lets nothing pass whose labels reach into what is now held out, over any number of generations', () => {
    let passed = 0;
    fc.assert(
      fc.property(fc.array(split, { minLength: 2, maxLength: 4 }), (generations) => {
        let seen = seenBy(partsOf(generations[0] ?? []), none);
        for (const [index, of] of generations.entries()) {
          if (index === 0) continue;
          const parts = partsOf(of);
          if (leak(seen, parts, null) !== null) return;
          passed += 1;
          const heldOut = [...(of[1] ?? []), ...(of[2] ?? [])];
          for (const before of generations.slice(0, index)) {
            for (const { at, ahead } of before[0] ?? [])
              expect(heldOut.every((other) => at + ahead < other.at)).toBe(true);
            for (const { at, ahead } of before[1] ?? [])
              expect((of[2] ?? []).every((other) => at + ahead < other.at)).toBe(true);
          }
          seen = seenBy(parts, { file: null, earlier: seen });
        }
      }),
      { numRuns: 3000 },
    );
    expect(passed).toBeGreaterThan(0);
  });

  it('lets data that goes on pass, also when what decided when to stop is validated on again', () => {
    const at = (...moments: number[]) =>
      moments.map((moment) => ({ id: String(moment), at: moment, ahead: 0 }));
    const seen = seenBy(partsOf([at(1, 2), at(3), at(4)]), none);
    expect(leak(seen, partsOf([at(1, 2), at(3, 4), at(5, 6)]), null)).toBeNull();
    expect(leak(seen, partsOf([at(1), at(2, 3), at(4)]), null)).toMatch(/^It has learned from labels until/);
    expect(leak(seen, partsOf([at(1, 2), at(4), at(3)]), null)).toMatch(/^It was chosen by labels until/);
  });

  it('takes the same held-out examples of the same file for unseen where there are no moments, and no others', () => {
    const of = [['1', '2'], ['3'], ['4']].map((ids) => ids.map((id) => ({ id, at: 0, ahead: 0 })));
    const seen = seenBy(partsOf(of, false), { file: 'a', earlier: null });
    expect(leak(seen, partsOf(of, false), 'a')).toBeNull();
    const reversed = [of[0] ?? [], of[2] ?? [], of[1] ?? []];
    for (const problem of [
      leak(seen, partsOf(of, false), 'b'),
      leak(seen, partsOf(of, false), null),
      leak(seen, partsOf(reversed, false), 'a'),
      leak(seenBy(partsOf(of, false), none), partsOf(of, false), null),
    ])
      expect(problem).toMatch(/^It may have learned/);
    // Its own start had no moments: that those of its file have some says nothing of that.
    const next = seenBy(partsOf(of), { file: 'a', earlier: seen });
    expect(next).toMatchObject({ fittedUntil: null, tunedUntil: null });
  });
});
