import { type DuckDBType, DuckDBStructType, DuckDBTypeId } from '@duckdb/node-api';
import { AppError, messageOf } from '../../../errors';
import { type CsvScan } from '../csv-scan';
import { DuckDbSession, literal } from '../duckdb-session';
import { LineIndex } from '../line-index';
import { QuarantineLog } from '../quarantine';
import { MAX_COLUMNS } from './file-format';
import { readTail } from './read-ends';

const MAGIC = 'PAR1';
/** What DuckDB calls errors of the file, and not of the query. */
const FILE_ERROR =
  /^(?:Error: )?(Invalid|Invalid Input|IO|Serialization|Not implemented|Conversion|Out of Range|TProtocolException)( Error)?: ([^\n]*)/;
/** Types whose text is JSON: DuckDB's own is not what anybody would write. */
const NESTED: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.LIST,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.MAP,
  DuckDBTypeId.UNION,
]);
const LONG: ReadonlySet<DuckDBTypeId> = new Set([DuckDBTypeId.VARCHAR, DuckDBTypeId.BLOB]);

export interface ParquetOptions {
  readonly path: string;
  readonly workDirectory: string;
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a Parquet file holds. DuckDB reads its rows where they are, as texts, like those of a CSV; a row's line is its
 * number, from 1. Members of structs get the names of their path, joined with dots; lists and maps stay one value, as
 * JSON.
 * @throws AppError INVALID_DATA when it is cut, damaged or has no rows; PAYLOAD_TOO_LARGE when its texts would have more
 *   bytes than allowed: a few pages can stand for any number of long values
 */
export async function scanParquet(options: ParquetOptions): Promise<CsvScan> {
  const { path, maxBytes = Infinity } = options;
  if (!(await readTail(path, 4)).equals(Buffer.from(MAGIC)))
    throw new AppError(
      'INVALID_DATA',
      `The Parquet file is cut: it does not end with ${MAGIC}. Send the whole file.`,
    );
  const session = await DuckDbSession.open({ ...options, filePath: path, threads: 1 });
  try {
    const columns = await leaves(session, path);
    if (columns.length > MAX_COLUMNS)
      throw new AppError(
        'INVALID_DATA',
        `The file has ${columns.length} columns; at most ${MAX_COLUMNS} are read. Leave out what is not used.`,
      );
    const [row] = await session.rows('SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata($1)', [path]);
    const records = Number(row?.[0]);
    if (records === 0) throw new AppError('INVALID_DATA', 'The Parquet file holds no rows.');
    if (maxBytes < Infinity && (await textBytes(session, path, { columns, records })) > maxBytes)
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `The Parquet file holds ${records} rows of ${columns.length} columns, which as text have more than ${maxBytes} bytes, the most that a dataset may have.`,
      );
    return {
      dialect: {
        delimiter: ',',
        header: columns.map(({ name }) => name),
        hasHeader: true,
        loneCarriageReturn: false,
        headerStart: 0,
        blankLines: 0,
        parquet: columns.map(({ sql }) => sql),
      },
      readPath: path,
      records,
      // Empty, it says that record 0 is on line 1.
      lines: new LineIndex(),
      quarantine: new QuarantineLog(),
      endsInsideRow: false,
    };
  } catch (error) {
    throw parquetError(error, path);
  } finally {
    session.close();
  }
}

/**
 * An error of DuckDB's that the file is to blame for, as users should read it; anything else as it is.
 * Where our copy lies is nobody's business: DuckDB names `path`, with and without quotes.
 */
export function parquetError(error: unknown, path: string): unknown {
  if (error instanceof AppError) return error;
  const [, , , reason] = FILE_ERROR.exec(messageOf(error)) ?? [];
  if (reason === undefined) return error;
  const shown = reason
    .replaceAll(path, '/')
    .replaceAll(/(file:? )?(['"]\/[^'"]*['"]|\/(?![^\s,:;.]))/g, 'the file')
    .slice(0, 200);
  return new AppError(
    'INVALID_DATA',
    `The Parquet file is damaged or of a kind that is not read: ${shown}`,
    [],
    { cause: error },
  );
}

