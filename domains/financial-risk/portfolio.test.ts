import fc from 'fast-check';
import { checkPolicy } from '../../src/services/policies/policy-document';
import { riskPolicy } from './policy';
import { Portfolio, shifted, type StressScenario, USUAL_SCENARIOS } from './portfolio';

const policy = checkPolicy(riskPolicy, riskPolicy.standard);
const account = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 1e5, noNaN: true }),
);
const none: StressScenario = {
  ...{ name: 'none', oddsMultiplier: 1, lossGivenDefaultMultiplier: 1, limitUtilization: null },
};
function portfolioOf(accounts: readonly (readonly [number, number])[], scenarios = USUAL_SCENARIOS) {
  const portfolio = new Portfolio(policy, scenarios);
  for (const [probability, exposure] of accounts) portfolio.add(probability, exposure);
  return portfolio;
}
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('a portfolio', () => {
  it('expects to lose what its accounts are expected to lose, and its bands the same together', () => {
    fc.assert(
      fc.property(fc.array(account, { maxLength: 50 }), (accounts) => {
        const { totals, bands } = portfolioOf(accounts);
        expect(totals.expectedLoss).toBeCloseTo(sum(accounts.map(([p, owed]) => p * 0.75 * owed)), 4);
        for (const key of ['accounts', 'exposure', 'expectedLoss'] as const)
          expect(sum(bands.map((band) => band[key]))).toBeCloseTo(totals[key], 4);
        expect(sum(bands.map(({ share }) => share))).toBeCloseTo(accounts.length === 0 ? 0 : 1, 9);
      }),
    );
  });

  it('is as it is in a scenario that changes nothing', () => {
    const portfolio = portfolioOf(
      [
        [0.01, 100],
        [0.4, 2000],
      ],
      [none],
    );
    const [scenario] = portfolio.scenarios;
    expect(scenario).toMatchObject({ lossRatio: 1, lossGivenDefault: 0.75 });
    expect(scenario?.expectedLoss).toBeCloseTo(portfolio.totals.expectedLoss, 9);
    expect(scenario?.bands.map(({ accounts }) => accounts)).toEqual(
      portfolio.bands.map(({ accounts }) => accounts),
    );
  });

  it('loses no account under stress, and never expects to lose less', () => {
    fc.assert(
      fc.property(fc.array(account, { maxLength: 50 }), (accounts) => {
        const { totals, scenarios } = portfolioOf(accounts);
        for (const scenario of scenarios) {
          expect(sum(scenario.bands.map((band) => band.accounts))).toBe(accounts.length);
          expect(scenario.expectedLoss).toBeGreaterThanOrEqual(totals.expectedLoss * (1 - 1e-9));
        }
      }),
    );
  });

  it('moves to worse bands, loses at most everything, and draws limits', () => {
    const severe = { ...none, oddsMultiplier: 3, lossGivenDefaultMultiplier: 2, limitUtilization: 0.5 };
    const [scenario] = portfolioOf([[0.02, 100]], [severe]).scenarios;
    // Odds of 0.02/0.98 tripled; half of band A's 20,000 is drawn.
    expect(scenario).toMatchObject({ lossGivenDefault: 1, exposure: 10_000 });
    expect(scenario?.meanProbability).toBeCloseTo(0.06 / 1.04, 12);
    expect(scenario?.bands.map(({ accounts }) => accounts)).toEqual([0, 1, 0, 0, 0]);
  });

  it('shifts every logit by the same', () => {
    const logit = (p: number) => Math.log(p / (1 - p));
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (p, multiplier) => {
          expect(logit(shifted(p, multiplier)) - logit(p)).toBeCloseTo(Math.log(multiplier), 6);
        },
      ),
    );
    expect([shifted(0, 5), shifted(1, 5)]).toEqual([0, 1]);
  });
});
