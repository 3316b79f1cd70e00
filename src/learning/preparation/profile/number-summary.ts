import { type DuckDbSession } from '../duckdb-session';
import { columnsSql, doubleSql, rowByColumn, rowsByColumn } from './by-column';
import { type Histogram, type NumberSummary } from './dataset-profile';

/** Of which quantiles are given. */
const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
const FENCE_IQRS = 1.5;
const HISTOGRAM_BINS = 20;

/** Describes the numbers in `vals`, by column; there is none of a column without a number. */
export async function summarizeNumbers(
  session: DuckDbSession,
  columns: readonly number[],
): Promise<Map<number, NumberSummary>> {
  const summaries = new Map<number, NumberSummary>();
  if (columns.length === 0) return summaries;
  const described = await describe(session, columns);
  const counted = await countBins(session, described);
  for (const [column, { quantiles, fences, bins, isSpread, ...of }] of described) {
    const histogram = histogramOf(bins, counted.get(column) ?? new Map<number, number>());
    summaries.set(column, {
      count: of.count,
      mean: of.mean,
      standardDeviation: isSpread ? Math.sqrt(of.squares / (of.count - 1)) : null,
      min: of.min,
      max: of.max,
      quantiles: QUANTILES.map((p, i) => ({ p, value: quantiles[i] ?? 0 })),
      outliers: fences && { ...fences, count: histogram.below + histogram.above },
      histogram,
    });
  }
  return summaries;
}

interface Described {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Sum of squared differences from the mean. */
  readonly squares: number;
  readonly isSpread: boolean;
  readonly quantiles: readonly number[];
  readonly fences: { readonly low: number; readonly high: number } | null;
  readonly bins: Bins & { readonly from: number; readonly to: number };
}

/**
 * Quantiles are, with h = (count − 1)·p, the value between the order statistics ⌊h⌋ and ⌊h⌋ + 1 that is h − ⌊h⌋ of the way
 * (type 7 of Hyndman & Fan, Sample Quantiles in Statistical Packages, 1996).
 */
async function describe(session: DuckDbSession, columns: readonly number[]): Promise<Map<number, Described>> {
  const statistics = QUANTILES.flatMap((p) =>
    ['floor', 'ceil'].map((round) => `min(value) FILTER (until > ${round}((total - 1) * ${doubleSql(p)}))`),
  );
  const rows = await session.rows(
    `WITH numbers AS (SELECT * FROM vals WHERE c IN (${columns.join(', ')})),
       sums AS (SELECT c, sum(n) AS total, sum(value * n) / sum(n) AS mean FROM numbers GROUP BY c)
     SELECT c, any_value(total)::DOUBLE, any_value(mean), min(value), max(value), bool_and(value = floor(value)),
       -- In two passes: the difference of the sum of squares and the square of the sum would lose its digits.
       sum(n * (value - mean) * (value - mean)), ${statistics.join(', ')}
     FROM numbers JOIN sums USING (c) GROUP BY c`,
  );
  const described = new Map<number, Described>();
  for (const [column, row] of rowByColumn(rows)) {
    const [count = 0, mean = 0, min = 0, max = 0, whole = 0, squares = 0, ...order] = row.map(Number);
    const quantiles = QUANTILES.map((p, i) => {
      const [low = 0, high = 0] = order.slice(2 * i, 2 * i + 2);
      const place = (count - 1) * p;
      return low + (place - Math.floor(place)) * (high - low);
    });
    const [q1 = 0, q3 = 0] = [0.25, 0.75].map((p) => quantiles[QUANTILES.indexOf(p)]);
    const fences = q3 > q1 ? { low: q1 - FENCE_IQRS * (q3 - q1), high: q3 + FENCE_IQRS * (q3 - q1) } : null;
    const [from, to] = [Math.max(min, fences?.low ?? min), Math.min(max, fences?.high ?? max)];
    const bins = { from, to, ...(whole === 1 ? wholeBins(from, to) : equalBins(from, to)) };
    const isSpread = count > 1;
    described.set(column, { count, mean, min, max, squares, isSpread, quantiles, fences, bins });
  }
  return described;
}

/** The rows of each bin, by column: −1 is what lies below the bins, and their number what lies above. */
async function countBins(
  session: DuckDbSession,
  described: ReadonlyMap<number, Described>,
): Promise<Map<number, Map<number, number>>> {
  if (described.size === 0) return new Map();
  const edges = Array.from(described, ([column, { bins }]): [number, ...string[]] => [
    column,
    ...[bins.from, bins.to, bins.start, bins.width].map(doubleSql),
    String(bins.bins),
  ]);
  const rows = await session.rows(
    `SELECT c, CASE WHEN value < low THEN -1 WHEN value > high THEN bins
         ELSE greatest(0, least(floor((value - start) / width), bins - 1)) END::INTEGER AS bin, sum(n)::DOUBLE
     FROM vals JOIN ${columnsSql(edges, 'low, high, start, width, bins')} USING (c) GROUP BY c, bin`,
  );
  return new Map(
    Array.from(rowsByColumn(rows), ([column, counts]) => [
      column,
      new Map(counts.map(([bin, count]) => [Number(bin), Number(count)])),
    ]),
  );
}

function histogramOf({ start, width, bins }: Bins, counts: ReadonlyMap<number, number>): Histogram {
  return {
    bins: Array.from({ length: bins }, (_, i) => ({
      from: start + i * width,
      to: start + (i + 1) * width,
      count: counts.get(i) ?? 0,
    })),
    below: counts.get(-1) ?? 0,
    above: counts.get(bins) ?? 0,
  };
}

interface Bins {
  readonly start: number;
  readonly width: number;
  readonly bins: number;
}

/** Whole numbers get bins of whole widths, so that no bin is empty only because it lies between them. */
function wholeBins(from: number, to: number): Bins {
  const start = Math.ceil(from);
  const span = Math.floor(to) - start + 1;
  const width = Math.max(1, Math.ceil(span / HISTOGRAM_BINS));
  return { start, width, bins: Math.max(1, Math.ceil(span / width)) };
}

function equalBins(from: number, to: number): Bins {
  const width = (to - from) / HISTOGRAM_BINS;
  // So near to each other that nothing is between them: one bin.
  return width > 0 ? { start: from, width, bins: HISTOGRAM_BINS } : { start: from, width: 1, bins: 1 };
}
