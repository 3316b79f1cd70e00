import { type Cell } from '../features/compound';
import { JSON_LIST } from '../features/compound/multi';
import { MAX_TEXT_LENGTH } from '../features/compound/text';
import { missingMoments } from '../features/compound/timestamp';
import { FLOAT32_MAX, plainText } from '../features/cell-text';
import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from '../features/moment';
import { wantedMoment } from '../features/time-formats';
import { timeSql } from './cleaning/time-formats';
import { literal } from './duckdb-session';

/** One way for a cell to be unusable. */
export interface CellCheck {
  /** SQL, true for a cell that fails. */
  readonly fails: string;
  readonly complaint: (quoted: string) => string;
}

/** How DuckDB reads a cell. */
export interface CellSql {
  /** Of the cell's text. */
  readonly typed: string;
  /** Of rows that have `typed` by its name. */
  readonly checks: readonly CellCheck[];
  /** What is kept of it; NULL where it is missing. */
  readonly kept: string;
}

/** SQL for a moment that is none, or none that anything is known about. */
export function badMomentSql(ms: string): string {
  return `(${ms} IS NULL OR ${ms} < ${EARLIEST_MOMENT_MS} OR ${ms} >= ${LATEST_MOMENT_MS})`;
}

export function cellSql(
  cell: Cell,
  {
    text,
    name,
    isMissing,
  }: {
    /** The column of the file. */
    readonly text: string;
    /** Of the typed column. */
    readonly name: string;
    /** SQL, true where the text stands for a missing value. */
    readonly isMissing: string;
  },
): CellSql {
  const isGiven = `${text} IS NOT NULL AND NOT ${isMissing}`;
  switch (cell.type) {
    case 'text':
      return { typed: `nullif(${text}, '')`, checks: [tooLong(name)], kept: name };
    case 'list': {
      const isArray = `regexp_matches(${name}, '^[ \\t\\r\\n]*\\[')`;
      return {
        typed: `nullif(${text}, '')`,
        checks: [
          tooLong(name),
          {
            fails: `${isArray} AND NOT regexp_matches(${name}, ${literal(JSON_LIST)})`,
            complaint: (quoted) => `${quoted} begins with [ and is no JSON array of texts and numbers`,
          },
          {
            fails: `contains(${name}, chr(0)) OR (${isArray} AND contains(${name}, '\\u0000'))`,
            complaint: () => 'holds a NUL character',
          },
        ],
        kept: name,
      };
    }
    case 'moment': {
      const moments = missingMoments({
        timeFormats: [...cell.formats],
        missing: cell.missing && [...cell.missing],
      });
      const isNone = moments.length > 0 ? `coalesce(${name} IN (${moments.join(', ')}), false)` : 'false';
      return {
        typed: timeSql(text, cell.formats),
        checks: [
          {
            fails: `${badMomentSql(name)} AND ${isGiven}${isNoWord(text, cell.missing)} AND NOT ${isNone}`,
            complaint: (quoted) => `${quoted} is no ${wantedMoment(cell.formats)}`,
          },
        ],
        kept: cell.missing ? `CASE WHEN NOT ${badMomentSql(name)} THEN ${name} END` : name,
      };
    }
    case 'vector': {
      const { dimension, missing, otherLengths } = cell;
      const given = `${isGiven}${isNoWord(text, missing)} AND len(${name}) > 0`;
      const numbers = `TRY_CAST(list_filter(string_split_regex(trim(${text}, '[] \t'), '[ \\t\\n\\f\\r,;|]+'), lambda x: x <> '') AS DOUBLE[])`;
      const usable = `len(list_filter(${name}, lambda x: abs(x) <= ${FLOAT32_MAX}))`;
      return {
        typed: missing
          ? `CASE WHEN NOT coalesce(${isWordSql(text, missing)}, false) THEN ${numbers} END`
          : numbers,
        checks: [
          ...(otherLengths
            ? []
            : [
                {
                  fails: `${given} AND len(${name}) <> ${dimension}`,
                  complaint: () => `does not have ${dimension} numbers`,
                },
              ]),
          {
            fails: otherLengths
              ? `${given} AND ${usable} < len(${name})`
              : `${given} AND len(${name}) = ${dimension} AND ${usable} < ${dimension}`,
            complaint: (quoted) => `${quoted} holds something that is not a number within ±3.4e38`,
          },
        ],
        kept: `CASE WHEN len(${name}) = ${dimension} AND ${usable} = ${dimension} THEN ${name}::FLOAT[] END`,
      };
    }
  }
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** `plainText`, in SQL. */
export const plainSql = (text: string): string =>
  `translate(trim(${text}), '${UPPER}', '${UPPER.toLowerCase()}')`;

/** `isWord`, in SQL. */
export const isWordSql = (text: string, words: readonly string[]): string =>
  `list_contains([${words.map((word) => literal(plainText(word))).join(', ')}]::VARCHAR[], ${plainSql(text)})`;

const isNoWord = (text: string, words: readonly string[] | undefined): string =>
  words ? ` AND NOT ${isWordSql(text, words)}` : '';

const tooLong = (name: string): CellCheck => ({
  fails: `length(${name}) > ${MAX_TEXT_LENGTH}`,
  complaint: () => `is longer than ${MAX_TEXT_LENGTH} characters`,
});
