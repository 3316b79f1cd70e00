import fc from 'fast-check';
import { atOnce } from '../decisions/items/in-turns';
import { sampleBeta } from '../decisions/thompson';
import { seededRandom } from '../training/random';
import { priorStrengthSteps, type RateCell } from './prior-strength';

const strengthOf = (cells: readonly RateCell[]) => atOnce(priorStrengthSteps(cells));

/** Cells of examples whose answers differ; the true rates of a cell are all off by the same factor. */
function cells(count: number, examples: number, { kappa, seed }: { kappa: number; seed: number }) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const p = 0.02 + 0.1 * random();
    const factor =
      kappa === Infinity ? 1 : sampleBeta({ alpha: kappa * p, beta: kappa * (1 - p) }, random) / p;
    const cell = { positives: 0, predicted: 0, squared: 0 };
    for (let example = 0; example < examples; example++) {
      const answer = p * (0.5 + random());
      if (random() < answer * factor) cell.positives++;
      cell.predicted += answer;
      cell.squared += answer * answer;
    }
    return cell;
  });
}

describe('what a model’s answer weighs as a prior', () => {
  it.each([20, 100, 1000])('is found again where rates scatter as those of %d examples do', (kappa) => {
    for (const seed of [1, 2, 3]) {
      const { strength, low, high } = strengthOf(cells(400, 600, { kappa, seed }));
      expect(strength / kappa).toBeGreaterThan(0.6);
      expect(strength / kappa).toBeLessThan(1.6);
      expect(low).toBeLessThan(strength);
      expect(high).toBeGreaterThan(strength);
    }
  });

  it('is large where chance explains all, the larger the more there is to see, and within its bounds', () => {
    const few = strengthOf(cells(20, 200, { kappa: Infinity, seed: 1 }));
    const many = strengthOf(cells(400, 2000, { kappa: Infinity, seed: 1 }));
    expect(many.strength).toBeGreaterThan(10_000);
    expect(many.strength).toBeGreaterThan(few.strength);
    expect(many.high).toBeLessThanOrEqual(100_001);
  });

  it('is small where rates have nothing to do with the answers', () => {
    const wrong = Array.from({ length: 100 }, (_, index) => ({
      ...{ predicted: 50, squared: 5 },
      positives: index % 5 === 0 ? 250 : 0,
    }));
    expect(strengthOf(wrong).strength).toBeLessThan(10);
  });

  it('is a wide prior without examples, and hardly another with few', () => {
    const none = strengthOf([]);
    expect(none).toMatchObject({ strength: expect.closeTo(100, 6) as number, cells: 0 });
    expect(none.high / none.low).toBeGreaterThan(1000);
    expect(strengthOf([{ positives: 0, predicted: 0, squared: 0 }])).toEqual(none);
    const { strength } = strengthOf(cells(2, 10, { kappa: 10, seed: 1 }));
    expect(strength).toBeGreaterThan(50);
    expect(strength).toBeLessThan(200);
  });

  it('is a number within its bounds, whatever the cells, in whatever order', () => {
    const cell = fc
      .array(
        fc.record({ p: fc.double({ min: 0, max: 1, noNaN: true }), label: fc.integer({ min: 0, max: 1 }) }),
        {
          maxLength: 20,
        },
      )
      .map((examples) => ({
        positives: examples.reduce((sum, { label }) => sum + label, 0),
        predicted: examples.reduce((sum, { p }) => sum + p, 0),
        squared: examples.reduce((sum, { p }) => sum + p * p, 0),
      }));
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 10 }), (drawn) => {
        const { strength, low, high } = strengthOf(drawn);
        expect(strength).toBeGreaterThan(0.09);
        expect(strength).toBeLessThan(100_001);
        expect(low).toBeLessThanOrEqual(high);
        const reversed = strengthOf([...drawn].reverse());
        expect(Math.log(reversed.strength)).toBeCloseTo(Math.log(strength), 6);
      }),
    );
  });
});
