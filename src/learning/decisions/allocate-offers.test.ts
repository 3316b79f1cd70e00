import fc from 'fast-check';
import { allocateOffers, type Option } from './allocate-offers';

const option = fc.record({
  cost: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 })),
  value: fc.integer({ min: -5, max: 30 }),
});
const subjects = fc.array(fc.array(option, { maxLength: 3 }), { maxLength: 5 });

/** The best of all allocations, one by one. */
function best(all: readonly (readonly Option[])[], budget: number): number {
  const [first, ...rest] = all;
  if (!first) return 0;
  return Math.max(
    best(rest, budget),
    ...first.filter(({ cost }) => cost <= budget).map(({ cost, value }) => value + best(rest, budget - cost)),
  );
}

describe('offers under a budget', () => {
  it('are worth at most what is possible, which is at most the bound, and miss it by one step at most', () => {
    fc.assert(
      fc.property(subjects, fc.integer({ min: 0, max: 60 }), (all, budget) => {
        const { choices, cost, value, bound } = allocateOffers(all, budget);
        const chosen = choices.flatMap((index, i) => (index === null ? [] : [all[i]![index]!]));
        expect(cost).toBe(chosen.reduce((sum, each) => sum + each.cost, 0));
        expect(value).toBe(chosen.reduce((sum, each) => sum + each.value, 0));
        expect(cost).toBeLessThanOrEqual(budget);
        const optimum = best(all, budget);
        expect(value).toBeLessThanOrEqual(optimum);
        expect(optimum).toBeLessThanOrEqual(bound + 1e-9);
        const largest = Math.max(0, ...all.flat().map((each) => each.value));
        expect(value).toBeGreaterThanOrEqual(bound - largest - 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  it('are the best of each subject where there is enough for all, and the bound says so', () => {
    fc.assert(
      fc.property(subjects, (all) => {
        const { value, bound, shadowPrice } = allocateOffers(all, 1e6);
        const sum = all.reduce(
          (total, options) => total + Math.max(0, ...options.map((each) => each.value)),
          0,
        );
        expect([value, bound, shadowPrice]).toEqual([sum, sum, 0]);
      }),
    );
  });

  it('take only what is free of a budget of nothing', () => {
    const all = [[{ cost: 0, value: 2 }], [{ cost: 1, value: 100 }], [{ cost: 0, value: -1 }]];
    expect(allocateOffers(all, 0)).toMatchObject({
      choices: [0, null, null],
      cost: 0,
      value: 2,
      shadowPrice: 100,
    });
  });

  it('are not worth less with more budget, as far as the bound goes', () => {
    fc.assert(
      fc.property(subjects, fc.integer({ min: 0, max: 50 }), (all, budget) => {
        expect(allocateOffers(all, budget + 1).bound).toBeGreaterThanOrEqual(
          allocateOffers(all, budget).bound - 1e-9,
        );
      }),
    );
  });
});
