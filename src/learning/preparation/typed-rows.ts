import { MAX_CATEGORY_LENGTH } from '../features/category';
import { FLOAT32_MAX, MISSING_MARKERS } from '../features/cell-text';
import { type FeatureSpec } from '../features/feature-spec';
import { ANY_KIND, eventLabelOf } from '../features/label-spec';
import { dateMs } from '../features/moments-spec';
import { wantedMoment } from '../features/time-formats';
import { timeSql } from './cleaning/time-formats';
import {
  columnsOf,
  type ColumnPlan,
  type CompoundValue,
  type FileColumn,
  type ValueColumn,
} from './column-plan';
import { badMomentSql, type CellCheck, cellSql } from './compound-cells';
import { type CsvDialect } from './csv-header';
import { conditionSql } from './condition-sql';
import { literal } from './duckdb-session';
import { shorten } from './quarantine';

/** One way for a row to be unusable. Its position is the code in the column `bad`. */
interface Check {
  readonly column: FileColumn;
  /** SQL, true for a row that fails. */
  readonly fails: string;
  readonly complaint: (value: string | null) => string;
}

/** The file's rows with typed columns, as SQL. */
export interface TypedRows {
  /**
   * Columns: `bad` (index into the checks, or NULL), `bad_value`, `moment` (BOOLEAN), `label_event` (BOOLEAN), `label`,
   * `subject`, `id` (of what may be a moment of prediction), `session` (VARCHAR), `ms` (DOUBLE, since 1970), `content` (53-bit hash of the whole row), and `n<i>` (FLOAT,
   * NaN if missing), `k<i>` and `t<i>` (VARCHAR, NULL if missing) and `x<i>` (as `cellSql` keeps it) in the plan's order.
   * Joined with entities, also `found<i>` for each (TINYINT: 1, 0, or NULL without a key). Its only parameter is the file's path.
   */
  readonly sql: string;
  /** What restores the order of the file where it is joined. */
  readonly order: string;
  /** The code of rows of an entity whose id comes again with other values; null for other files. */
  readonly conflict: number | null;
  /**
   * A relation of cells `c0`, `c1`… with typed columns, as SQL.
   * @param about conditions: only the typed columns that they name are in it, all unless given
   */
  unchecked(cells: string, about?: readonly string[]): string;
  readonly checks: ReadonlyArray<{
    readonly column: FileColumn;
    /** Whether it is about a moment: the row's, or a timestamp. */
    readonly isMoment: boolean;
    /** SQL about a row of `unchecked`: true, or NULL for no, where the row fails this check. */
    readonly fails: string;
    reason(value: string | null): string;
  }>;
}

/**
 * What DuckDB reads at once, and a thread takes as a whole. Left to itself it gives a thread 8 MB, of most files fewer rows
 * than a row group of a table has (122,880), and then copies them once more to fill one: a quarter of the load.
 */
const READ_BYTES = 16_000_000;

/** The file's rows with nothing left to guess, every value a text. Its only parameter is the file's path. */
export function readCsvSql(dialect: CsvDialect): string {
  if (dialect.parquet)
    return `(SELECT ${dialect.parquet.map((sql, i) => `${sql} AS c${i}`).join(', ')} FROM read_parquet($1))`;
  const columns = dialect.header.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  return `read_csv($1, auto_detect = false, header = ${dialect.hasHeader}, strict_mode = true, null_padding = false,
    delim = ${literal(dialect.delimiter)}, quote = '"', escape = '"', encoding = 'utf-8', buffer_size = ${READ_BYTES}, columns = {${columns}})`;
}

/** SQL for a key as it is looked up. */
export function keySql(text: string): string {
  return `nullif(trim(${text}), '')`;
}

/** The file's rows, and missing values for what entities would add. */
function ownCellsSql(dialect: CsvDialect, plan: ColumnPlan): string {
  const missing = missingCells(plan);
  return missing === '' ? readCsvSql(dialect) : `(SELECT * ${missing} FROM ${readCsvSql(dialect)})`;
}

/** SQL for the columns of entities where nothing is joined, each after a comma. */
export function missingCells({ joined }: ColumnPlan): string {
  return joined
    .flat()
    .map(({ index }) => `, NULL::VARCHAR AS c${index}`)
    .join('');
}

