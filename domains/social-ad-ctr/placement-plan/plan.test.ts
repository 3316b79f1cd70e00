import fc from 'fast-check';
import { planPlacements, type PlannedOption } from './plan';

const amount = (max: number) => fc.double({ min: 1e-6, max, noNaN: true });
const anyOption = fc
  .record({
    inventory: amount(1e12),
    price: amount(1e6),
    alpha: amount(1e6),
    beta: amount(1e6),
    least: fc.double({ min: 0, max: 1e6, noNaN: true }),
    most: fc.option(fc.double({ min: 1e6, max: 1e9, noNaN: true })),
  })
  .map(({ alpha, beta, most, ...option }): PlannedOption => ({
    ...{ ...option, name: 'x', rates: [{ alpha, beta }], most: most ?? Infinity },
  }));

/** Every number in an object, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

describe('planPlacements', () => {
  it('answers with numbers, never with fewer results for more money, and never with more than there is', () => {
    fc.assert(
      fc.property(fc.array(anyOption, { minLength: 1, maxLength: 4 }), amount(1e9), (options, more) => {
        const budget = options.reduce((sum, { least }) => sum + least, more);
        const plan = planPlacements(options, { budget, worthwhile: 0 })!;
        expect(numbersIn(plan).every(Number.isFinite)).toBe(true);
        expect(plan.spend).toBeLessThanOrEqual(budget * (1 + 1e-9));
        plan.shares.forEach(({ impressions, results }, index) => {
          expect(impressions).toBeLessThanOrEqual(options[index]!.inventory * (1 + 1e-12));
          expect(results.estimate).toBeLessThanOrEqual(impressions * (1 + 1e-12));
        });
        const results = plan.returns.map((point) => point.results);
        results.slice(1).forEach((more, index) => {
          expect(more).toBeGreaterThanOrEqual(results[index]! * (1 - 1e-6));
        });
      }),
      { numRuns: Number(process.env['PROPENSITY_FUZZ_RUNS'] ?? 50), endOnFailure: true },
    );
  });

  it('goes first where a click is cheapest, and then where the next one is', () => {
    const option = (name: string, price: number, alpha: number): PlannedOption => ({
      ...{
        name,
        price,
        inventory: 10_000,
        rates: [{ alpha, beta: 10_000 - alpha }],
        least: 0,
        most: Infinity,
      },
    });
    const options = [option('feed', 0.02, 400), option('sidebar', 0.02, 40)];
    const little = planPlacements(options, { budget: 10, worthwhile: 0 })!;
    expect(little.shares.map(({ spend }) => Math.round(spend))).toEqual([10, 0]);
    const much = planPlacements(options, { budget: 2000, worthwhile: 0 })!;
    const [feed, sidebar] = much.shares;
    expect(sidebar?.spend).toBeGreaterThan(100);
    expect(feed?.marginal).toBeCloseTo(much.marginal, 9);
    expect(sidebar?.marginal).toBeCloseTo(much.marginal, 9);
    expect(feed?.curve.map(({ marginal }) => marginal)).toEqual(
      [...(feed?.curve ?? [])].map(({ marginal }) => marginal).sort((a, b) => b - a),
    );
  });
});
