import { type FeatureSpec } from '../../features/feature-spec';
import { type DuckDbSession } from '../duckdb-session';
import { positiveSql } from '../label-values';
import { type DriftParts } from './dataset-profile';

const MINUTE_MS = 60_000;

/** SQL for the cells of the file, each row with its marks. */
export const MARKED_CELLS = 'cells POSITIONAL JOIN marks';

/**
 * Creates the table `marks`, a row for each of `rows` and in their order: `y` (1 or 0; NULL where the row is unusable,
 * no moment of prediction, or censored), `censored`, `ms`, `part` (1: first third of the usable rows by time, 2: last third,
 * NULL: neither) and `half`, a coin that falls alike every time.
 */
export async function markRows(session: DuckDbSession, spec: FeatureSpec): Promise<DriftParts | null> {
  const cuts = await cutsOf(session);
  const part = cuts
    ? `CASE WHEN rows.ms <= ${cuts.first} THEN 1 WHEN rows.ms > ${cuts.second} THEN 2 END`
    : 'NULL';
  // Copies of one record's hash fall on both sides, neighbours in the file do, too.
  const own = `rows.ms AS ms, (CASE WHEN bad IS NULL THEN ${part} END)::TINYINT AS part, hash(rows.rowid) % 2 = 0 AS half`;
  const { label } = spec;
  if ('column' in label)
    await session.run(
      `CREATE TABLE marks AS SELECT
         (CASE WHEN bad IS NULL AND moment THEN ${positiveSql(label)} END)::TINYINT AS y, false AS censored, ${own}
       FROM rows ORDER BY rows.rowid`,
    );
  else await markByEvents(session, label.withinMinutes * MINUTE_MS, own);
  return cuts ? partsOf(session) : null;
}

/** As preparation labels moments: by the subject's next event of the label's kind strictly after them. */
async function markByEvents(session: DuckDbSession, windowMs: number, own: string): Promise<void> {
  await session.run(
    `CREATE TABLE marks AS
     WITH moments AS (SELECT rowid AS record, subject, ms,
         ms + ${windowMs} > (SELECT max(ms) FROM rows WHERE bad IS NULL) AS censored
       FROM rows WHERE bad IS NULL AND moment),
     outcomes AS (SELECT subject, ms AS hit_ms FROM rows WHERE bad IS NULL AND label_event),
     labelled AS (SELECT record, m.censored, coalesce(hit_ms <= m.ms + ${windowMs}, false) AS hit
       FROM moments m ASOF LEFT JOIN outcomes o ON m.subject = o.subject AND m.ms < o.hit_ms)
     SELECT (CASE WHEN NOT l.censored THEN l.hit END)::TINYINT AS y, coalesce(l.censored, false) AS censored, ${own}
     FROM rows LEFT JOIN labelled l ON rows.rowid = l.record ORDER BY rows.rowid`,
  );
}

/** Where the first third of the usable rows ends, and the second; null without two moments to compare. */
async function cutsOf(session: DuckDbSession): Promise<{ first: number; second: number } | null> {
  const [row = []] = await session.rows(
    `SELECT min(ms) FILTER (3 * until >= total), min(ms) FILTER (3 * until >= 2 * total), max(ms) FROM (
       SELECT ms, sum(n) OVER (ORDER BY ms) AS until, sum(n) OVER () AS total FROM (
         SELECT ms, count(*) AS n FROM rows WHERE bad IS NULL AND ms IS NOT NULL GROUP BY ms))`,
  );
  const [first, second, last] = row;
  return typeof first === 'number' && typeof second === 'number' && Number(last) > second
    ? { first, second }
    : null;
}

async function partsOf(session: DuckDbSession): Promise<DriftParts> {
  const [row = []] = await session.rows(
    `SELECT max(ms) FILTER (part = 1), min(ms) FILTER (part = 2), count(*) FILTER (part = 1)::DOUBLE,
       count(*) FILTER (part = 2)::DOUBLE FROM marks`,
  );
  const [until = 0, from = 0, firstCount = 0, lastCount = 0] = row.map(Number);
  return {
    firstUntil: new Date(until).toISOString(),
    lastFrom: new Date(from).toISOString(),
    firstCount,
    lastCount,
  };
}
