import { cleanNumber, inSinglePrecision } from '../features/cleaning';
import { type NumericCode, type NumericEncoder } from '../features/feature-map';
import { type NumberEncoding } from '../features/feature-spec';
import { DEFAULT_BINS } from '../features/spec-fields';
import { normalizeAll, transform } from '../features/numeric-encoding';
import { countNumbers, valuesAtRanks } from './order-statistics';

const LOW_QUANTILE = 0.005;
const HIGH_QUANTILE = 0.995;
/** The distance between two edges stays within float32. */
const MAX_EDGE = Math.fround(1e38);

type NumberToFit = NumberEncoding & { readonly name: string };

/** @param given raw, `NaN` where missing */
export function fitNumeric(feature: NumberToFit, given: Float32Array): NumericEncoder {
  const { name, transform: kind } = feature;
  const cleaning = feature.cleaning && inSinglePrecision(feature.cleaning);
  const values = cleaning ? given.map((value) => cleanNumber(cleaning, value)) : given;
  const quantileOf = quantilesOf(values, [0, LOW_QUANTILE, 0.5, HIGH_QUANTILE, 1], (value) =>
    Math.fround(transform(kind, value)),
  );
  const quantiles = { low: quantileOf(LOW_QUANTILE), high: quantileOf(HIGH_QUANTILE) };
  // A column that is constant but for rare values would lose them: then the extremes bound it.
  const isSparse = quantiles.low === quantiles.high;
  const encoder = {
    type: 'numeric' as const,
    name,
    transform: kind,
    median: quantileOf(0.5),
    low: isSparse ? quantileOf(0) : quantiles.low,
    high: isSparse ? quantileOf(1) : quantiles.high,
    mean: 0,
    std: 1,
  };
  const normalized = normalizeAll(encoder, values);
  let sum = 0;
  for (let at = 0; at < normalized.length; at++) sum += normalized[at] ?? NaN;
  const mean = values.length > 0 ? sum / values.length : 0;
  let squares = 0;
  for (let at = 0; at < normalized.length; at++) squares += ((normalized[at] ?? NaN) - mean) ** 2;
  const std = values.length > 0 ? Math.fround(Math.sqrt(squares / values.length)) : 0;
  const code = fitCode(feature, values);
  return {
    ...encoder,
    mean: Math.fround(mean),
    std: std > 0 ? std : 1,
    ...(code && { code }),
    ...(cleaning && { cleaning }),
  };
}

/**
 * Quantiles without a full sort.
 * @param shares those that will be asked for
 * @param map keeps the order, so that only the few values that a quantile lies between need it
 */
function quantilesOf(
  values: Float32Array,
  shares: readonly number[],
  map: (value: number) => number,
): (share: number) => number {
  const count = countNumbers(values);
  const positions = shares.map((share) => (count - 1) * share);
  const ranks = positions.flatMap((position) => [Math.floor(position), Math.ceil(position)]);
  const found = count === 0 ? new Map<number, number>() : valuesAtRanks(values, ranks);
  return (share) => quantile({ length: count, at: (rank) => map(found.get(rank) ?? 0) }, share);
}

/** Linear between the two nearest values; 0 for no values. float32, as all constants of the map. */
function quantile(
  sorted: { readonly length: number; at(rank: number): number | undefined },
  share: number,
): number {
  if (sorted.length === 0) return 0;
  const position = (sorted.length - 1) * share;
  const below = sorted.at(Math.floor(position)) ?? 0;
  const above = sorted.at(Math.ceil(position)) ?? 0;
  return Math.fround(below + (above - below) * (position - Math.floor(position)));
}

function fitCode(
  { encoding, transform: kind, bins = DEFAULT_BINS }: NumberToFit,
  values: Float32Array,
): NumericCode | null {
  if (encoding === 'standard') return null;
  const raw = values.filter((value) => !Number.isNaN(value)).sort();
  return encoding === 'quantileBins'
    ? { kind: encoding, starts: binStarts(raw, bins) }
    : {
        kind: encoding,
        edges: binEdges(
          raw.map((value) => transform(kind, value)),
          bins,
        ),
      };
}

/** Where each of at most so many bins starts, each value alone in its own where there are no more values than bins. */
function binStarts(sorted: Float32Array, bins: number): number[] {
  const edges = quantileEdges(sorted, bins + 1);
  if (edges.length === 0) return [0];
  // The highest value starts no bin, unless it is common.
  const isLastAlone = edges.length <= bins || shareOf(sorted, edges.at(-1) ?? 0) * bins >= 1;
  return isLastAlone ? edges.slice(-bins) : edges.slice(0, -1);
}

/** Two edges at least, the highest a little above the lowest where there is but one value. */
function binEdges(sorted: Float32Array, bins: number): number[] {
  const bounded = sorted.map((value) => Math.min(Math.max(value, -MAX_EDGE), MAX_EDGE));
  const edges = quantileEdges(bounded, bins + 1);
  if (edges.length > 1) return edges;
  const [only = 0] = edges;
  return [only, Math.fround(only + Math.max(1, Math.abs(only)))];
}

/**
 * At most `count` different numbers, ascending, from the lowest value to the highest but for outliers: all values where
 * there are no more; else the common ones, and between them quantiles of the others. Quantiles of all would spend most
 * of their number on one common value, such as 0.
 */
function quantileEdges(sorted: Float32Array, count: number): number[] {
  const runs = runsOf(sorted);
  if (runs.length <= count) return runs.map(({ value }) => value);
  const isCommon = (run: Run): boolean => run.length * (count - 1) >= sorted.length;
  const common = runs.filter(isCommon).map(({ value }) => value);
  const others = sorted.filter((value) => !common.includes(value));
  const wanted = count - common.length;
  const quantiles = Array.from({ length: wanted }, (_, index) =>
    quantile(others, LOW_QUANTILE + ((HIGH_QUANTILE - LOW_QUANTILE) * index) / Math.max(1, wanted - 1)),
  );
  return [...new Set([...common, ...(others.length > 0 ? quantiles : [])])].sort((a, b) => a - b);
}

interface Run {
  readonly value: number;
  readonly length: number;
}

/** Equal neighbours. */
function runsOf(sorted: Float32Array): Run[] {
  const runs: { value: number; length: number }[] = [];
  for (const value of sorted) {
    const last = runs.at(-1);
    if (last?.value === value) last.length += 1;
    else runs.push({ value, length: 1 });
  }
  return runs;
}

function shareOf(sorted: Float32Array, value: number): number {
  return sorted.filter((other) => other === value).length / sorted.length;
}
