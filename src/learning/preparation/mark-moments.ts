import { type FeatureSpec } from '../features/feature-spec';
import { momentDatesOf } from '../features/moments-spec';
import { type ColumnPlan } from './column-plan';
import { type DuckDbSession, literal } from './duckdb-session';

/** Columns of `rows` that moments are found by, beside those that every reader keeps. */
export function momentColumns(spec: FeatureSpec): readonly string[] {
  return spec.momentDates === undefined && spec.momentEvent === undefined
    ? []
    : ['subject', 'session', 'content'];
}

/**
 * Finds the moments of prediction that a row alone does not show: corrects `moment` in the table `rows`, or creates the
 * table `date_moments` (subject, ms, id, and where a plan is given its value columns).
 */
export async function markMoments(
  session: DuckDbSession,
  spec: FeatureSpec,
  plan: ColumnPlan | null,
): Promise<void> {
  if (spec.momentEvent) await markNthEvents(session, spec.momentEvent);
  const dates = momentDatesOf(spec);
  if (dates) await createDateMoments(session, dates, plan ? valueColumns(plan) : []);
}

async function markNthEvents(
  session: DuckDbSession,
  { nth, of }: NonNullable<FeatureSpec['momentEvent']>,
): Promise<void> {
  // Copies of an event are none.
  await session.run(
    `UPDATE rows SET moment = rowid IN (
       SELECT first FROM (
         SELECT first, row_number() OVER (PARTITION BY subject${of === 'session' ? ', session' : ''} ORDER BY ms, first) AS n
         FROM (SELECT subject, session, ms, min(rowid) AS first FROM rows WHERE bad IS NULL
               GROUP BY subject, session, ms, content))
       WHERE n = ${nth})`,
  );
}

/** A column of `rows` that features may read, and SQL for its value where it is given. */
interface LatestColumn {
  readonly name: string;
  readonly given: string;
  /** SQL for a missing one. */
  readonly missing: string;
}

function valueColumns(plan: ColumnPlan): LatestColumn[] {
  const texts = (letter: string, columns: readonly unknown[]) =>
    columns.map((_, i) => ({ name: `${letter}${i}`, given: `${letter}${i}`, missing: 'NULL' }));
  return [
    ...plan.numeric.map((_, i) => ({
      name: `n${i}`,
      given: `CASE WHEN isnan(n${i}) THEN NULL ELSE n${i} END`,
      missing: "'NaN'::FLOAT",
    })),
    ...texts('k', plan.categorical),
    ...texts('x', plan.compound),
  ];
}

/** Each subject with an event before a date has a moment there, with its latest given values before it. */
async function createDateMoments(
  session: DuckDbSession,
  dates: readonly number[],
  columns: readonly LatestColumn[],
): Promise<void> {
  const list = dates.map((ms) => `(${ms}::DOUBLE, ${literal(nameOf(ms))})`).join(', ');
  const own = columns.map(({ name }) => `, ${name}`).join('');
  const latest = columns.map(
    ({ name, given, missing }) =>
      `, coalesce(last_value(${given} IGNORE NULLS) OVER latest, ${missing}) AS ${name}`,
  );
  await session.run(
    `CREATE TABLE date_moments AS
     WITH dates(ms, name) AS (VALUES ${list}),
     asked AS (SELECT subject, d.ms AS ms, name
       FROM (SELECT subject, min(ms) AS first FROM rows WHERE bad IS NULL GROUP BY subject) JOIN dates d ON first < d.ms)
     SELECT subject, ms, subject || '@' || name AS id ${own} FROM (
       SELECT subject, ms, name ${latest.join('')} FROM (
         SELECT subject, ms, NULL AS name, rowid AS record ${own} FROM rows WHERE bad IS NULL
         UNION ALL BY NAME SELECT subject, ms, name, -1 AS record FROM asked)
       WINDOW latest AS (PARTITION BY subject ORDER BY ms, record ROWS UNBOUNDED PRECEDING))
     WHERE name IS NOT NULL`,
  );
}

/** A date as it is shown in ids. */
const nameOf = (ms: number): string => new Date(ms).toISOString().replace(/T00:00:00\.000Z$/, '');