/** The values of some rows, 0-based, ascending, as a CSV would have them. */
export async function parquetTexts(
  session: DuckDbSession,
  { readPath, dialect }: CsvScan,
  records: readonly number[],
): Promise<string[]> {
  const values = (dialect.parquet ?? []).map((sql) => `coalesce(${sql}, '')`);
  const rows = await session.rows(
    `SELECT text FROM (SELECT row_number() OVER () - 1 AS record, left(concat_ws(',', ${values.join(', ')}), 800) AS text
      FROM read_parquet($1)) WHERE record IN (${records.join(', ')}) ORDER BY record`,
    [readPath],
  );
  return rows.map(([text]) => (typeof text === 'string' ? text : ''));
}

/** Every row that a check of the table `rows` refuses, in order, with its values joined by commas. */
export async function* parquetBadTexts(
  session: DuckDbSession,
  { readPath, dialect }: CsvScan,
): AsyncGenerator<{ record: number; bad: number; value: string | null; text: string }> {
  const values = (dialect.parquet ?? []).map((sql) => `coalesce(${sql}, '')`);
  const chunks = session.stream(
    `SELECT record::DOUBLE, bad::INTEGER, bad_value, text
     FROM (SELECT rowid AS record, bad, bad_value FROM rows WHERE bad >= 0)
     JOIN (SELECT row_number() OVER () - 1 AS record, concat_ws(',', ${values.join(', ')}) AS text FROM read_parquet($1))
     USING (record) ORDER BY record`,
    [readPath],
  );
  for await (const chunk of chunks)
    for (const [record, bad, value, text] of chunk.getRows())
      yield {
        record: Number(record),
        bad: Number(bad),
        value: typeof value === 'string' ? value : null,
        text: typeof text === 'string' ? text : '',
      };
}

interface Leaf {
  readonly name: string;
  readonly sql: string;
  /** Whether its values may be of any length. */
  readonly isLong: boolean;
}

/** What the values would need as delimited text, at least. */
async function textBytes(
  session: DuckDbSession,
  path: string,
  { columns, records }: { columns: readonly Leaf[]; records: number },
): Promise<number> {
  const lengths = columns.filter(({ isLong }) => isLong).map(({ sql }) => `coalesce(sum(strlen(${sql})), 0)`);
  if (lengths.length === 0) return records * columns.length;
  const [row] = await session.rows(`SELECT (${lengths.join(' + ')})::DOUBLE FROM read_parquet($1)`, [path]);
  return records * columns.length + Number(row?.[0]);
}

async function leaves(session: DuckDbSession, path: string): Promise<Leaf[]> {
  const columns = await session.columns('SELECT * FROM read_parquet($1)', [path]);
  return columns.flatMap(({ name, type }) => leavesOf(name, `"${name.replaceAll('"', '""')}"`, type));
}

function leavesOf(name: string, sql: string, type: DuckDBType): Leaf[] {
  if (type instanceof DuckDBStructType)
    return type.entryNames.flatMap((entry, i) => {
      const entryType = type.entryTypes[i];
      return entryType
        ? leavesOf(`${name}.${entry}`, `struct_extract(${sql}, ${literal(entry)})`, entryType)
        : [];
    });
  return [{ name, sql: textSql(sql, type.typeId), isLong: LONG.has(type.typeId) || NESTED.has(type.typeId) }];
}

function textSql(sql: string, type: DuckDBTypeId): string {
  if (NESTED.has(type)) return `to_json(${sql})::VARCHAR`;
  // Whole numbers as integers: what has gaps is often stored as floating point.
  if (type === DuckDBTypeId.DOUBLE || type === DuckDBTypeId.FLOAT)
    return `regexp_replace(${sql}::VARCHAR, '\\.0$', '')`;
  // Texts of moments are read to the microsecond.
  if (type === DuckDBTypeId.TIMESTAMP_NS) return `${sql}::TIMESTAMP::VARCHAR`;
  return `${sql}::VARCHAR`;
}
