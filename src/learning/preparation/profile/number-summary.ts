import { type DuckDbSession } from '../duckdb-session';
import { type Histogram, type NumberSummary } from './dataset-profile';

/** Of which quantiles are given. */
const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
const FENCE_IQRS = 1.5;
const HISTOGRAM_BINS = 20;

/** Describes the numbers in `vals`; null when there is none. */
export async function summarizeNumbers(session: DuckDbSession): Promise<NumberSummary | null> {
  const [row = []] = await session.rows(
    'SELECT coalesce(sum(n), 0)::DOUBLE, sum(value * n) / sum(n), min(value), max(value) FROM vals',
  );
  const [count = 0, mean = 0, min = 0, max = 0] = row.map(Number);
  if (count === 0) return null;
  // In two passes: the difference of the sum of squares and the square of the sum would lose its digits.
  const [squares] = await session.rows('SELECT sum(n * (value - $1) * (value - $1)) FROM vals', [mean]);
  const quantiles = await quantilesOf(session, count, QUANTILES);
  const [q1 = 0, q3 = 0] = [0.25, 0.75].map((p) => quantiles[QUANTILES.indexOf(p)]);
  const fences = q3 > q1 ? { low: q1 - FENCE_IQRS * (q3 - q1), high: q3 + FENCE_IQRS * (q3 - q1) } : null;
  const histogram = await histogramOf(session, {
    from: Math.max(min, fences?.low ?? min),
    to: Math.min(max, fences?.high ?? max),
  });
  return {
    count,
    mean,
    standardDeviation: count > 1 ? Math.sqrt(Number(squares?.[0]) / (count - 1)) : null,
    min,
    max,
    quantiles: QUANTILES.map((p, i) => ({ p, value: quantiles[i] ?? 0 })),
    outliers: fences && { ...fences, count: histogram.below + histogram.above },
    histogram,
  };
}

/**
 * Quantiles of the numbers in `vals`: with h = (count − 1)·p, the value between the order statistics ⌊h⌋ and ⌊h⌋ + 1
 * that is h − ⌊h⌋ of the way (type 7 of Hyndman & Fan, Sample Quantiles in Statistical Packages, 1996).
 */
export async function quantilesOf(
  session: DuckDbSession,
  count: number,
  ps: readonly number[],
): Promise<number[]> {
  const places = ps.map((p) => (count - 1) * p);
  const statistics = places.flatMap((place) => [Math.floor(place), Math.ceil(place)]);
  const [row = []] = await session.rows(
    `SELECT ${statistics.map((index) => `min(value) FILTER (until > ${index})`).join(', ')} FROM vals`,
  );
  return places.map((place, i) => {
    const [low = 0, high = 0] = row.slice(2 * i, 2 * i + 2).map(Number);
    return low + (place - Math.floor(place)) * (high - low);
  });
}

/** Whole numbers get bins of whole widths, so that no bin is empty only because it lies between them. */
async function histogramOf(
  session: DuckDbSession,
  { from, to }: { from: number; to: number },
): Promise<Histogram> {
  const [whole] = await session.rows('SELECT bool_and(value = floor(value)) FROM vals');
  const { start, width, bins } = whole?.[0] === true ? wholeBins(from, to) : equalBins(from, to);
  const rows = await session.rows(
    `SELECT CASE WHEN value < $1 THEN -1 WHEN value > $2 THEN ${bins}
         ELSE greatest(0, least(floor((value - $3) / $4), ${bins - 1})) END::INTEGER AS bin, sum(n)::DOUBLE
     FROM vals GROUP BY bin`,
    [from, to, start, width],
  );
  const counts = new Map(rows.map(([bin, count]) => [Number(bin), Number(count)]));
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
