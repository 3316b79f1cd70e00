import { type DuckDbSession } from '../duckdb-session';
import { type Row, rowsByColumn } from './by-column';
import { type ColumnDrift, type DriftLevel, type DriftParts } from './dataset-profile';

const NUMBER_BINS = 10;
const MAX_CATEGORIES = 20;
/** Rows added to each share, so that a bin that is empty in one part does not make the index infinite. */
const SMOOTHING = 0.5;
/** The limits in common use (Siddiqi 2006). */
const MODERATE_PSI = 0.1;
const LARGE_PSI = 0.25;

/**
 * The population stability index of two histograms over the same bins: Σ (l − f)·ln(l / f) over the bins' shares f and
 * l of the first and the last part (Siddiqi, Credit Risk Scorecards, 2006; the symmetric divergence of Jeffreys 1946),
 * half a row added to each bin. Bins that are empty in both are none. When nothing has changed it is on average
 * (bins − 1)·(1/F + 1/L), for F and L rows (Yurdakul, Statistical Properties of Population Stability Index, 2018).
 */
export function populationStability(first: readonly number[], last: readonly number[]): ColumnDrift {
  const bins = first.map((f, i) => ({ f, l: last[i] ?? 0 })).filter(({ f, l }) => f + l > 0);
  const total = (of: 'f' | 'l') => bins.reduce((sum, bin) => sum + bin[of], 0);
  const [firstRows, lastRows] = [total('f'), total('l')];
  const share = (rows: number, all: number) => (rows + SMOOTHING) / (all + SMOOTHING * bins.length);
  const psi = bins.reduce((sum, bin) => {
    const f = share(bin.f, firstRows);
    const l = share(bin.l, lastRows);
    return sum + (l - f) * Math.log(l / f);
  }, 0);
  const psiByChance = (bins.length - 1) * (1 / firstRows + 1 / lastRows);
  return { psi, psiByChance, level: levelOf(psi - psiByChance) };
}

function levelOf(beyondChance: number): DriftLevel {
  if (beyondChance >= LARGE_PSI) return 'LARGE';
  return beyondChance >= MODERATE_PSI ? 'MODERATE' : 'NONE';
}

/**
 * Drift of the values in `vals`, by column: bins end at the deciles of the first part. One more bin holds the cells of
 * `texts` that are no value.
 */
export async function valueDrift(
  session: DuckDbSession,
  parts: DriftParts,
): Promise<Map<number, ColumnDrift>> {
  const tenths = Array.from({ length: NUMBER_BINS - 1 }, (_, i) => i + 1);
  const edges = tenths.map(
    (k) => `min(value) FILTER (total > 0 AND first * ${NUMBER_BINS} >= total * ${k}) AS edge${k}`,
  );
  // As many edges as a value is above; equal edges make no bin between them.
  const bin = tenths.map((k) => `coalesce((value > edge${k})::INTEGER, 0)`).join(' + ');
  const rows = await session.rows(
    `WITH totals AS (SELECT c, sum(f) AS total FROM vals GROUP BY c),
       edges AS (SELECT c, ${edges.join(', ')} FROM vals JOIN totals USING (c) GROUP BY c)
     SELECT c, ${bin} AS bin, sum(f)::DOUBLE, sum(l)::DOUBLE FROM vals JOIN edges USING (c)
     GROUP BY c, bin ORDER BY c, bin`,
  );
  return driftByColumn(rows, parts);
}

/** Drift of the categories in `texts`, by column: the first part's most frequent ones, all others, and the missing ones. */
export async function categoryDrift(
  session: DuckDbSession,
  columns: readonly number[],
  parts: DriftParts,
): Promise<Map<number, ColumnDrift>> {
  const rows = await session.rows(
    `SELECT c, least(place, ${MAX_CATEGORIES + 1})::INTEGER AS bin, sum(f)::DOUBLE, sum(l)::DOUBLE
     FROM (SELECT c, f, l, row_number() OVER (PARTITION BY c ORDER BY f DESC, text) AS place
       FROM texts WHERE given AND c IN (${columns.join(', ')}))
     GROUP BY c, bin ORDER BY c, bin`,
  );
  // Without a value, all is missing in both parts.
  const found = driftByColumn(rows, parts);
  for (const column of columns) if (!found.has(column)) found.set(column, driftOf([], parts));
  return found;
}

/** @param rows column, bin, and its rows in the first and in the last part */
function driftByColumn(rows: readonly Row[], parts: DriftParts): Map<number, ColumnDrift> {
  return new Map(Array.from(rowsByColumn(rows), ([column, bins]) => [column, driftOf(bins, parts)]));
}

/** @param rows bin, and its rows in the first and in the last part */
function driftOf(rows: readonly Row[], { firstCount, lastCount }: DriftParts): ColumnDrift {
  const first = rows.map(([, f]) => Number(f));
  const last = rows.map(([, , l]) => Number(l));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return populationStability([...first, firstCount - sum(first)], [...last, lastCount - sum(last)]);
}
