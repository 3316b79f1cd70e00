import { type ValueColumn } from './column-plan';
import { type DuckDbSession } from './duckdb-session';

/** How a column's categories are numbered in DuckDB and called outside. */
export interface Dictionary {
  /** SQL for a row's code: 0 if missing, else the category's position in `categories`. */
  readonly codeSql: string;
  /** `''`, then all categories in byte order. */
  readonly categories: readonly string[];
}

/** Numbers each column's categories, as ENUM types, so that texts leave DuckDB once and not once per row. */
export async function createDictionaries(
  session: DuckDbSession,
  columns: readonly ValueColumn[],
): Promise<Dictionary[]> {
  const dictionaries: Dictionary[] = [];
  for (const [i, column] of columns.entries()) {
    const rows = `FROM rows WHERE bad IS NULL AND k${i} IS NOT NULL ${column.momentsOnly ? 'AND moment' : ''}`;
    const categories = [''];
    await session.run(`CREATE TABLE categories${i} AS SELECT DISTINCT k${i} ${rows}`);
    for await (const chunk of session.stream(`SELECT k${i} FROM categories${i} ORDER BY k${i}`)) {
      const values = chunk.getColumnVector(0);
      for (let row = 0; row < chunk.rowCount; row++) categories.push(values.getItem(row) as string);
    }
    if (categories.length === 1) dictionaries.push({ codeSql: '0::INTEGER', categories });
    else {
      await session.run(`CREATE TYPE e${i} AS ENUM (SELECT k${i} FROM categories${i} ORDER BY k${i})`);
      const isUsed = column.momentsOnly ? 'moment' : 'true';
      const code = `enum_code(CASE WHEN ${isUsed} THEN k${i} END::e${i})::INTEGER + 1`;
      dictionaries.push({ codeSql: `coalesce(${code}, 0)::INTEGER`, categories });
    }
  }
  return dictionaries;
}
