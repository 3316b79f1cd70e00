import fc from 'fast-check';
import { Random } from '../../../engine/nn/random';
import { type Choice, fitChoiceModel, shares, utility } from './choice-model';

/** Choices that are drawn from the model itself. */
function drawn(truth: readonly number[], count: number, seed: number): Choice[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const features = Array.from({ length: 8 }, () => truth.map(() => random.normal()));
    const parts = shares(features.map((each) => utility(truth, each)));
    let left = random.uniform();
    const chosen = parts.findIndex((part) => (left -= part) < 0);
    return { features, chosen: Math.max(chosen, 0) };
  });
}

const likelihood = (choices: readonly Choice[], weights: readonly number[]) =>
  choices.reduce(
    (sum, { features, chosen }) =>
      sum + Math.log(shares(features.map((each) => utility(weights, each)))[chosen]!),
    0,
  );

describe('the choice model', () => {
  it('finds the weights that choices were drawn with', () => {
    const truth = [1.5, -0.7, 0];
    const found = fitChoiceModel(drawn(truth, 3000, 1), [0, 0, 0], 0.1);
    truth.forEach((weight, k) => expect(found[k]).toBeCloseTo(weight, 0.8));
  });

  it('has no better neighbour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        (seed, strength) => {
          const choices = drawn([1, -1], 40, seed);
          const prior = [0.5, 0.5];
          const value = (w: readonly number[]) =>
            likelihood(choices, w) - (strength / 2) * w.reduce((sum, x, k) => sum + (x - prior[k]!) ** 2, 0);
          const found = fitChoiceModel(choices, prior, strength);
          for (const step of [1e-3, -1e-3])
            for (const k of [0, 1])
              expect(value(found.map((w, i) => (i === k ? w + step : w)))).toBeLessThanOrEqual(
                value(found) + 1e-9,
              );
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is the prior where nothing was chosen, and near it where choices are perfectly separated', () => {
    expect(fitChoiceModel([], [2, 1], 1)).toEqual([2, 1]);
    const separated = Array.from({ length: 50 }, () => ({ features: [[1], [0]], chosen: 0 }));
    const [weight] = fitChoiceModel(separated, [0], 1);
    expect(weight).toBeGreaterThan(1);
    expect(weight).toBeLessThan(10);
  });

  it('gives shares that sum to one for any utilities', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 1 }),
        (utilities) => {
          expect(shares(utilities).reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 9);
        },
      ),
    );
  });
});
