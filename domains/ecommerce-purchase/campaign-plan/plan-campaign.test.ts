import fc from 'fast-check';
import { planCampaign, withOdds } from './plan-campaign';

const offers = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('mail', 'coupon', 'call'),
    cost: fc.integer({ min: 0, max: 5 }),
    discount: fc.integer({ min: 0, max: 10 }),
    oddsMultiplier: fc.double({ min: 0.2, max: 5, noNaN: true }),
  }),
  { selector: ({ id }) => id, minLength: 1 },
);
const question = fc.record({
  probabilities: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
  offers,
  budget: fc.double({ min: 0, max: 40, noNaN: true }),
  margin: fc.double({ min: 0, max: 60, noNaN: true }),
  objective: fc.constantFrom('CONVERSIONS' as const, 'PROFIT' as const),
});

describe('a campaign plan', () => {
  it('keeps the budget, offers something to a customer once at most, and only what helps', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const plan = planCampaign(asked);
        expect(plan.expectedCost).toBeLessThanOrEqual(asked.budget + 1e-9);
        expect(plan.assignments.reduce((sum, each) => sum + each.expectedCost, 0)).toBeCloseTo(
          plan.expectedCost,
          6,
        );
        const customers = plan.assignments.map(({ customer }) => customer);
        expect(customers).toEqual([...new Set(customers)].sort((a, b) => a - b));
        for (const { probability, offeredProbability, addedProfit } of plan.assignments)
          expect(
            asked.objective === 'PROFIT' ? addedProfit : offeredProbability - probability,
          ).toBeGreaterThan(0);
        expect(plan.value).toBeLessThanOrEqual(plan.bound + 1e-9);
        expect(plan.conversions.low).toBeLessThanOrEqual(plan.conversions.high);
      }),
    );
  });

  it('adds up what purchases are expected with and without it', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { assignments, conversions, conversionsWithout, addedProfit } = planCampaign(asked);
        const added = assignments.reduce((sum, each) => sum + each.offeredProbability - each.probability, 0);
        expect(conversions.expected - conversionsWithout.expected).toBeCloseTo(added, 9);
        const cost = assignments.reduce((sum, each) => sum + each.expectedCost, 0);
        expect(addedProfit).toBeCloseTo(added * asked.margin - cost, 6);
      }),
    );
  });

  it('gives the discount to the undecided, and not to those who buy anyway', () => {
    const coupon = { id: 'coupon', cost: 0.1, discount: 5, oddsMultiplier: 2 };
    const { assignments } = planCampaign({
      probabilities: [0.001, 0.4, 0.98],
      offers: [coupon],
      budget: 1000,
      margin: 40,
      objective: 'PROFIT',
    });
    expect(assignments.map(({ customer }) => customer)).toEqual([1]);
  });

  it('multiplies odds', () => {
    expect(withOdds(0.5, 3)).toBeCloseTo(0.75, 12);
    expect([withOdds(0, 9), withOdds(1, 0.1), withOdds(0.3, 1)]).toEqual([0, 1, 0.3]);
  });
});
