import fc from 'fast-check';
import { allocateBudget, marginalOf, type Option, returnOf } from './allocate-budget';
import { fitPriceCurve } from './fit-price-curve';
import { outcomeIntervals } from './outcome-interval';

const positive = (max: number) => fc.double({ min: 0.01, max, noNaN: true });
const anyOption = fc
  .record({
    ceiling: positive(1000),
    scale: positive(100),
    least: positive(5),
    room: fc.option(positive(50)),
  })
  .map(({ room, least, ...curve }): Option => {
    const floor = least < 2.5 ? 0 : least;
    return { ...curve, least: floor, most: room === null ? Infinity : floor + room };
  });

const totalOf = (options: readonly Option[], spends: readonly number[]) =>
  options.reduce((sum, option, index) => sum + returnOf(option, spends[index]!), 0);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('allocateBudget', () => {
  it('spends the budget within all bounds, and no exchange between two options brings more', () => {
    fc.assert(
      fc.property(
        fc.array(anyOption, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (options, share) => {
          const least = sum(options.map((option) => option.least));
          const most = sum(options.map((option) => Math.min(option.most, 200)));
          const budget = least + share * (most - least);
          const { spends, marginal } = allocateBudget(options, budget)!;
          // What is spent where everything is bought would buy nothing.
          const use = options.map(({ most, least, scale }) => Math.max(least, Math.min(most, 36 * scale)));
          expect(sum(spends)).toBeLessThanOrEqual(budget * (1 + 1e-9));
          expect(sum(spends)).toBeGreaterThanOrEqual(Math.min(budget, sum(use)) - 1e-6);
          options.forEach((option, i) => {
            expect(spends[i]).toBeGreaterThanOrEqual(option.least);
            expect(spends[i]).toBeLessThanOrEqual(option.most);
            if (spends[i]! < Math.min(option.most, 36 * option.scale))
              expect(marginalOf(option, spends[i]!)).toBeLessThanOrEqual(marginal * (1 + 1e-9));
          });
          const best = totalOf(options, spends);
          for (const [i, from] of options.entries())
            for (const [j, to] of options.entries())
              for (const step of [0.001, 0.1, 3]) {
                const moved = Math.min(step, spends[i]! - from.least, to.most - spends[j]!);
                if (i === j || moved <= 0) continue;
                const changed = spends.map((spend, k) => spend + (k === i ? -moved : k === j ? moved : 0));
                expect(totalOf(options, changed)).toBeLessThanOrEqual(best + 1e-9 * Math.abs(best) + 1e-9);
              }
        },
      ),
    );
  });

  it('is as good as the best of all ways to spread the budget in steps', () => {
    fc.assert(
      fc.property(fc.array(anyOption, { minLength: 2, maxLength: 3 }), positive(30), (given, budget) => {
        const options = given.map((option) => ({ ...option, least: 0 }));
        const STEPS = 40;
        const { spends } = allocateBudget(options, budget)!;
        const best = totalOf(options, spends);
        let tried = 0;
        const walk = (index: number, left: number, value: number): void => {
          const option = options[index];
          if (!option) {
            tried = Math.max(tried, value);
            return;
          }
          for (let step = 0; step <= left; step++) {
            const spend = (step / STEPS) * budget;
            if (spend > option.most) break;
            walk(index + 1, left - step, value + returnOf(option, spend));
          }
        };
        walk(0, STEPS, 0);
        expect(tried).toBeLessThanOrEqual(best + 1e-9 * best + 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves money where the next of it is not worthwhile, or where there is nothing to buy', () => {
    const option = { ceiling: 100, scale: 10, least: 0, most: Infinity };
    const { spends, marginal } = allocateBudget([option], 1000, 1)!;
    // 10 · e^(−s/10) = 1.
    expect(spends[0]).toBeCloseTo(10 * Math.log(10), 9);
    expect(marginal).toBeCloseTo(1, 9);
    expect(allocateBudget([option, { ...option, most: 5 }], 1e-9)!.spends[0]).toBeCloseTo(5e-10);
    expect(allocateBudget([{ ...option, most: 5 }], 20)).toEqual({ spends: [5], marginal: 0 });
    expect(allocateBudget([{ ...option, least: 5 }], 4)).toBeNull();
  });
});

describe('fitPriceCurve', () => {
  it('finds the curve that the observations lie on', () => {
    fc.assert(
      fc.property(positive(1e6), fc.double({ min: 0.001, max: 1, noNaN: true }), (inventory, price) => {
        const scale = inventory * price;
        const observations = [0.2, 0.7, 1.5, 3].map((share) => ({
          spend: share * scale,
          impressions: -inventory * Math.expm1(-share),
        }));
        const fitted = fitPriceCurve(observations);
        expect(fitted.inventory / inventory).toBeCloseTo(1, 3);
        expect(fitted.price / price).toBeCloseTo(1, 3);
      }),
    );
  });

  it('takes what shows no scarcity for nearly a straight line', () => {
    const { inventory, price } = fitPriceCurve([
      { spend: 10, impressions: 1000 },
      { spend: 20, impressions: 2000 },
    ]);
    expect(price).toBeCloseTo(0.01, 3);
    expect(inventory).toBeGreaterThan(100_000);
  });
});

describe('outcomeIntervals', () => {
  it('hold what happens about 95 times of 100, and are wider the less is known', () => {
    const known = { count: 1000, rates: [{ alpha: 2000, beta: 18_000 }] };
    const vague = { count: 1000, rates: [{ alpha: 2, beta: 18 }] };
    const { each, total } = outcomeIntervals([known, vague]);
    expect(each.map(({ estimate }) => Math.round(estimate))).toEqual([100, 100]);
    // √100 of chance, and next to nothing of the rate.
    expect(each[0]!.high - each[0]!.low).toBeGreaterThan(35);
    expect(each[0]!.high - each[0]!.low).toBeLessThan(46);
    expect(each[1]!.high - each[1]!.low).toBeGreaterThan(200);
    expect(total.estimate).toBeCloseTo(200, 6);
    expect(outcomeIntervals([known]).each[0]).toEqual(outcomeIntervals([known]).total);
  });
});
