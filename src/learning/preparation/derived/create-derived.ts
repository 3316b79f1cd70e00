import { FLOAT32_MAX } from '../../features/cell-text';
import { derivedColumns, derivedFeatures, scopeOf, sessionGapMs } from '../../features/derived/read-derived';
import { type FeatureSpec } from '../../features/feature-spec';
import { type ColumnPlan } from '../column-plan';
import { type DuckDbSession } from '../duckdb-session';
import { derivedSql, type EventColumnNames } from './derived-sql';
import { createMeasures, MeasureTables } from './measure-tables';

/**
 * Creates the table `derived` of the table `rows`: the derived features of every moment of prediction.
 *
 * Columns: `record`, which is the row's rowid, and `v0`, `v1`… (FLOAT, NaN where missing) in the order of the spec.
 * Exact copies of a row are no events.
 */
export async function createDerived(
  session: DuckDbSession,
  spec: FeatureSpec,
  plan: ColumnPlan,
): Promise<void> {
  const features = derivedFeatures(spec);
  const columns = columnNames(spec, plan);
  await createTimeline(session, spec, plan);
  const sqls = features.map((feature) => derivedSql(spec, feature, columns));
  const tables = new MeasureTables(columns.text);
  const measured = sqls.map(({ measures }) => measures.map((measure) => tables.add(measure)));
  for (const table of tables.all) await createMeasures(session, table);
  const values = sqls.map(({ value }, v) => {
    const sql = `(${value(measured[v] ?? [], 't.us')})::DOUBLE`;
    // They pass over NULL, so it has to be asked for.
    const clipped = `greatest(least(${sql}, ${FLOAT32_MAX}), -${FLOAT32_MAX})::FLOAT`;
    return `CASE WHEN ${sql} IS NULL THEN 'NaN'::FLOAT ELSE ${clipped} END AS v${v}`;
  });
  const joins = tables.all.map(({ name }) => `LEFT JOIN ${name} ON ${name}.rid = t.rid`);
  await session.run(
    `CREATE TABLE derived AS SELECT t.rid AS record, ${values.join(', ')}
     FROM timeline t ${joins.join(' ')} WHERE t.moment`,
  );
  for (const { name } of [{ name: 'timeline' }, ...tables.all]) await session.run(`DROP TABLE ${name}`);
}

/** Numbers are called as in `rows`, texts likewise. */
function columnNames(spec: FeatureSpec, plan: ColumnPlan): EventColumnNames {
  const nameOf = (letter: string, columns: ReadonlyArray<{ readonly name: string }>, wanted?: string) => {
    const index = columns.findIndex(({ name }) => name === wanted);
    if (index < 0) throw new Error(`the plan has no column for ${wanted}`);
    return `${letter}${index}`;
  };
  const text = (column?: string) =>
    column === spec.subjectColumn ? 'subject' : nameOf('t', plan.eventTexts, column);
  return { kind: () => text(spec.kindColumn), text, number: (column) => nameOf('n', plan.numeric, column) };
}

/** All events by subject and time, with the columns that derived features read. */
async function createTimeline(session: DuckDbSession, spec: FeatureSpec, plan: ColumnPlan): Promise<void> {
  const { numbers } = derivedColumns(spec);
  const values = plan.numeric.flatMap(({ name }, i) =>
    numbers.includes(name) ? [`CASE WHEN NOT isnan(n${i}) THEN n${i}::DOUBLE END AS n${i}`] : [],
  );
  const texts = plan.eventTexts.map((_, i) => `t${i}`);
  const events = `SELECT rowid AS rid, round(ms * 1000)::BIGINT AS us, moment, subject, ${[...values, ...texts].join(', ')}
    FROM rows WHERE bad IS NULL
    QUALIFY row_number() OVER (PARTITION BY subject, ms, content ORDER BY rowid) = 1`;
  const hasSessions = derivedFeatures(spec).some(
    (feature) => feature.aggregate === 'sessions' || scopeOf(spec, feature).withinSession,
  );
  const gap = sessionGapMs(spec) * 1000;
  const bySubject =
    '(PARTITION BY subject ORDER BY us, rid ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)';
  const sessions = `SELECT * EXCLUDE previous_us, max(CASE WHEN previous_us IS NULL OR us - previous_us > ${gap} THEN us END) OVER w AS session_us
    FROM (SELECT *, lag(us) OVER (PARTITION BY subject ORDER BY us, rid) AS previous_us FROM (${events}))
    WINDOW w AS ${bySubject}`;
  await session.run(`CREATE TABLE timeline AS ${hasSessions ? sessions : events}`);
}
