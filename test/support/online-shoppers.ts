import { type FeatureSpecInput } from '../../src/learning/features/feature-spec';

const NUMERIC = [
  'Administrative',
  'Administrative_Duration',
  'Informational',
  'Informational_Duration',
  'ProductRelated',
  'ProductRelated_Duration',
  'BounceRates',
  'ExitRates',
  'PageValues',
  'SpecialDay',
] as const;
const CATEGORICAL = [
  'Month',
  'OperatingSystems',
  'Browser',
  'Region',
  'TrafficType',
  'VisitorType',
  'Weekend',
] as const;
const MONTHS = ['Feb', 'Mar', 'May', 'June', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const featureName = (column: string): string => column.charAt(0).toLowerCase() + column.slice(1);

/** How a tenant admin describes the public Online Shoppers table: one row per session, a boolean label. */
export const ONLINE_SHOPPERS_SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  label: { column: 'Revenue' },
  features: [
    ...NUMERIC.map((column) => ({
      type: 'numeric' as const,
      name: featureName(column),
      column,
      transform:
        column.endsWith('Duration') || column === 'PageValues' ? ('log1p' as const) : ('identity' as const),
    })),
    ...CATEGORICAL.map((column) => ({ type: 'categorical' as const, name: featureName(column), column })),
  ],
};

/**
 * A file of the same shape, generated: page values and exit rates decide, with seasonality, durations of -1,
 * empty cells and duplicate rows as in the original. About 15 % of the sessions buy.
 */
export function onlineShoppersCsv(rows: number, seed: number): string {
  const random = generator(seed);
  const lines = [[...NUMERIC, ...CATEGORICAL, 'Revenue'].join(',')];
  for (let row = 0; row < rows; row += 1) {
    const pages = Math.floor(-Math.log(1 - random()) * 30);
    const exit = Math.min(0.2, 0.005 + random() ** 2 * 0.2);
    const pageValue = random() < 0.77 ? 0 : -Math.log(1 - random()) * 25;
    const month = Math.floor(random() * MONTHS.length);
    const returning = random() < 0.85;
    const logit =
      -3.2 +
      1.1 * Math.log1p(pageValue) -
      12 * exit +
      0.3 * Math.log1p(pages) * (returning ? 0.5 : 1) +
      (month === 8 ? 0.7 : 0);
    const buys = random() < 1 / (1 + Math.exp(-logit));
    const cells = [
      Math.floor(random() * 6),
      random() < 0.003 ? -1 : (random() * 200).toFixed(2),
      Math.floor(random() * 3),
      (random() * 50).toFixed(2),
      pages,
      (pages * 35 * (0.5 + random())).toFixed(2),
      (exit * random()).toFixed(5),
      exit.toFixed(5),
      pageValue.toFixed(4),
      random() < 0.1 ? 0.6 : 0,
      MONTHS[month],
      1 + Math.floor(random() * 4),
      1 + Math.floor(random() * 6),
      1 + Math.floor(random() * 9),
      1 + Math.floor(random() * 12),
      returning ? 'Returning_Visitor' : 'New_Visitor',
      random() < 0.23 ? 'TRUE' : 'FALSE',
      buys ? 'TRUE' : 'FALSE',
    ];
    if (random() < 0.002) cells.fill('', 0, 8);
    const line = cells.join(',');
    lines.push(line);
    if (random() < 0.01) lines.push(line);
  }
  return `${lines.join('\n')}\n`;
}

/** mulberry32: small, seeded, good enough to make a test's data. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