/** How much later than the file itself an event may be: clocks and time zones differ. */
const LATEST_AFTER_RECEIPT_MS = 24 * 3_600_000;

export interface TypedRowsOptions {
  readonly dialect: CsvDialect;
  /** When the file came: what happened later cannot be in it. */
  readonly receivedAt: Date;
  /** With the columns of entities; the file's own cells unless given. */
  readonly joined?: string | undefined;
  /** The file is an entity's: rows may be valid from a moment to come, and an id has one row of each moment. */
  readonly isEntity?: boolean | undefined;
  /** Of an entity's rows with one id the last is kept, so that none is in the way of another. */
  readonly keepsLast?: boolean | undefined;
}

export function typedRows(
  spec: FeatureSpec,
  plan: ColumnPlan,
  { dialect, receivedAt, joined, isEntity = false, keepsLast = false }: TypedRowsOptions,
): TypedRows {
  const oneOf = (values: readonly string[]) => `(${values.map(literal).join(', ')})`;
  const name = (column: FileColumn | null) => (column ? `c${column.index}` : 'NULL::VARCHAR');
  const { momentKinds, momentDates, label } = spec;
  const kinds = plan.kind && momentKinds && !momentKinds.includes(ANY_KIND) ? oneOf(momentKinds) : null;
  const moment = kinds ? `${name(plan.kind)} IN ${kinds}` : String(momentDates === undefined);
  const decides = eventLabelOf(label);
  const isOfKind =
    decides?.kind === ANY_KIND ? 'true' : `${name(plan.kind)} = ${literal(decides?.kind ?? '')}`;
  const where = decides?.where ? conditionSql(name(plan.condition), decides.where) : 'true';
  const labelEvent = decides ? `${isOfKind} AND ${where}` : 'false';
  const isNumberAsked = decides?.where && !decides.where.oneOf;

  const compound = plan.compound.map((column, i) => ({
    column,
    sql: cellSql(column.cell, { text: name(column), name: `x${i}`, isMissing: isMissingSql(name(column)) }),
  }));
  const checks = [
    ...required(plan.subject, isEntity ? 'the id' : 'the subject', 'subject IS NULL'),
    ...required(plan.kind, 'the kind of event', `${name(plan.kind)} IS NULL`),
    ...required(plan.session, 'the session', `${name(plan.session)} IS NULL`),
    ...momentChecks(plan.time, spec.cleaning?.timeFormats),
    ...(isEntity ? [] : futureChecks(plan.time, spec, receivedAt)),
    ...required(plan.label, 'the label', "(moment AND coalesce(label, '') = '')"),
    ...('column' in label && !('positive' in label) ? numberCheck(plan.label, 'moment') : []),
    ...(isNumberAsked ? numberCheck(plan.condition, isOfKind) : []),
    ...plan.numeric.map((column, i) => numericCheck(column, i, missingWords(spec, column.name))),
    ...plan.categorical.map((column, i) => lengthCheck(column, `k${i}`)),
    ...plan.eventTexts.map((column, i) => lengthCheck({ ...column, momentsOnly: false }, `t${i}`)),
    ...compound.flatMap(({ column, sql }) => sql.checks.map((check) => compoundCheck(column, check))),
    // Of a text, the scan has checked it.
    ...(dialect.parquet ? plan.categorical.map((column, i) => nulCheck(column, i)) : []),
    ...(isEntity && !keepsLast && plan.subject ? [conflictOf(plan.subject)] : []),
  ];
  const typed = [
    '*',
    `coalesce(${moment}, false) AS moment`,
    `coalesce(${labelEvent}, false) AS label_event`,
    `trim(${name(plan.label)}) AS label`,
    // Of what is joined, blanks around it do not count.
    `${isEntity ? keySql(name(plan.subject)) : name(plan.subject)} AS subject`,
    `${name(plan.id)} AS id`,
    `${name(plan.session)} AS session`,
    plan.time ? `${timeSql(name(plan.time), spec.cleaning?.timeFormats)} AS ms` : 'NULL::DOUBLE AS ms',
    `(hash(${dialect.header.map((_, index) => `c${index}`).join(', ')}) >> 11)::DOUBLE AS content`,
    ...plan.numeric.map((column, i) => `TRY_CAST(${name(column)} AS DOUBLE) AS d${i}`),
    ...plan.categorical.map((column, i) => `${canonicalSql(name(column))} AS k${i}`),
    ...plan.eventTexts.map((column, i) => `${canonicalSql(name(column))} AS t${i}`),
    ...compound.map(({ sql }, i) => `${sql.typed} AS x${i}`),
  ];
  // A spec reads at least its label or its moments, so there is always a check.
  const codes = checks.map((check, code) => `WHEN ${check.fails} THEN ${code}`).join('\n');
  const values = checks.map((check, code) => `WHEN ${code} THEN ${name(check.column)}`).join('\n');
  const output = [
    // Of the other events nobody asks for the id, and as many texts as rows would be kept.
    'moment, label_event, label, subject, CASE WHEN moment THEN id END AS id, session, ms, content, bad',
    `CASE WHEN bad IS NOT NULL THEN left(CASE bad ${values} END, 80) END AS bad_value`,
    ...plan.numeric.map(
      (_, i) => `CASE WHEN abs(d${i}) <= ${FLOAT32_MAX} THEN d${i}::FLOAT ELSE 'NaN'::FLOAT END AS n${i}`,
    ),
    ...plan.categorical.map((_, i) => `k${i}`),
    ...plan.eventTexts.map((_, i) => `t${i}`),
    ...compound.map(({ sql }, i) => `${sql.kept} AS x${i}`),
    ...(joined === undefined ? [] : ['file_row', ...plan.keys.map((_, i) => `found${i}`)]),
  ];
  const unchecked = (cells: string, about?: readonly string[]) => {
    const named = about && wordsOf(about);
    const columns = named
      ? typed.filter((sql) => named.has(/\w+$/.exec(sql)?.[0] ?? '') || sql === '*')
      : typed;
    return `SELECT ${columns.join(',\n')} FROM ${cells}`;
  };
  return {
    sql: `SELECT ${output.join(',\n')} FROM (
      SELECT *, CASE ${codes} END::SMALLINT AS bad FROM (${unchecked(joined ?? ownCellsSql(dialect, plan))}))`,
    order: joined === undefined ? '' : 'ORDER BY file_row',
    conflict: isEntity && !keepsLast ? checks.length - 1 : null,
    unchecked,
    checks: checks.map(({ column, fails, complaint }) => ({
      column,
      isMoment: column === plan.time || isTimestamp(column),
      fails,
      reason: (value) => `column ${dialect.header[column.index] ?? column.name}: ${complaint(value)}`,
    })),
  };
}

