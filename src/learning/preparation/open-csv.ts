import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type FeatureSpec } from '../features/feature-spec';
import { type ColumnPlan, planColumns, wantedColumns } from './column-plan';
import { type CsvScan, scanCsv } from './csv-scan';
import { DuckDbSession } from './duckdb-session';
import { readableError } from './storage-errors';
import { type TypedRows, typedRows } from './typed-rows';

export interface OpenCsvOptions {
  readonly path: string;
  readonly spec: FeatureSpec;
  readonly workDirectory: string;
  readonly signal?: AbortSignal | undefined;
  readonly memoryLimitMb?: number | undefined;
  readonly threads?: number | undefined;
}

/** A file that was walked over, matched with a spec, and can be queried. */
export interface OpenedCsv {
  readonly path: string;
  readonly scan: CsvScan;
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
  try {
    const path = resolve(options.path);
    const wanted = wantedColumns(options.spec);
    const scan = await scanCsv({ path, wanted, workDirectory: folder, signal: options.signal });
    const plan = planColumns(options.spec, scan.dialect.header);
    const typed = typedRows(options.spec, plan, scan.dialect);
    const session = await DuckDbSession.open({ ...options, filePath: scan.readPath, workDirectory: folder });
    try {
      return await work({ path, scan, plan, typed, session });
    } finally {
      session.close();
    }
  } catch (error) {
    throw readableError(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
