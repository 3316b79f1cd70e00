import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type FeatureSpec } from '../features/feature-spec';
import { type ColumnPlan, planColumns, wantedColumns } from './column-plan';
import { DuckDbSession } from './duckdb-session';
import { type DeclaredFormat } from './formats/file-format';
import { parquetError } from './formats/parquet';
import { type ScannedFile, scanFile } from './formats/scan-file';
import { readableError } from './storage-errors';
import { type TypedRows, typedRows } from './typed-rows';

export interface OpenCsvOptions {
  readonly path: string;
  readonly spec: FeatureSpec;
  readonly workDirectory: string;
  /** What is known of the file's format; the rest is found out. */
  readonly format?: DeclaredFormat | undefined;
  /** The most bytes that a compressed file may unpack to. */
  readonly maxUnpackedBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly memoryLimitMb?: number | undefined;
  readonly threads?: number | undefined;
}

/** A file that was walked over, matched with a spec, and can be queried. */
export interface OpenedCsv {
  /** The unpacked text that lines are numbered in. */
  readonly path: string;
  readonly scan: ScannedFile;
  readonly plan: ColumnPlan;
  readonly typed: TypedRows;
  readonly session: DuckDbSession;
}

/** Opens a file for the time of `work`; its temporary folder is gone afterwards, whatever happens. */
export async function withOpenCsv<T>(
  options: OpenCsvOptions,
  work: (csv: OpenedCsv) => Promise<T>,
): Promise<T> {
  const workDirectory = resolve(options.workDirectory);
  await mkdir(workDirectory, { recursive: true });
  const folder = await mkdtemp(join(workDirectory, 'csv-'));
  let isParquet = false;
  try {
    const scan = await scanFile({
      ...options,
      path: resolve(options.path),
      wanted: wantedColumns(options.spec),
      declared: options.format,
      workDirectory: folder,
    });
    isParquet = scan.format.type === 'PARQUET';
    const plan = planColumns(options.spec, scan.dialect);
    const typed = typedRows(options.spec, plan, scan.dialect);
    const session = await DuckDbSession.open({ ...options, filePath: scan.readPath, workDirectory: folder });
    try {
      return await work({ path: scan.textPath, scan, plan, typed, session });
    } finally {
      session.close();
    }
  } catch (error) {
    const readable = readableError(error);
    throw isParquet ? parquetError(readable) : readable;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