const isTimestamp = (column: FileColumn | CompoundValue): boolean =>
  'cell' in column && column.cell.type === 'moment';

function required(column: FileColumn | null, what: string, fails: string): Check[] {
  return column ? [{ column, fails, complaint: () => `${what} is missing` }] : [];
}

/** All words of SQL, the names of its columns among them. */
export function wordsOf(sql: readonly string[]): ReadonlySet<string> {
  return new Set(sql.flatMap((text) => text.match(/\w+/g) ?? []));
}

/** No row fails it by itself: rows are compared with each other once they are loaded. */
const conflictOf = (column: FileColumn): Check => ({
  column,
  fails: 'false',
  complaint: (value) => `${quoted(value)} is there more than once, with different values`,
});

function momentChecks(column: FileColumn | null, formats: readonly string[] = []): Check[] {
  if (!column) return [];
  const complaint = (value: string | null) =>
    isMissing(value) ? 'the moment is missing' : `${quoted(value)} is no ${wantedMoment(formats)}`;
  return [{ column, fails: badMomentSql('ms'), complaint }];
}

function compoundCheck(column: ValueColumn, { fails, complaint }: CellCheck): Check {
  return {
    column,
    fails: column.momentsOnly ? `(moment AND ${fails})` : `(${fails})`,
    complaint: (value) => complaint(quoted(value)),
  };
}

