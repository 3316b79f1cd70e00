import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type FeatureSpec } from '../features/feature-spec';
import { type ColumnPlan, planColumns, wantedColumns } from './column-plan';
import { DuckDbSession } from './duckdb-session';
import { joinedCellsSql, type JoinedTable } from './entities/join-sql';
import { type DeclaredFormat } from './formats/file-format';
import { parquetError } from './formats/parquet';
import { type ScannedFile, scanFile } from './formats/scan-file';
import { type ColumnMapping, mappedHeader, sourceOf } from './mapping/column-mapping';
import { readableError } from './storage-errors';
import { readCsvSql, type TypedRows, typedRows } from './typed-rows';

export interface OpenFileOptions {
  readonly path: string;
  /** Names of columns by which the file's delimiter and header are recognized. */
  readonly wanted: ReadonlySet<string>;
  /** What may be read besides. */
  readonly otherPaths?: readonly string[] | undefined;
  readonly workDirectory: string;
  /** What is known of the file's format; the rest is found out. */
  readonly format?: DeclaredFormat | undefined;
  /** The most bytes that a compressed file may unpack to. */
  readonly maxUnpackedBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly memoryLimitMb?: number | undefined;
  readonly threads?: number | undefined;
}

/** How a file is matched with a spec. */
export interface MatchOptions {
  /** Where the spec's columns are in the file, if not under their names. */
  readonly mapping?: ColumnMapping | undefined;
  /** When the file came; now unless given. What happened more than a day later is set aside. */
  readonly receivedAt?: Date | undefined;
  /** The file is an entity's own; the spec is `entityFileSpec`. */
  readonly isEntity?: boolean | undefined;
  /** Of its rows with one id the last is kept. */
  readonly keepsLast?: boolean | undefined;
  /** One for each of the spec's entities; without them, all that is read of entities is missing. */
  readonly tables?: readonly JoinedTable[] | undefined;
}

export interface OpenCsvOptions extends Omit<OpenFileOptions, 'wanted' | 'otherPaths'>, MatchOptions {
  readonly spec: FeatureSpec;
}

/** A file that was walked over and can be queried. */
export interface OpenedFile {
  /** The unpacked text that lines are numbered in. */
  readonly path: string;
  /** For temporary files, while it is open. */
  readonly folder: string;
  readonly scan: ScannedFile;
  readonly session: DuckDbSession;
}

/** A file that was matched with a spec. */
export interface OpenedCsv extends OpenedFile {
  readonly plan: ColumnPlan;
  readonly typed: TypedRows;
  /** With the cells of its entities. */
  readonly isJoined: boolean;
  /** SQL for all cells as texts, `c0`, `c1`…, in the order of the file. Its only parameter is the file's path. */
  readonly cellsSql: string;
}

/** Opens a file and matches it with a spec for the time of `work`. */
export async function withOpenCsv<T>(
  options: OpenCsvOptions,
  work: (csv: OpenedCsv) => Promise<T>,
): Promise<T> {
  const { spec, mapping = {}, tables = [] } = options;
  const wanted = new Set([...wantedColumns(spec)].map((name) => sourceOf(mapping, name)));
  const otherPaths = tables.map(({ path }) => path);
  return withOpenFile({ ...options, wanted, otherPaths }, (file) => work(matchSpec(file, spec, options)));
}

/**
 * Finds the spec's columns in a file.
 * @throws AppError as `planColumns`
 */
export function matchSpec(
  file: OpenedFile,
  spec: FeatureSpec,
  { mapping = {}, receivedAt = new Date(), isEntity, keepsLast, tables }: MatchOptions = {},
): OpenedCsv {
  const { dialect } = file.scan;
  const whole = planColumns(spec, { ...dialect, header: mappedHeader(dialect.header, mapping) });
  // Not joined, it is missing in every row.
  const isSubjectThere = tables !== undefined || (whole.subject?.index ?? 0) < dialect.header.length;
  const plan = isSubjectThere ? whole : { ...whole, subject: null };
  const joined = tables && joinedCellsSql(spec, { dialect, plan, tables });
  return {
    ...file,
    plan,
    typed: typedRows(spec, plan, { dialect, receivedAt, isEntity, keepsLast, joined }),
    isJoined: joined !== undefined,
    cellsSql:
      joined === undefined
        ? readCsvSql(dialect)
        : `(SELECT * EXCLUDE (file_row) FROM ${joined} ORDER BY file_row)`,
  };
}

/** Opens a file for the time of `work`; its temporary folder is gone afterwards, whatever happens. */
export async function withOpenFile<T>(
  options: OpenFileOptions,
  work: (file: OpenedFile) => Promise<T>,
): Promise<T> {
  const workDirectory = resolve(options.workDirectory);
  await mkdir(workDirectory, { recursive: true });
  const folder = await mkdtemp(join(workDirectory, 'csv-'));
  let parquetPath: string | null = null;
  try {
    const scan = await scanFile({
      ...options,
      path: resolve(options.path),
      declared: options.format,
      workDirectory: folder,
    });
    if (scan.format.type === 'PARQUET') parquetPath = scan.readPath;
    const session = await DuckDbSession.open({ ...options, filePath: scan.readPath, workDirectory: folder });
    try {
      return await work({ path: scan.textPath, folder, scan, session });
    } finally {
      session.close();
    }
  } catch (error) {
    const readable = readableError(error);
    throw parquetPath === null ? readable : parquetError(readable, parquetPath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
