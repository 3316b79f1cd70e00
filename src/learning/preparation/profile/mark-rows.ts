import { type FeatureSpec } from '../../features/feature-spec';
import { type EventLabel, eventLabelOf } from '../../features/label-spec';
import { dateMs } from '../../features/moments-spec';
import { type DuckDbSession } from '../duckdb-session';
import { positiveSql } from '../label-values';
import { type DriftParts } from './dataset-profile';

/** SQL for the cells of the file, each row with its marks. */
export const MARKED_CELLS = 'cells POSITIONAL JOIN marks';

/**
 * Creates the table `marks` (and of moments that are dates the table `date_marks`: `subject`, `ms`, `y`, `censored`), a row for each of `rows` and in their order: `y` (1 or 0; NULL where the row is unusable,
 * no moment of prediction, or censored), `censored`, `ms`, `part` (1: first third of the usable rows by time, 2: last third,
 * NULL: neither), `half`, a coin that falls alike every time, and `moment`, whether features are read here.
 */
export async function markRows(session: DuckDbSession, spec: FeatureSpec): Promise<DriftParts | null> {
  const cuts = await cutsOf(session);
  const part = cuts
    ? `CASE WHEN rows.ms <= ${cuts.first} THEN 1 WHEN rows.ms > ${cuts.second} THEN 2 END`
    : 'NULL';
  // Neighbours in the file fall on both sides; all events of a subject on one, or what tells it apart would seem to tell
  // its label, which is often the same again.
  const coin = spec.shape === 'EVENTS' ? 'rows.subject' : 'rows.rowid';
  const own = `rows.ms AS ms, (CASE WHEN bad IS NULL THEN ${part} END)::TINYINT AS part, hash(${coin}) % 2 = 0 AS half, rows.moment AS moment`;
  const { label } = spec;
  const decides = eventLabelOf(label, spec.sessionGapMinutes);
  if (!decides)
    await session.run(
      `CREATE TABLE marks AS SELECT
         (CASE WHEN bad IS NULL AND moment THEN ${positiveSql(label)} END)::TINYINT AS y, false AS censored, ${own}
       FROM rows ORDER BY rows.rowid`,
    );
  else if (spec.momentDates) {
    await session.run(`CREATE TABLE date_marks AS SELECT * FROM (${labelledDates(decides, endSql(spec))})`);
    await session.run(
      `CREATE TABLE marks AS SELECT NULL::TINYINT AS y, false AS censored, ${own} FROM rows ORDER BY rows.rowid`,
    );
  } else
    await session.run(
      `CREATE TABLE marks AS SELECT l.y AS y, coalesce(l.censored, false) AS censored, ${own}
       FROM rows LEFT JOIN (${labelledEvents(decides, endSql(spec))}) l ON rows.rowid = l.record ORDER BY rows.rowid`,
    );
  return cuts ? partsOf(session) : null;
}

/** SQL for the end of the data. */
const endSql = ({ dataUntil }: FeatureSpec): string =>
  dataUntil === undefined ? '(SELECT max(ms) FROM rows WHERE bad IS NULL)' : `${dateMs(dataUntil)}`;

/** SQL for 1 or 0, or NULL for a moment that is censored. */
const ySql = (hit: string, { isAbsence }: EventLabel): string =>
  `(CASE WHEN NOT censored THEN ${isAbsence ? 'NOT ' : ''}coalesce(${hit}, false) END)::TINYINT AS y`;

const OUTCOMES =
  'SELECT subject, session AS hit_session, ms AS hit_ms FROM rows WHERE bad IS NULL AND label_event';

/** As preparation labels moments that are events: by the next event of the label's kind strictly after them. */
function labelledEvents(label: EventLabel, end: string): string {
  const { windowMs, sessionGapMs } = label;
  if (windowMs === null)
    return `SELECT record, censored, ${ySql('last_hit > ms', label)}
      FROM (SELECT r.rowid AS record, r.ms AS ms, session_end + ${sessionGapMs} > ${end} AS censored, last_hit
        FROM rows r JOIN (SELECT subject, session, max(ms) AS session_end, max(ms) FILTER (label_event) AS last_hit
          FROM rows WHERE bad IS NULL GROUP BY subject, session) s ON r.subject = s.subject AND r.session = s.session
        WHERE r.bad IS NULL AND r.moment)`;
  return `SELECT record, censored, ${ySql(`hit_ms <= m.ms + ${windowMs}`, label)}
    FROM (SELECT rowid AS record, subject, ms, ms + ${windowMs} > ${end} AS censored FROM rows
      WHERE bad IS NULL AND moment) m
    ASOF LEFT JOIN (${OUTCOMES}) o ON m.subject = o.subject AND m.ms < o.hit_ms`;
}

/** The same of dates, from whose beginning on an event counts. */
function labelledDates(label: EventLabel, end: string): string {
  const windowMs = label.windowMs ?? 0;
  return `SELECT m.subject AS subject, ms, censored, ${ySql(`hit_ms < m.ms + ${windowMs}`, label)}
    FROM (SELECT subject, ms, ms + ${windowMs} > ${end} AS censored FROM date_moments) m
    ASOF LEFT JOIN (${OUTCOMES}) o ON m.subject = o.subject AND m.ms <= o.hit_ms`;
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
