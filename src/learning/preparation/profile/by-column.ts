import { type DuckDBValue } from '@duckdb/node-api';

export type Row = readonly DuckDBValue[];

/** Rows that begin with the position of a file's column, by it and in their order, without it. */
export function rowsByColumn(rows: readonly Row[]): Map<number, Row[]> {
  const found = new Map<number, Row[]>();
  for (const [column, ...rest] of rows) {
    const ofColumn = found.get(Number(column));
    if (ofColumn) ofColumn.push(rest);
    else found.set(Number(column), [rest]);
  }
  return found;
}

/** The same of rows of which each column has one, or none. */
export function rowByColumn(rows: readonly Row[]): Map<number, Row> {
  return new Map(rows.map(([column, ...rest]) => [Number(column), rest]));
}

/** SQL for a relation `(c, …)` of what is known of columns; its cells are SQL. At least one row. */
export function columnsSql(rows: ReadonlyArray<readonly [number, ...string[]]>, names: string): string {
  return `(VALUES ${rows.map((row) => `(${row.join(', ')})`).join(', ')}) AS known(c, ${names})`;
}

/** SQL for a number, to the bit: without a cast, DuckDB would take it for a decimal. */
export function doubleSql(value: number): string {
  return `'${value}'::DOUBLE`;
}
