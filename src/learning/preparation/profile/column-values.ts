import { timeSql } from '../cleaning/time-formats';
import { type DuckDbSession } from '../duckdb-session';
import { typeOf } from '../mapping/column-sketch';
import { FLOAT32_MAX } from '../../features/cell-text';
import { isMissingSql } from '../typed-rows';
import { rowByColumn, rowsByColumn } from './by-column';
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
 * SQL for the cells of columns with their rows' marks, as `groupCells` reads them.
 * @param rows SQL about a row's marks: which rows are counted
 */
export function rowCellsSql(columns: readonly number[], rows = 'true'): string {
  const cells = columns.map((column) => `c${column}`);
  return `SELECT unnest([${columns.join(', ')}]) AS c, unnest([${cells.join(', ')}]) AS cell, y, part, half
    FROM ${MARKED_CELLS} WHERE ${rows}`;
}

/**
 * Creates the table `texts`: of each column a row for each different cell, which everything about the column is computed
 * from. `c` (position of the column), `text`, `given` (BOOLEAN), `number` and `ms` (DOUBLE or NULL), and DOUBLE counts of
 * rows: `n` all; `m` with a label, `p` with a positive one; `mh`, `ph` the same of one half; `f`, `l` in the first and the
 * last part of the time.
 * @param cells SQL for `c`, `cell`, `y`, `part` and `half` of each cell
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
       FROM (SELECT c, coalesce(cell, '') AS text, count(*)::DOUBLE AS n,
           count(y)::DOUBLE AS m, coalesce(sum(y), 0)::DOUBLE AS p,
           count(y) FILTER (half)::DOUBLE AS mh, coalesce(sum(y) FILTER (half), 0)::DOUBLE AS ph,
           count(*) FILTER (part = 1)::DOUBLE AS f, count(*) FILTER (part = 2)::DOUBLE AS l
         FROM (${cells}) GROUP BY c, text))`,
  );
}

/** Columns by what their values are. */
export interface OrderedColumns {
  readonly numbers: readonly number[];
  readonly moments: readonly number[];
}

/**
 * Creates the table `vals` from `texts`: of each of the columns a row for each different number or moment, with the counts
 * of `texts` and, by growing `value`, `until` (sum of `n` up to and with it), `negatives` (of `m - p`) and `first` (of `f`).
 * At least one column.
 */
export async function groupValues(
  session: DuckDbSession,
  { numbers, moments }: OrderedColumns,
  { texts, vals } = ROW_TABLES,
): Promise<void> {
  const of = (columns: readonly number[], value: string) =>
    columns.length === 0 ? '' : `WHEN c IN (${columns.join(', ')}) THEN ${value}`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${vals} AS
     SELECT *, sum(n) OVER up AS until, sum(m - p) OVER up AS negatives, sum(f) OVER up AS first
     FROM (SELECT c, value, sum(n) AS n, sum(m) AS m, sum(p) AS p, sum(f) AS f, sum(l) AS l
       FROM (SELECT *, CASE ${of(numbers, 'number')} ${of(moments, 'ms')} END AS value FROM ${texts})
       WHERE value IS NOT NULL GROUP BY c, value)
     WINDOW up AS (PARTITION BY c ORDER BY value)`,
  );
}

/** Counts from `texts`, by column. */
export async function countCells(session: DuckDbSession): Promise<Map<number, ColumnCounts>> {
  const sum = (condition: string) => `coalesce(sum(n) FILTER (${condition}), 0)::DOUBLE`;
  const rows = await session.rows(
    `SELECT c, ${sum('NOT given')}, ${sum("trim(text) = ''")}, ${sum('given')}, count(*) FILTER (given)::DOUBLE, ${sum('number IS NOT NULL')},
       ${sum("lower(text) IN ('true', 'false', 'yes', 'no')")}, ${sum('ms IS NOT NULL')} FROM texts GROUP BY c`,
  );
  const frequentValues = await mostFrequent(session, 'given');
  const markers = await mostFrequent(session, "NOT given AND trim(text) <> ''");
  const counts = new Map<number, ColumnCounts>();
  for (const [column, row] of rowByColumn(rows)) {
    const [
      missingCount = 0,
      emptyCount = 0,
      given = 0,
      distinctCount = 0,
      numbers = 0,
      booleans = 0,
      moments = 0,
    ] = row.map(Number);
    counts.set(column, {
      type: typeOf({ given, numbers, booleans, moments }),
      missingCount,
      emptyCount,
      markers: markers.get(column) ?? [],
      givenCount: given,
      distinctCount,
      readsAs: { numbers, booleans, moments },
      frequentValues: frequentValues.get(column) ?? [],
    });
  }
  return counts;
}

/** Of each column the values of `texts` that most rows have, by falling count and then by value. */
export async function mostFrequent(
  session: DuckDbSession,
  condition: string,
): Promise<Map<number, CountedValue[]>> {
  // Kept are a few of each column: a window would sort all of them.
  const rows = await session.rows(
    `SELECT c, left(top.text, ${MAX_VALUE_LENGTH}), -top.place
     FROM (SELECT c, unnest(min({'place': -n, 'text': text}, ${FREQUENT_VALUES})) AS top
       FROM texts WHERE ${condition} GROUP BY c)`,
  );
  const found = new Map<number, CountedValue[]>();
  for (const [column, values] of rowsByColumn(rows))
    found.set(
      column,
      values.map(([value, count]) => ({ value: String(value), count: Number(count) })),
    );
  return found;
}
