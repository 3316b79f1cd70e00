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
  for (const [i, column] of columns.entries())
    dictionaries.push(await createDictionary(session, column, `k${i}`));
  return dictionaries;
}

/** @param name of the typed column, in the table `rows` */
export async function createDictionary(
  session: DuckDbSession,
  { momentsOnly }: Pick<ValueColumn, 'momentsOnly'>,
  name: string,
): Promise<Dictionary> {
  const rows = `FROM rows WHERE bad IS NULL AND ${name} IS NOT NULL ${momentsOnly ? 'AND moment' : ''}`;
  const categories = [''];
  await session.run(`CREATE TABLE categories_${name} AS SELECT DISTINCT ${name} ${rows}`);
  for await (const chunk of session.stream(`SELECT ${name} FROM categories_${name} ORDER BY ${name}`)) {
    const values = chunk.getColumnVector(0);
    for (let row = 0; row < chunk.rowCount; row++) categories.push(values.getItem(row) as string);
  }
  if (categories.length === 1) return { codeSql: '0::INTEGER', categories };
  await session.run(
    `CREATE TYPE e_${name} AS ENUM (SELECT ${name} FROM categories_${name} ORDER BY ${name})`,
  );
  const isUsed = momentsOnly ? 'moment' : 'true';
  const code = `enum_code(CASE WHEN ${isUsed} THEN ${name} END::e_${name})::INTEGER + 1`;
  return { codeSql: `coalesce(${code}, 0)::${narrowest(categories.length)}`, categories };
}

/** Codes are sorted with the events they are of: what is narrow stays in memory longer. */
function narrowest(codes: number): string {
  if (codes <= 2 ** 8) return 'UTINYINT';
  return codes <= 2 ** 16 ? 'USMALLINT' : 'INTEGER';
}
