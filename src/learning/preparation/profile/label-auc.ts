import { type DuckDbSession } from '../duckdb-session';
import { ROW_TABLES } from './column-values';

/** An AUC of fewer rows of either class says nothing. */
export const MIN_CLASS_ROWS = 10;

/**
 * AUC of the values in `vals` alone: the probability that a positive row's value is above a negative row's, ties
 * counting half (Mann & Whitney 1947). Null with fewer than ten rows of either class.
 */
export async function valueAuc(session: DuckDbSession, { vals } = ROW_TABLES): Promise<number | null> {
  const [row = []] = await session.rows(
    `SELECT coalesce(sum(p), 0)::DOUBLE, coalesce(sum(m - p), 0)::DOUBLE, sum(p * (negatives - (m - p) / 2)) FROM ${vals}`,
  );
  const [positives = 0, negatives = 0, wins = 0] = row.map(Number);
  return enough(positives, negatives) ? wins / (positives * negatives) : null;
}

/**
 * AUC of the categories in `texts` alone. They have no order, so each row is scored with the rate of positives that
 * its category has in the other half of the rows, drawn towards the overall rate by one row: a score from the row's own
 * label would find a leak in every column of unique values. The mean over both halves.
 */
export async function categoryAuc(session: DuckDbSession, { texts } = ROW_TABLES): Promise<number | null> {
  const aucs: number[] = [];
  const halves = [
    { m: 'mh', p: 'ph' },
    { m: '(m - mh)', p: '(p - ph)' },
  ];
  for (const [i, judged] of halves.entries()) {
    const seen = halves[1 - i] ?? judged;
    const [row = []] = await session.rows(
      `WITH scored AS (SELECT (${seen.p} + rate) / (${seen.m} + 1) AS score, ${judged.p} AS p, ${judged.m} - ${judged.p} AS q
         FROM ${texts}, (SELECT sum(${seen.p}) / sum(${seen.m}) AS rate FROM ${texts} WHERE given) WHERE given),
       ties AS (SELECT score, sum(p) AS p, sum(q) AS q FROM scored GROUP BY score)
       SELECT sum(p)::DOUBLE, sum(q)::DOUBLE, sum(p * (until - q / 2))
       FROM (SELECT *, sum(q) OVER (ORDER BY score) AS until FROM ties)`,
    );
    const [positives = 0, negatives = 0, wins = 0] = row.map(Number);
    if (!enough(2 * positives, 2 * negatives)) return null;
    aucs.push(wins / (positives * negatives));
  }
  return aucs.reduce((sum, auc) => sum + auc / aucs.length, 0);
}

/** AUC of a cell's being given at all; null where that never differs, or with fewer than ten rows of either class. */
export async function presenceAuc(session: DuckDbSession, { texts } = ROW_TABLES): Promise<number | null> {
  const [row = []] = await session.rows(
    `SELECT sum(p)::DOUBLE, sum(m - p)::DOUBLE, coalesce(sum(p) FILTER (given), 0)::DOUBLE,
       coalesce(sum(m - p) FILTER (given), 0)::DOUBLE FROM ${texts}`,
  );
  const [positives = 0, negatives = 0, givenPositives = 0, givenNegatives = 0] = row.map(Number);
  if (!enough(positives, negatives) || givenPositives + givenNegatives === positives + negatives) return null;
  return 0.5 + (givenPositives / positives - givenNegatives / negatives) / 2;
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
