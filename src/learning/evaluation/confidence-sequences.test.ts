import fc from 'fast-check';
import { seededRandom } from '../training/random';
import {
  differenceOf,
  meanOverSubjects,
  rateAtAllTimes,
  reachAtAllTimes,
  type SubjectSums,
} from './confidence-sequences';

const NONE: SubjectSums = { subjects: 0, count: 0, x: 0, xx: 0, xn: 0, nn: 0 };

function sumsOf(subjects: readonly (readonly number[])[]): SubjectSums {
  return subjects.reduce<SubjectSums>((sums, values) => {
    const total = values.reduce((sum, value) => sum + value, 0);
    const n = values.length;
    return {
      subjects: sums.subjects + 1,
      count: sums.count + n,
      x: sums.x + total,
      xx: sums.xx + total ** 2,
      xn: sums.xn + total * n,
      nn: sums.nn + n ** 2,
    };
  }, NONE);
}

describe('a mean over subjects', () => {
  it('is the mean of the predictions; where every subject has one, with the variance of the textbook', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 30 }),
        (values) => {
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
          const found = meanOverSubjects(sumsOf(values.map((value) => [value])));
          expect(found.value).toBeCloseTo(mean, 10);
          expect(found.variance).toBeCloseTo(squares / (values.length - 1) / values.length, 10);
        },
      ),
    );
  });

  it('knows that predictions of one subject that are alike say no more than one of them', () => {
    const random = seededRandom(3);
    const values = Array.from({ length: 50 }, () => random());
    const once = meanOverSubjects(sumsOf(values.map((value) => [value])));
    const often = meanOverSubjects(sumsOf(values.map((value) => Array.from({ length: 20 }, () => value))));
    expect(often.value).toBeCloseTo(once.value, 12);
    expect(often.variance).toBeCloseTo(once.variance, 12);
  });
});

describe('the reach of a mean at all times', () => {
  const alpha = 0.05;

  /** How often a mean whose truth is 0 is ever farther above it than its reach, with a look after each step. */
  function everOutside(draw: (random: () => number) => number, runs: number, steps: number): number {
    let outside = 0;
    for (let run = 0; run < runs; run++) {
      const random = seededRandom(run + 1);
      let [count, x, xx, large] = [0, 0, 0, 0];
      for (let step = 0; step < steps; step++) {
        const value = draw(random);
        [count, x, xx] = [count + 1, x + value, xx + value ** 2];
        if (Math.abs(value) > 0.2) large += 1;
        if (count < 200 || large < 50) continue;
        const estimate = meanOverSubjects({ subjects: count, count, x, xx, xn: x, nn: count });
        if (estimate.value > reachAtAllTimes(estimate, alpha, 1_000)) {
          outside += 1;
          break;
        }
      }
    }
    return outside / runs;
  }

  it.each([
    ['even', (random: () => number) => random() - 0.5],
    // Rare and large, as the log loss of a yes.
    ['skewed', (random: () => number) => (random() < 0.05 ? 3 : 0) - 0.15],
    ['skewed the other way', (random: () => number) => 0.15 - (random() < 0.05 ? 3 : 0)],
  ])('is left with a probability below alpha over thousands of looks: %s', (_name, draw) => {
    expect(everOutside(draw, 400, 4_000)).toBeLessThan(alpha);
  });

  it('is not much more than one look would need, and shrinks', () => {
    const reach = (terms: number) => reachAtAllTimes({ value: 0, variance: 1 / terms, terms }, alpha, 1_000);
    expect(reach(1_000) / (1.645 / Math.sqrt(1_000))).toBeLessThan(2);
    expect(reach(4_000)).toBeLessThan(reach(1_000));
    expect(reach(100)).toBeGreaterThan(reach(1_000));
  });

  it('of a difference counts the terms of both', () => {
    const one = { value: 1, variance: 0.1, terms: 300 };
    expect(differenceOf(one, { value: 0.5, variance: 0.2, terms: 600 })).toEqual({
      value: 0.5,
      variance: expect.closeTo(0.3, 12) as number,
      terms: 200,
    });
  });
});

describe('the bounds of a rate at all times', () => {
  it('hold the rate that was seen', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (successes, failures) => {
        const count = successes + failures;
        const { low, high } = rateAtAllTimes(successes, count, 0.05);
        if (count === 0) {
          expect({ low, high }).toEqual({ low: 0, high: 1 });
          return;
        }
        expect(low).toBeLessThanOrEqual(successes / count);
        expect(high).toBeGreaterThanOrEqual(successes / count);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('are those of the closed form where nothing happened', () => {
    // 1 / (n + 1) = (1 − p)^n · 1/alpha
    const { low, high } = rateAtAllTimes(0, 999, 0.05);
    expect(low).toBe(0);
    expect(high).toBeCloseTo(1 - (0.05 / 1_000) ** (1 / 999), 10);
  });

  it('are left with a probability below alpha over thousands of looks', () => {
    let outside = 0;
    for (let run = 0; run < 300; run++) {
      const random = seededRandom(run + 1);
      let successes = 0;
      for (let count = 1; count <= 2_000; count++) {
        if (random() < 0.02) successes += 1;
        if (count % 10 > 0) continue;
        const { low, high } = rateAtAllTimes(successes, count, 0.05);
        if (low > 0.02 || high < 0.02) {
          outside += 1;
          break;
        }
      }
    }
    expect(outside / 300).toBeLessThan(0.05);
  });
});
