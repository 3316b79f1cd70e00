import fc from 'fast-check';
import { type ExampleRecord } from '../../src/learning/features/raw-from-records';
import { checkPolicy } from '../../src/services/policies/policy-document';
import { creditTerms } from './credit-decision';
import { riskPolicy } from './policy';

const policy = checkPolicy(riskPolicy, riskPolicy.standard);
const day = (n: number) => new Date(Date.UTC(2025, 0, n));
const nothing: ExampleRecord = { features: {} };
const terms = (probability: number, record: ExampleRecord = nothing, exposure: number | null = null) =>
  creditTerms(policy, { probability, record, exposure });

describe('what a policy says about an applicant', () => {
  it.each([
    [0.01, 'A', 'APPROVE'],
    [0.03, 'B', 'APPROVE'],
    [0.1, 'C', 'APPROVE'],
    [0.2, 'D', 'REVIEW'],
    [0.3, 'E', 'DECLINE'],
    [1, 'E', 'DECLINE'],
  ])('at a probability of %d is the decision of band %s', (probability, name, decision) => {
    expect(terms(probability)).toMatchObject({ band: { name }, decision });
  });

  it('limits credit by the lower of the maximum and the share of the income', () => {
    expect(terms(0.01, { features: { income: 30_000 } }).creditLimit).toBe(9_000);
    expect(terms(0.01, { features: { income: 200_000 } }).creditLimit).toBe(20_000);
    expect(terms(0.01).creditLimit).toBeNull();
    expect(terms(0.9, { features: { income: 200_000 } }).creditLimit).toBe(0);
  });

  it('expects to lose what is owed by the latest statement and half of the credit that is left', () => {
    const history = [
      { at: day(9), values: { kind: 'statement', balance: 800, utilization: 0.4 } },
      { at: day(2), values: { kind: 'statement', balance: 100, utilization: 0.1 } },
      { at: day(12), values: { kind: 'payment', paymentRatio: 0.5 } },
    ];
    const { exposure, expectedLoss } = terms(0.1, { features: {}, history });
    expect(exposure).toEqual({ amount: 800 + 0.5 * 1200, source: 'STATEMENT' });
    expect(expectedLoss).toBeCloseTo(0.1 * 0.75 * 1400, 10);
  });

  it('takes what is given first, then the feature of the policy, and the standard last', () => {
    const history = [{ at: day(1), values: { balance: 10 } }];
    const byFeature = { ...policy, exposure: { ...policy.exposure, feature: 'owed' } };
    const record = { features: { owed: 500 }, history };
    const sourceOf = (exposure: number | null, features: ExampleRecord['features'], past = history) =>
      creditTerms(byFeature, { probability: 0.1, record: { features, history: past }, exposure }).exposure;
    expect(sourceOf(0, record.features)).toEqual({ amount: 0, source: 'GIVEN' });
    expect(sourceOf(null, record.features)).toEqual({ amount: 500, source: 'FEATURE' });
    expect(sourceOf(null, { owed: null })).toEqual({ amount: 10, source: 'STATEMENT' });
    expect(sourceOf(null, {}, [])).toEqual({ amount: 3000, source: 'STANDARD' });
  });

  it('is never milder, nor gives more credit, at a higher probability', () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    const severity = { APPROVE: 0, REVIEW: 1, DECLINE: 2 };
    fc.assert(
      fc.property(probability, probability, fc.double({ min: 0, max: 1e6, noNaN: true }), (a, b, income) => {
        const [safe, risky] = [Math.min(a, b), Math.max(a, b)].map((p) => terms(p, { features: { income } }));
        expect(severity[safe!.decision]).toBeLessThanOrEqual(severity[risky!.decision]);
        expect(safe!.creditLimit!).toBeGreaterThanOrEqual(risky!.creditLimit!);
        expect(safe!.score).toBeGreaterThanOrEqual(risky!.score);
        expect(safe!.expectedLoss).toBeLessThanOrEqual(risky!.expectedLoss);
      }),
    );
  });
});
