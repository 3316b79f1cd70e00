import { sourceOf, type ColumnMapping } from '../mapping/column-mapping';
import { type OpenedFile, type OpenFileOptions, withOpenFile } from '../open-csv';
import { literal } from '../duckdb-session';
import { keySql, readCsvSql } from '../typed-rows';
import { entityOf, ownNameOf } from '../../features/entities/entity-spec';
import { type FeatureSpec } from '../../features/feature-spec';

/** Where a file says whose a row is, and what else it goes by. Names are the file's own. */
export interface SubjectColumns {
  readonly subjects: readonly string[];
  readonly ids: readonly string[];
}

/** Whether an id is of somebody whose rows are looked for. */
export type IsMeant = (subjectId: string) => boolean;

export interface RowsOfSubjects {
  /** Ids that were meant, as the file writes them. */
  readonly subjects: readonly string[];
  /** Records of the scan, from 0, ascending. */
  readonly records: readonly number[];
  /** What examples that are made of them are called where there are id columns, and where there are none. */
  readonly ids: ReadonlySet<string>;
  readonly lines: ReadonlySet<string>;
}

export type FindRowsOptions = Omit<OpenFileOptions, 'wanted' | 'otherPaths'> & {
  readonly columns: SubjectColumns;
};

/**
 * The columns by which a specification tells whose a row is: its subject; else its id, since then a row is its own
 * subject. Of an entity's file, the column that the subject is looked up in; none where the entity is of something else.
 */
export function subjectColumnsOf(
  spec: FeatureSpec,
  {
    mapping = {},
    entity = null,
  }: { readonly mapping?: ColumnMapping | undefined; readonly entity?: string | null },
): SubjectColumns {
  const subject = spec.subjectColumn ?? spec.idColumn;
  if (subject === undefined) return { subjects: [], ids: [] };
  const named = (columns: readonly string[]) => columns.map((column) => sourceOf(mapping, column));
  if (entity === null) {
    if (entityOf(spec, subject) !== null) return { subjects: [], ids: [] };
    return { subjects: named([subject]), ids: named(spec.idColumn === undefined ? [] : [spec.idColumn]) };
  }
  const table = spec.entities?.find(({ name }) => name === entity);
  if (!table) return { subjects: [], ids: [] };
  const columns = [
    ...(table.key === subject ? [table.idColumn] : []),
    ...(entityOf(spec, subject)?.name === entity ? [ownNameOf(table, subject)] : []),
  ];
  return { subjects: named(columns), ids: [] };
}

/**
 * Opens a file and looks for the rows of some subjects in it, by its columns. Memory grows with what is found, and not
 * with the file.
 * @param work is called while the file is open; with no rows where it has none of the columns
 * @throws AppError INVALID_DATA when the file cannot be read; the signal's reason
 */
export async function withRowsOf<T>(
  options: FindRowsOptions,
  isMeant: IsMeant,
  work: (file: OpenedFile, rows: RowsOfSubjects) => Promise<T>,
): Promise<T> {
  const { subjects, ids } = options.columns;
  const wanted = new Set([...subjects, ...ids]);
  return withOpenFile({ ...options, wanted }, async (file) =>
    work(file, await find(file, options.columns, isMeant)),
  );
}

async function find(file: OpenedFile, columns: SubjectColumns, isMeant: IsMeant): Promise<RowsOfSubjects> {
  const { session, scan } = file;
  const { header } = scan.dialect;
  const cells = (names: readonly string[]) =>
    [...new Set(names.map((name) => header.indexOf(name)))].filter((index) => index >= 0);
  const keys = cells(columns.subjects).map((index) => keySql(`c${index}`));
  const subjects = new Set<string>();
  for (const key of keys)
    for await (const chunk of session.stream(`SELECT DISTINCT ${key} FROM ${readCsvSql(scan.dialect)}`, [
      scan.readPath,
    ]))
      for (const [value] of chunk.getRows())
        if (typeof value === 'string' && isMeant(value)) subjects.add(value);
  const records: number[] = [];
  const ids = new Set<string>();
  const lines = new Set<string>();
  if (subjects.size > 0) {
    const meant = [...subjects].map(literal).join(', ');
    const named = cells(columns.ids).map((index) => `c${index}`);
    const chunks = session.stream(
      `SELECT record::DOUBLE${named.map((name) => `, ${name}`).join('')}
         FROM (SELECT row_number() OVER () - 1 AS record, * FROM ${readCsvSql(scan.dialect)})
        WHERE ${keys.map((key) => `${key} IN (${meant})`).join(' OR ')}
        ORDER BY record`,
      [scan.readPath],
    );
    for await (const chunk of chunks)
      for (const [record, ...values] of chunk.getRows()) {
        records.push(Number(record));
        lines.add(String(scan.lines.lineOf(Number(record))));
        for (const value of values) if (typeof value === 'string') ids.add(value);
      }
  }
  return { subjects: [...subjects], records, ids, lines };
}

/** A row as its file has it. */
export interface SubjectRow {
  /** 1-based line; of Parquet, the row's number. */
  readonly line: number;
  /** The cells that are not empty, by the file's own columns. */
  readonly values: Readonly<Record<string, string>>;
}

/** What the found rows hold. */
export async function readSubjectRows(
  { session, scan }: OpenedFile,
  { rows, columns }: { readonly rows: RowsOfSubjects; readonly columns: SubjectColumns },
): Promise<SubjectRow[]> {
  if (rows.records.length === 0) return [];
  const { header } = scan.dialect;
  const meant = rows.subjects.map(literal).join(', ');
  const conditions = columns.subjects
    .map((name) => header.indexOf(name))
    .filter((index) => index >= 0)
    .map((index) => `${keySql(`c${index}`)} IN (${meant})`);
  const found: SubjectRow[] = [];
  const chunks = session.stream(
    `SELECT record::DOUBLE, ${header.map((_, index) => `c${index}`).join(', ')}
       FROM (SELECT row_number() OVER () - 1 AS record, * FROM ${readCsvSql(scan.dialect)})
      WHERE ${conditions.join(' OR ')} ORDER BY record`,
    [scan.readPath],
  );
  for await (const chunk of chunks)
    for (const [record, ...cells] of chunk.getRows())
      found.push({
        line: scan.lines.lineOf(Number(record)),
        values: Object.fromEntries(
          header.flatMap((name, index) => {
            const cell = cells[index];
            return typeof cell === 'string' && cell !== '' ? [[name, cell]] : [];
          }),
        ),
      });
  return found;
}
