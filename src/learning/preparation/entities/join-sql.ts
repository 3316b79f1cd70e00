import { type FeatureSpec } from '../../features/feature-spec';
import { timeSql } from '../cleaning/time-formats';
import { type ColumnPlan } from '../column-plan';
import { type CsvDialect } from '../csv-header';
import { literal } from '../duckdb-session';
import { keySql, readCsvSql } from '../typed-rows';

/** An entity's rows, ready to be joined. */
export interface JoinedTable {
  /** Parquet: `id`, `ms` (NULL where it holds always), and `v0`, `v1`… in the order in which the plan has its columns. */
  readonly path: string;
}

/**
 * A file's cells with those of its entities, in no order, as SQL: `c0`, `c1`…, `file_row`, by which the file's order is
 * restored, and `found<i>` for each entity: 1, 0, or NULL where the row has no key.
 *
 * With `validFromColumn` a row has what was valid strictly before its own moment, and nothing where it has no moment.
 * Ids are unique, of a moment where there are moments, so no row of the file becomes two. Its only parameter is the
 * file's path.
 */
export function joinedCellsSql(
  spec: FeatureSpec,
  { dialect, plan, tables }: { dialect: CsvDialect; plan: ColumnPlan; tables: readonly JoinedTable[] },
): string {
  const entities = spec.entities ?? [];
  if (entities.length !== tables.length) throw new Error('each entity needs its table');
  const keys = plan.keys.map(({ index }, i) => `${keySql(`c${index}`)} AS key${i}`);
  const own = dialect.header.map((_, index) => `c${index}`);
  const moment = plan.time ? timeSql(`c${plan.time.index}`, spec.cleaning?.timeFormats) : 'NULL::DOUBLE';
  const rows = `SELECT ${[...own, ...keys, `${moment} AS joined_ms`, 'row_number() OVER () AS file_row'].join(', ')}
    FROM ${readCsvSql(dialect)}`;
  const joins = entities.map(({ validFromColumn }, i) => {
    const table = `read_parquet(${literal(tables[i]?.path ?? '')}) e${i}`;
    return validFromColumn === undefined
      ? `LEFT JOIN ${table} ON key${i} = e${i}.id`
      : `ASOF LEFT JOIN ${table} ON key${i} = e${i}.id AND joined_ms > e${i}.ms`;
  });
  const cells = plan.joined.flatMap((columns, i) =>
    columns.map(({ index }, v) => `e${i}.v${v} AS c${index}`),
  );
  const found = entities.map(
    (_, i) => `(CASE WHEN key${i} IS NOT NULL THEN (e${i}.id IS NOT NULL)::TINYINT END) AS found${i}`,
  );
  return `(SELECT ${[...own, ...cells, ...found, 'file_row'].join(', ')} FROM (${rows}) f ${joins.join(' ')})`;
}
