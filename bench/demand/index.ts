import 'reflect-metadata';
import shop from '../../domains/ecommerce-purchase';
import { type DailySales, forecastDemand } from '../../src/learning/decisions/demand';
import { DAY_MS, type ItemEvent } from '../../src/learning/decisions/items/item-event';
import { readShopLog } from '../recommendations/shop-log';
import { significant } from '../statistics';
import { type Suite, UsageError } from '../suite';

const COLUMNS = {
  subject: 'user_id',
  at: 'at',
  kind: 'kind',
  item: 'item_id',
  category: 'category',
  brand: 'brand',
  price: 'price',
};
/** Days before the end at which forecasts begin, in horizons. */
const ORIGINS = [1, 2, 3];

interface DemandResult {
  readonly horizonDays: number;
  readonly results: ReadonlyArray<{
    readonly seed: number;
    /** Forecasts: items times origins. */
    readonly forecasts: number;
    /** Mean absolute errors, in purchases per item and horizon. */
    readonly demandForecast: number;
    readonly movingAverage28: number;
    readonly seasonalNaive: number;
    /** Of the intervals that are to hold nine of ten. */
    readonly coverage: number;
  }>;
}

/** How far forecasts of purchases per item are off, beside the usual baselines. */
export const suite: Suite<DemandResult> = {
  title: 'error of the purchases per item that are forecast, beside a moving average and the weeks before',
  options: { seeds: { type: 'string' }, scale: { type: 'string' }, horizon: { type: 'string' } },
  help: {
    seeds: 'of the generated data, comma-separated: 1,2,3 unless given',
    scale: 'of the generated data: 1 unless given',
    horizon: 'days ahead, a multiple of 7 up to 21: 14 unless given',
  },
  run(values, progress) {
    const text = (name: string, otherwise: string): string => {
      const value = values[name];
      return typeof value === 'string' ? value : otherwise;
    };
    const seeds = text('seeds', '1,2,3');
    if (!/^\d{1,6}(,\d{1,6})*$/.test(seeds))
      throw new UsageError(`--seeds takes whole numbers with commas, not ${seeds}`);
    const scale = Number(text('scale', '1'));
    if (!(scale > 0 && scale <= 10)) throw new UsageError('--scale takes a number above 0, at most 10');
    const horizonDays = Number(text('horizon', '14'));
    if (![7, 14, 21].includes(horizonDays)) throw new UsageError('--horizon is 7, 14 or 21');
    const results = seeds.split(',').map((seed) => {
      progress(`seed ${seed}`);
      const events = readShopLog(shop.generate({ seed: Number(seed), scale }).csv(), COLUMNS);
      return { seed: Number(seed), ...backtest(events, horizonDays) };
    });
    return Promise.resolve({ horizonDays, results });
  },
  table({ horizonDays, results }) {
    return [
      `mean absolute error, purchases per item in ${horizonDays} days`,
      'seed  forecast  28-day mean  same days before  coverage',
      ...results.map((each) =>
        [each.seed, each.demandForecast, each.movingAverage28, each.seasonalNaive, each.coverage]
          .map((cell, i) => String(cell).padStart([4, 10, 13, 18, 10][i] ?? 0))
          .join(''),
      ),
    ].join('\n');
  },
};

function backtest(events: readonly ItemEvent[], horizon: number) {
  const from = Math.floor((events[0]?.at ?? 0) / DAY_MS);
  const days = Math.floor((events.at(-1)?.at ?? 0) / DAY_MS) - from;
  const all = new Map<string, number[]>();
  for (const { itemId, kind, at } of events) {
    if (itemId === null || kind !== 'purchase') continue;
    const day = Math.floor(at / DAY_MS) - from;
    if (day >= days) continue;
    let sales = all.get(itemId);
    if (!sales) all.set(itemId, (sales = new Array<number>(days).fill(0)));
    sales[day] = (sales[day] ?? 0) + 1;
  }
  const sums = { forecast: 0, mean: 0, naive: 0, covered: 0, count: 0 };
  for (const origin of ORIGINS) {
    const until = days - origin * horizon;
    const known: DailySales = {
      // What was not sold before is not known.
      items: new Map(
        [...all]
          .map(([id, sales]) => [id, sales.slice(0, until)] as const)
          .filter(([, sales]) => sales.some((count) => count > 0)),
      ),
      days: until,
      firstWeekday: from % 7,
    };
    const { items, unknown } = forecastDemand(known, horizon);
    for (const [id, sales] of all) {
      const between = (a: number, b: number): number =>
        sales.slice(a, b).reduce((sum, count) => sum + count, 0);
      const come = between(until, until + horizon);
      const { expected, low, high } = items.get(id) ?? unknown;
      sums.forecast += Math.abs(come - expected);
      sums.mean += Math.abs(come - (between(until - 28, until) * horizon) / 28);
      sums.naive += Math.abs(come - between(until - horizon, until));
      if (come >= low && come <= high) sums.covered++;
      sums.count++;
    }
  }
  const mean = (sum: number): number => significant(sum / sums.count, 3);
  return {
    forecasts: sums.count,
    demandForecast: mean(sums.forecast),
    movingAverage28: mean(sums.mean),
    seasonalNaive: mean(sums.naive),
    coverage: mean(sums.covered),
  };
}
