import { seededRandom } from '../training/random';
import { type BetaPosterior, meanOf, sampleBeta } from './thompson';

const DRAWS = 2000;

/** So many trials, each a success with the product of these rates. */
export interface Trials {
  readonly count: number;
  readonly rates: readonly BetaPosterior[];
}

export interface OutcomeInterval {
  readonly estimate: number;
  /** 95 %. */
  readonly low: number;
  readonly high: number;
}

/**
 * How many successes to expect, in each group and in all: with what is not known of the rates, and with the chance that
 * remains when they are known. Seeded: the same trials give the same intervals.
 */
export function outcomeIntervals(groups: readonly Trials[]): {
  readonly each: readonly OutcomeInterval[];
  readonly total: OutcomeInterval;
} {
  const random = seededRandom(0);
  const draws = groups.map(() => new Float64Array(DRAWS));
  const totals = new Float64Array(DRAWS);
  for (let draw = 0; draw < DRAWS; draw++)
    for (const [index, { count, rates }] of groups.entries()) {
      const mean = rates.reduce((product, rate) => product * sampleBeta(rate, random), count);
      const successes = poisson(mean, random);
      const own = draws[index];
      if (own) own[draw] = successes;
      totals[draw] = (totals[draw] ?? 0) + successes;
    }
  const expected = groups.map(({ count, rates }) =>
    rates.reduce((product, rate) => product * meanOf(rate), count),
  );
  const interval = (values: Float64Array, estimate: number): OutcomeInterval => {
    values.sort();
    const at = (share: number) => values[Math.round(share * (DRAWS - 1))] ?? estimate;
    return { estimate, low: at(0.025), high: at(0.975) };
  };
  return {
    each: draws.map((values, index) => interval(values, expected[index] ?? 0)),
    total: interval(
      totals,
      expected.reduce((sum, value) => sum + value, 0),
    ),
  };
}

/** Knuth's product of uniform numbers for small means; above, the normal distribution that it is close to. */
function poisson(mean: number, random: () => number): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let [count, product] = [0, random()];
  while (product > limit) {
    count++;
    product *= random();
  }
  return count;
}
