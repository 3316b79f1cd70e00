import { timeSql } from '../cleaning/time-formats';
import { type DuckDbSession } from '../duckdb-session';
import { typeOf } from '../mapping/column-sketch';
import { FLOAT32_MAX } from '../../features/cell-text';
import { isMissingSql } from '../typed-rows';
import { type ColumnProfile, type CountedValue } from './dataset-profile';
import { MARKED_CELLS } from './mark-rows';

export const MAX_VALUE_LENGTH = 100;
const FREQUENT_VALUES = 10;

export type ColumnCounts = Pick<
  ColumnProfile,
  | 'type'
  | 'missingCount'
  | 'emptyCount'
  | 'markers'
  | 'givenCount'
  | 'distinctCount'
  | 'readsAs'
  | 'frequentValues'
>;

/** What may be said of cells is computed from these tables, made of a relation. */
export interface CellTables {
  readonly texts: string;
  readonly vals: string;
}

/** Of the rows of the file. */
export const ROW_TABLES: CellTables = { texts: 'texts', vals: 'vals' };

/**
 * SQL for the cells of a column with their rows' marks.
 * @param rows SQL about a row's marks: which rows are counted
 */
export function rowCellsSql(column: number, rows = 'true'): string {
  return `SELECT c${column} AS cell, y, part, half FROM ${MARKED_CELLS} WHERE ${rows}`;
}

/**
 * Creates the table `texts`: a row for each different cell of a column, which everything about the column is computed
 * from. `text`, `given` (BOOLEAN), `number` and `ms` (DOUBLE or NULL), and DOUBLE counts of rows: `n` all; `m` with a
 * label, `p` with a positive one; `mh`, `ph` the same of one half; `f`, `l` in the first and the last part of the time.
 * @param cells SQL for `cell`, `y`, `part` and `half` of each row
 */
export async function groupCells(
  session: DuckDbSession,
  cells: string,
  { texts } = ROW_TABLES,
): Promise<void> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${texts} AS
     SELECT *, CASE WHEN abs(d) <= ${FLOAT32_MAX} THEN d + 0.0 END AS number,
       CASE WHEN given THEN ${timeSql('text')} END AS ms
     FROM (SELECT *, NOT ${isMissingSql('text')} AS given,
         CASE WHEN given THEN TRY_CAST(text AS DOUBLE) END AS d
       FROM (SELECT coalesce(cell, '') AS text, count(*)::DOUBLE AS n,
           count(y)::DOUBLE AS m, coalesce(sum(y), 0)::DOUBLE AS p,
           count(y) FILTER (half)::DOUBLE AS mh, coalesce(sum(y) FILTER (half), 0)::DOUBLE AS ph,
           count(*) FILTER (part = 1)::DOUBLE AS f, count(*) FILTER (part = 2)::DOUBLE AS l
         FROM (${cells}) GROUP BY text))`,
  );
}

/**
 * Creates the table `vals` from `texts`: a row for each different number or moment, with the counts of `texts` and,
 * by growing `value`, `until` (sum of `n` up to and with it), `negatives` (of `m - p`) and `first` (of `f`).
 */
export async function groupValues(
  session: DuckDbSession,
  type: 'number' | 'ms',
  { texts, vals } = ROW_TABLES,
): Promise<void> {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${vals} AS
     SELECT *, sum(n) OVER up AS until, sum(m - p) OVER up AS negatives, sum(f) OVER up AS first
     FROM (SELECT ${type} AS value, sum(n) AS n, sum(m) AS m, sum(p) AS p, sum(f) AS f, sum(l) AS l
       FROM ${texts} WHERE ${type} IS NOT NULL GROUP BY ${type})
     WINDOW up AS (ORDER BY value)`,
  );
}

/** Counts from `texts`. */
export async function countCells(session: DuckDbSession): Promise<ColumnCounts> {
  const sum = (condition: string) => `coalesce(sum(n) FILTER (${condition}), 0)::DOUBLE`;
  const [row = []] = await session.rows(
    `SELECT ${sum('NOT given')}, ${sum("trim(text) = ''")}, ${sum('given')}, count(*) FILTER (given)::DOUBLE, ${sum('number IS NOT NULL')},
       ${sum("lower(text) IN ('true', 'false', 'yes', 'no')")}, ${sum('ms IS NOT NULL')} FROM texts`,
  );
  const [
    missingCount = 0,
    emptyCount = 0,
    given = 0,
    distinctCount = 0,
    numbers = 0,
    booleans = 0,
    moments = 0,
  ] = row.map(Number);
  return {
    type: typeOf({ given, numbers, booleans, moments }),
    missingCount,
    emptyCount,
    markers: missingCount > emptyCount ? await mostFrequent(session, "NOT given AND trim(text) <> ''") : [],
    givenCount: given,
    distinctCount,
    readsAs: { numbers, booleans, moments },
    frequentValues: await mostFrequent(session, 'given'),
  };
}

/** The values of `texts` that most rows have, by falling count and then by value. */
export async function mostFrequent(session: DuckDbSession, condition: string): Promise<CountedValue[]> {
  const rows = await session.rows(
    `SELECT left(text, ${MAX_VALUE_LENGTH}), n FROM texts WHERE ${condition}
     ORDER BY n DESC, text LIMIT ${FREQUENT_VALUES}`,
  );
  return rows.map(([value, count]) => ({ value: String(value), count: Number(count) }));
}
