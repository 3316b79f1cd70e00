import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '../../../errors';
import { entityFileSpec } from '../../features/entities/entity-file';
import { columnsOfEntities, type EntityTable, ownNameOf } from '../../features/entities/entity-spec';
import { type FeatureSpec } from '../../features/feature-spec';
import { readColumns } from '../../features/read-columns';
import { literal } from '../duckdb-session';
import { type DeclaredFormat } from '../formats/file-format';
import { loadRows } from '../loaded-rows';
import { type ColumnMapping } from '../mapping/column-mapping';
import { type OpenCsvOptions, withOpenCsv } from '../open-csv';
import { mappedHeader } from '../mapping/column-mapping';
import { readCsvSql } from '../typed-rows';
import { type JoinedTable } from './join-sql';

/** The file of one of a spec's entities. */
export interface EntitySource {
  readonly name: string;
  readonly path: string;
  /** As inspection found it out. */
  readonly format?: DeclaredFormat | undefined;
  /** Where the columns that are read are in it, by the names after the dot. */
  readonly mapping?: ColumnMapping | undefined;
}

/** What became of an entity's file: `rows = quarantined + duplicates + used`. */
export interface EntityRows {
  readonly name: string;
  readonly rows: number;
  /** Unreadable, or with an id that comes again with other values. */
  readonly quarantined: number;
  /** Exact copies of an earlier row; where the last of an id is kept, those before it. */
  readonly duplicates: number;
  readonly used: number;
}

export interface LoadedEntity extends JoinedTable, EntityRows {
  readonly entity: EntityTable;
}

type TablesOptions = Pick<OpenCsvOptions, 'workDirectory' | 'signal' | 'memoryLimitMb' | 'threads'> & {
  readonly spec: FeatureSpec;
  readonly sources: readonly EntitySource[];
};

/**
 * Reads the files of a spec's entities for the time of `work`, in the spec's order.
 * @throws AppError INVALID_DATA when a file is missing or cannot be used; the message says which
 */
export async function withEntityTables<T>(
  options: TablesOptions,
  work: (tables: readonly LoadedEntity[]) => Promise<T>,
): Promise<T> {
  const { spec, sources } = options;
  const folder = await mkdtemp(join(resolve(options.workDirectory), 'entities-'));
  try {
    const tables: LoadedEntity[] = [];
    for (const { entity, columns } of columnsOfEntities(spec, readColumns(spec))) {
      const source = sources.find(({ name }) => name === entity.name);
      if (!source) throw withoutFile(entity);
      const path = join(folder, `${tables.length}.parquet`);
      tables.push({ ...(await loadEntity(options, { entity, source, columns, path })), entity, path });
    }
    return await work(tables);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface EntityFile {
  readonly entity: EntityTable;
  readonly source: EntitySource;
  /** As the spec calls them. */
  readonly columns: readonly string[];
  /** Where the table is to be. */
  readonly path: string;
}

async function loadEntity(
  { spec, ...options }: TablesOptions,
  { entity, source, columns, path }: EntityFile,
): Promise<EntityRows> {
  const { mapping = {} } = source;
  const keepsLast = entity.cleaning?.keepLast === true;
  const opened = { ...options, ...source, spec: entityFileSpec(spec, entity), isEntity: true, keepsLast };
  const chosen = keepsLast ? 'id, ms ORDER BY record DESC' : 'id, ms, content ORDER BY record';
  return withOpenCsv(opened, async (csv) => {
    const { session, scan } = csv;
    const loaded = await loadRows(session, csv, 'bad, bad_value, subject, ms, content');
    const header = mappedHeader(scan.dialect.header, mapping);
    const cells = columns.map((column, v) => `c${header.indexOf(ownNameOf(entity, column))} AS v${v}`);
    // Both in the order of the file.
    await session.run(`CREATE TABLE cells AS SELECT ${cells.join(', ')} FROM ${readCsvSql(scan.dialect)}`, [
      scan.readPath,
    ]);
    const kept = `SELECT rows.rowid AS record, subject AS id, ms, content, cells.* FROM rows POSITIONAL JOIN cells`;
    const written = join(csv.folder, 'entity.parquet');
    await session.run(
      `COPY (SELECT * EXCLUDE (record, content) FROM (${kept} WHERE bad IS NULL)
         QUALIFY row_number() OVER (PARTITION BY ${chosen}) = 1)
       TO ${literal(written)} (FORMAT parquet)`,
    );
    const [row] = await session.rows(`SELECT count(*)::DOUBLE FROM read_parquet(${literal(written)})`);
    const used = Number(row?.[0]);
    await rename(written, path);
    const { rowCount: rows, quarantined } = loaded;
    return { name: entity.name, rows, quarantined, duplicates: rows - quarantined - used, used };
  }).catch((error: unknown) => {
    throw ofEntity(entity, error);
  });
}

/** The same error, which says which file it is about. */
function ofEntity({ name }: EntityTable, error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const issues = error.issues.map(({ path, message }) => ({ path: `${name}.${path}`, message }));
  return new AppError(error.code, `The entity ${name}: ${error.message}`, issues);
}

function withoutFile({ name }: EntityTable): AppError {
  return new AppError('INVALID_DATA', `The entity ${name} has no file.`, [
    { path: `entities.${name}`, message: 'is missing' },
  ]);
}
