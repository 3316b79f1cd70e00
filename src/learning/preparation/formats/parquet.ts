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
/** Types without an order of digits: DuckDB's text of them is not what anybody would write. */
const NESTED: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.LIST,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.MAP,
  DuckDBTypeId.UNION,
]);

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
 * @throws AppError INVALID_DATA when it is cut, damaged or has no rows; PAYLOAD_TOO_LARGE when it holds too much: its
 *   uncompressed pages and its number of values, of which a text would need one byte each, count
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
    const [sizes] = await session.rows(
      `SELECT (SELECT sum(num_rows) FROM parquet_file_metadata($1))::DOUBLE,
        (SELECT sum(total_uncompressed_size) FROM parquet_metadata($1))::DOUBLE`,
      [path],
    );
    const [records = 0, bytes = 0] = (sizes ?? []).map(Number);
    if (records === 0) throw new AppError('INVALID_DATA', 'The Parquet file holds no rows.');
    if (Math.max(bytes, records * columns.length) > maxBytes)
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        `The Parquet file holds ${records} rows of ${columns.length} columns, which unpack to more than ${maxBytes} bytes, the most that a dataset may have.`,
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
    throw parquetError(error);
  } finally {
    session.close();
  }
}

/** An error of DuckDB's that the file is to blame for, as users should read it; anything else as it is. */
export function parquetError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const [, , , reason] = FILE_ERROR.exec(messageOf(error)) ?? [];
  if (reason === undefined) return error;
  const shown = reason.replaceAll(/(file )?['"]\/[^'"]*['"]/g, 'the file').slice(0, 200);
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

interface Leaf {
  readonly name: string;
  readonly sql: string;
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
  return [{ name, sql: textSql(sql, type.typeId) }];
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