/** Words that features which read a column take for a missing number. */
export function missingWords({ features, sequence }: FeatureSpec, column: string): string[] {
  const readers = [...features, ...(sequence?.fields ?? [])].filter(
    (feature) => feature.type === 'numeric' && columnsOf(feature).includes(column),
  );
  return readers.flatMap((feature) =>
    feature.type === 'numeric' ? (feature.cleaning?.missingWords ?? []) : [],
  );
}

/** Events from after the end of the data would put it off, and with it what is known to have followed. */
function futureChecks(column: FileColumn | null, { dataUntil }: FeatureSpec, receivedAt: Date): Check[] {
  if (!column) return [];
  // What lies at or after the end that is given is left out, and no mistake.
  const isTaken = dataUntil === undefined ? 'true' : `ms < ${dateMs(dataUntil)}`;
  const latest = receivedAt.getTime() + LATEST_AFTER_RECEIPT_MS;
  return [
    {
      column,
      fails: `(ms > ${latest} AND ${isTaken})`,
      complaint: (value) => `${quoted(value)} lies in the future: the file came on ${day(receivedAt)}`,
    },
  ];
}

const day = (at: Date): string => at.toISOString().slice(0, 10);

/** A text that is compared as a number must be one, unless it is missing; of a label, in any case. */
function numberCheck(column: FileColumn | null, applies: string): Check[] {
  if (!column) return [];
  const text = `c${column.index}`;
  const isGiven = applies === 'moment' ? 'true' : `${text} IS NOT NULL AND NOT ${isMissingSql(text)}`;
  const number = `TRY_CAST(${text} AS DOUBLE)`;
  const fails = `(${applies} AND ${isGiven} AND (${number} IS NULL OR abs(${number}) > ${FLOAT32_MAX}))`;
  return [{ column, fails, complaint: (value) => `${quoted(value)} is not a number within ±3.4e38` }];
}

function numericCheck(
  column: FileColumn & { momentsOnly: boolean },
  i: number,
  words: readonly string[],
): Check {
  const text = `c${column.index}`;
  const isGiven = `${text} IS NOT NULL AND NOT ${isMissingSql(text, words)}`;
  const fails = `(d${i} IS NULL OR abs(d${i}) > ${FLOAT32_MAX}) AND ${isGiven}`;
  return {
    column,
    fails: column.momentsOnly ? `(moment AND ${fails})` : `(${fails})`,
    complaint: (value) => `${quoted(value)} is not a number within ±3.4e38`,
  };
}

function lengthCheck(column: FileColumn & { momentsOnly: boolean }, text: string): Check {
  // A text has no fewer bytes, which are known without looking at it.
  const fails = `strlen(${text}) > ${MAX_CATEGORY_LENGTH} AND length(${text}) > ${MAX_CATEGORY_LENGTH}`;
  return {
    column,
    fails: column.momentsOnly ? `(moment AND ${fails})` : `(${fails})`,
    complaint: () => `is longer than ${MAX_CATEGORY_LENGTH} characters`,
  };
}

function nulCheck(column: FileColumn & { momentsOnly: boolean }, i: number): Check {
  const fails = `contains(k${i}, chr(0))`;
  return {
    column,
    fails: column.momentsOnly ? `(moment AND ${fails})` : fails,
    complaint: () => 'holds a NUL character',
  };
}

/** `canonicalCategory`, in SQL. The length in bytes is known without looking at the text. */
function canonicalSql(text: string): string {
  return `CASE WHEN strlen(${text}) BETWEEN 4 AND 5 AND lower(${text}) IN ('true', 'false') THEN lower(${text}) ELSE nullif(${text}, '') END`;
}

/**
 * SQL, true for a text that stands for a missing value. Not with IN, which DuckDB makes a join of: a hundred numeric
 * features would be a hundred joins, each with all columns.
 */
export function isMissingSql(text: string, words: readonly string[] = []): string {
  return `list_contains([${[...MISSING_MARKERS, ...words].map(literal).join(', ')}], lower(trim(${text})))`;
}

const isMissing = (value: string | null): boolean =>
  value == null || MISSING_MARKERS.includes(value.trim().toLowerCase());

const quoted = (value: string | null): string => JSON.stringify(shorten(value ?? '', 40));
