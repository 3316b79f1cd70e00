import { type ColumnType } from '../csv-inspection';
import { type CsvScan } from '../csv-scan';
import { type DuckDbSession } from '../duckdb-session';
import { readCsvSql } from '../typed-rows';

/** Rows by which a column is judged; fewer where the columns are many, which are read several times. */
const SAMPLE_ROWS = 10_000;
const SAMPLE_CELLS = 1 << 22;
/** A table of thousands of columns would need more memory than the data. */
const COLUMNS_AT_ONCE = 64;
/** Each different value that is counted takes megabytes, in each query anew. */
const MEASURED_AT_ONCE = 8;
/** A column of more different values is no list of kinds. */
export const MAX_LISTED_VALUES = 50;
const MAX_VALUE_LENGTH = 64;

/** What the first rows of a column hold, as far as a mapping is guessed from it. */
export interface ColumnSketch {
  readonly name: string;
  readonly type: ColumnType;
  /** Cells that are not empty. */
  readonly given: number;
  readonly distinct: number;
  /** The different values, in order, where they are few. */
  readonly values: readonly string[] | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** Looks at the first rows of each column: 10,000, or four million cells of all columns together. */
export async function sketchColumns(
  session: DuckDbSession,
  { dialect, readPath }: Pick<CsvScan, 'dialect' | 'readPath'>,
): Promise<ColumnSketch[]> {
  const rows = Math.min(SAMPLE_ROWS, Math.ceil(SAMPLE_CELLS / dialect.header.length));
  const sketches: ColumnSketch[] = [];
  for (let from = 0; from < dialect.header.length; from += COLUMNS_AT_ONCE) {
    const names = dialect.header.slice(from, from + COLUMNS_AT_ONCE);
    await session.run(
      `CREATE OR REPLACE TEMP TABLE first_rows AS SELECT ${names.map((_, i) => `c${from + i}`).join(', ')}
       FROM (SELECT * FROM ${readCsvSql(dialect)} LIMIT ${rows})`,
      [readPath],
    );
    for (let column = 0; column < names.length; column += MEASURED_AT_ONCE)
      sketches.push(
        ...(await measure(session, names.slice(column, column + MEASURED_AT_ONCE), from + column)),
      );
  }
  await session.run('DROP TABLE first_rows');
  return sketches;
}

/** @param first the position of the first of these columns */
async function measure(
  session: DuckDbSession,
  names: readonly string[],
  first: number,
): Promise<ColumnSketch[]> {
  const [row = []] = await session.rows(
    `SELECT ${names.map((_, i) => measures(`c${first + i}`).join(', ')).join(', ')} FROM first_rows`,
  );
  const width = row.length / names.length;
  return names.map((name, i) => {
    const [given, numbers, booleans, moments, distinct, min, max, values] = row.slice(
      i * width,
      (i + 1) * width,
    );
    const counts = {
      given: Number(given),
      numbers: Number(numbers),
      booleans: Number(booleans),
      moments: Number(moments),
    };
    return {
      name,
      type: typeOf(counts),
      given: counts.given,
      distinct: Number(distinct),
      values: typeof values === 'string' ? storable(JSON.parse(values) as string[]) : null,
      min: typeof min === 'number' ? min : null,
      max: typeof max === 'number' ? max : null,
    };
  });
}

function measures(c: string): string[] {
  const number = `TRY_CAST(${c} AS DOUBLE)`;
  const finite = `FILTER (isfinite(${number}))`;
  return [
    `count(${c})::DOUBLE`,
    `count(${number})::DOUBLE`,
    `count(*) FILTER (lower(${c}) IN ('true', 'false', 'yes', 'no'))::DOUBLE`,
    `count(TRY_CAST(${c} AS TIMESTAMPTZ))::DOUBLE`,
    `count(DISTINCT ${c})::DOUBLE`,
    `min(${number}) ${finite}`,
    `max(${number}) ${finite}`,
    `CASE WHEN count(DISTINCT ${c}) <= ${MAX_LISTED_VALUES}
       THEN to_json(list_sort(list(DISTINCT left(${c}, ${MAX_VALUE_LENGTH})) FILTER (${c} IS NOT NULL)))::VARCHAR END`,
  ];
}

/** Databases cannot store NUL, and nobody looks for it. */
const storable = (values: string[]): string[] => values.filter((value) => !value.includes('\0'));

/** A type is one that at least nine of ten values have, so that a few errors do not hide it. */
export function typeOf(counts: {
  given: number;
  numbers: number;
  booleans: number;
  moments: number;
}): ColumnType {
  const enough = counts.given * 0.9;
  if (counts.given === 0) return 'empty';
  if (counts.numbers >= enough) return 'numeric';
  if (counts.booleans >= enough) return 'boolean';
  return counts.moments >= enough ? 'moment' : 'categorical';
}
