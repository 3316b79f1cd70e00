import { lnGamma } from './ln-gamma';

const DAYS_OF_WEEK = 7;
/** e-folding time in days: how long a day's sales count. */
const MEMORY_DAYS = 35;
/** Days of the week differ by no more than what so many days of each suggest, shrunk towards alike. */
const WEEKDAY_SHRINKAGE = 2;

/** How often each item was bought, day by day. */
export interface DailySales {
  /** Of each item, as many days as there are, the last one last. */
  readonly items: ReadonlyMap<string, readonly number[]>;
  readonly days: number;
  /** Day of the week of the first day, 0 to 6; any day may be 0. */
  readonly firstWeekday: number;
}

/** How often something is bought within a horizon. */
export interface Demand {
  readonly expected: number;
  /** With a probability of about 90 % from `low` to `high`. */
  readonly low: number;
  readonly high: number;
}

export interface DemandForecast {
  readonly items: ReadonlyMap<string, Demand>;
  /** An item that was never bought in these days. */
  readonly unknown: Demand;
  readonly total: Demand;
}

/**
 * Forecasts how often items are bought in the days that follow. Each item has a rate of its own; rates of all items have a gamma
 * distribution, which is fitted to their sales (empirical Bayes), so that an item with few sales is forecast nearer to the
 * others. Days count less the longer they are ago, and by how much is bought on their day of the week. The number that is
 * bought is then negative binomial. It goes on as it was: no trend, no holiday, no promotion.
 */
export function forecastDemand({ items, days, firstWeekday }: DailySales, horizon: number): DemandForecast {
  const daily = Array.from({ length: days }, (_, day) => {
    let sum = 0;
    for (const sales of items.values()) sum += sales[day] ?? 0;
    return sum;
  });
  const factors = weekdayFactors(daily, firstWeekday);
  const factorOf = (day: number): number => factors[(firstWeekday + day) % DAYS_OF_WEEK] ?? 1;
  const weights = daily.map((_, day) => Math.exp(-(days - day - 0.5) / MEMORY_DAYS));
  const exposure = weights.reduce((sum, weight, day) => sum + weight * factorOf(day), 0);
  let ahead = 0;
  for (let day = days; day < days + horizon; day++) ahead += factorOf(day);
  const counts = new Map(
    [...items].map(([id, sales]) => [
      id,
      sales.reduce((sum, count, day) => sum + count * (weights[day] ?? 0), 0),
    ]),
  );
  const prior = gammaPrior([...counts.values()], exposure, weights);
  const demand = (count: number): Demand =>
    negativeBinomial(prior.shape + count, (prior.rate + exposure) / ahead);
  let total = 0;
  for (const count of counts.values()) total += count;
  return {
    items: new Map([...counts].map(([id, count]) => [id, demand(count)])),
    unknown: demand(0),
    total: negativeBinomial(total + 0.5, exposure > 0 ? exposure / ahead : Infinity),
  };
}

/** How much more or less is bought on each day of the week; their mean is about one. */
function weekdayFactors(daily: readonly number[], firstWeekday: number): number[] {
  const mean = daily.reduce((sum, count) => sum + count, 0) / Math.max(1, daily.length);
  return Array.from({ length: DAYS_OF_WEEK }, (_, weekday) => {
    const own = daily.filter((_count, day) => (firstWeekday + day) % DAYS_OF_WEEK === weekday);
    if (mean === 0) return 1;
    const sum = own.reduce((all, count) => all + count, 0);
    return (sum / mean + WEEKDAY_SHRINKAGE) / (own.length + WEEKDAY_SHRINKAGE);
  });
}

/** By moments: what the counts vary by beyond what chance makes of equal rates is the variance of the rates. */
function gammaPrior(
  counts: readonly number[],
  exposure: number,
  weights: readonly number[],
): { readonly shape: number; readonly rate: number } {
  const mean = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
  if (mean === 0 || exposure === 0) return { shape: 0.5, rate: Math.max(1, exposure) };
  const variance =
    counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / Math.max(1, counts.length - 1);
  // Weighted counts vary less than counts: Σw²y of the mean instead of Σwy.
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const squares = weights.reduce((all, weight) => all + weight * weight, 0);
  const chance = (mean * squares) / sum;
  const between = Math.max(variance - chance, 0.01 * mean * mean);
  const shape = (mean * mean) / between;
  return { shape, rate: (shape * exposure) / mean };
}

const TAIL = 0.05;

/** Of a Poisson count whose rate per horizon is Gamma(shape, rate). */
function negativeBinomial(shape: number, rate: number): Demand {
  const expected = shape / rate;
  if (!(expected > 0)) return { expected: 0, low: 0, high: 0 };
  const deviation = Math.sqrt(expected * (1 + 1 / rate));
  if (expected > 1e4)
    return {
      expected,
      low: Math.max(0, Math.floor(expected - 1.6449 * deviation)),
      high: Math.ceil(expected + 1.6449 * deviation),
    };
  const logOdds = Math.log(rate / (1 + rate));
  const logOther = -Math.log1p(rate);
  const mass = (k: number): number =>
    Math.exp(lnGamma(k + shape) - lnGamma(shape) - lnGamma(k + 1) + shape * logOdds + k * logOther);
  let below = 0;
  let low = 0;
  while (below + mass(low) <= TAIL) below += mass(low++);
  let until = below + mass(low);
  let high = low;
  const furthest = expected + 40 * deviation + 10;
  while (until < 1 - TAIL && high < furthest) until += mass(++high);
  return { expected, low, high };
}
