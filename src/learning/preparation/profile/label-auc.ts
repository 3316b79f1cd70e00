import { type DuckDbSession } from '../duckdb-session';
import { rowByColumn, rowsByColumn } from './by-column';
import { ROW_TABLES } from './column-values';

/** An AUC of fewer rows of either class says nothing. */
export const MIN_CLASS_ROWS = 10;

/**
 * AUC of the values in `vals` alone, by column: the probability that a positive row's value is above a negative row's,
 * ties counting half (Mann & Whitney 1947). None with fewer than ten rows of either class.
 */
export async function valueAucs(session: DuckDbSession, { vals } = ROW_TABLES): Promise<Map<number, number>> {
  const rows = await session.rows(
    `SELECT c, coalesce(sum(p), 0)::DOUBLE, coalesce(sum(m - p), 0)::DOUBLE, sum(p * (negatives - (m - p) / 2))
     FROM ${vals} GROUP BY c`,
  );
  const aucs = new Map<number, number>();
  for (const [column, row] of rowByColumn(rows)) {
    const [positives = 0, negatives = 0, wins = 0] = row.map(Number);
    if (enough(positives, negatives)) aucs.set(column, wins / (positives * negatives));
  }
  return aucs;
}

/**
 * AUC of the categories in `texts` alone, by column. They have no order, so each row is scored with the rate of positives
 * that its category has in the other half of the rows, drawn towards the overall rate by one row: a score from the row's
 * own label would find a leak in every column of unique values. The mean over both halves.
 */
export async function categoryAucs(
  session: DuckDbSession,
  columns: readonly number[],
  { texts } = ROW_TABLES,
): Promise<Map<number, number>> {
  const halves = [
    { m: 'mh', p: 'ph' },
    { m: '(m - mh)', p: '(p - ph)' },
  ];
  const scored = halves.map((judged, i) => {
    const seen = halves[1 - i] ?? judged;
    return `SELECT c, ${i} AS half, (${seen.p} + rate${1 - i}) / (${seen.m} + 1) AS score,
        ${judged.p} AS p, ${judged.m} - ${judged.p} AS q FROM told JOIN rates USING (c)`;
  });
  const rates = halves.map(({ m, p }, i) => `sum(${p}) / sum(${m}) AS rate${i}`);
  const rows = await session.rows(
    `WITH told AS (SELECT * FROM ${texts} WHERE given AND c IN (${columns.join(', ')})),
       rates AS (SELECT c, ${rates.join(', ')} FROM told GROUP BY c),
       ties AS (SELECT c, half, score, sum(p) AS p, sum(q) AS q FROM (${scored.join(' UNION ALL ')}) GROUP BY c, half, score)
     SELECT c, sum(p)::DOUBLE, sum(q)::DOUBLE, sum(p * (until - q / 2))
     FROM (SELECT *, sum(q) OVER (PARTITION BY c, half ORDER BY score) AS until FROM ties)
     GROUP BY c, half ORDER BY c, half`,
  );
  const aucs = new Map<number, number>();
  for (const [column, ofHalves] of rowsByColumn(rows)) {
    const judged = ofHalves.map((row) => row.map(Number));
    if (judged.length < halves.length) continue;
    if (!judged.every(([positives = 0, negatives = 0]) => enough(2 * positives, 2 * negatives))) continue;
    const shares = judged.map(([positives = 0, negatives = 0, wins = 0]) => wins / (positives * negatives));
    aucs.set(
      column,
      shares.reduce((sum, auc) => sum + auc / shares.length, 0),
    );
  }
  return aucs;
}

/**
 * AUC of a cell's being given at all, by column; none where that never differs, or with fewer than ten rows of either
 * class.
 */
export async function presenceAucs(
  session: DuckDbSession,
  { texts } = ROW_TABLES,
): Promise<Map<number, number>> {
  const rows = await session.rows(
    `SELECT c, sum(p)::DOUBLE, sum(m - p)::DOUBLE, coalesce(sum(p) FILTER (given), 0)::DOUBLE,
       coalesce(sum(m - p) FILTER (given), 0)::DOUBLE FROM ${texts} GROUP BY c`,
  );
  const aucs = new Map<number, number>();
  for (const [column, row] of rowByColumn(rows)) {
    const [positives = 0, negatives = 0, givenPositives = 0, givenNegatives = 0] = row.map(Number);
    const differs = givenPositives + givenNegatives !== positives + negatives;
    if (differs && enough(positives, negatives))
      aucs.set(column, 0.5 + (givenPositives / positives - givenNegatives / negatives) / 2);
  }
  return aucs;
}

/** AUC of the rows' order in the file. */
export async function rowOrderAuc(session: DuckDbSession): Promise<number | null> {
  const [row = []] = await session.rows(
    `SELECT coalesce(sum(y), 0)::DOUBLE, count(*)::DOUBLE, sum(rank) FILTER (y = 1)::DOUBLE
     FROM (SELECT y, row_number() OVER (ORDER BY rowid) AS rank FROM marks WHERE y IS NOT NULL)`,
  );
  const [positives = 0, count = 0, ranks = 0] = row.map(Number);
  const negatives = count - positives;
  if (!enough(positives, negatives)) return null;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

function enough(positives: number, negatives: number): boolean {
  return positives >= MIN_CLASS_ROWS && negatives >= MIN_CLASS_ROWS;
}
