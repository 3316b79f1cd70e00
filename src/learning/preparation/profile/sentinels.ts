import { MISSING_MARKERS, plainText } from '../../features/cell-text';
import { type DuckDbSession, literal } from '../duckdb-session';
import { rowByColumn, rowsByColumn } from './by-column';
import { MAX_VALUE_LENGTH } from './column-values';
import { type Sentinel } from './dataset-profile';

/** Numbers that files hold where a value is not known. */
const CODES = [1, 9, 99, 999, 9999, 99_999, 999_999].flatMap((code) => (code < 99 ? [-code] : [-code, code]));
/** Words for it that are read as values; those that are read as missing are counted as missing. */
const WORDS = [
  'unknown',
  'undefined',
  'missing',
  'nil',
  'not set',
  '(not set)',
  'not available',
  'not applicable',
  '<na>',
  'nat',
  '--',
  '#n/a',
  '#value!',
  '#ref!',
  '#div/0!',
];
/** Days with which systems count time from its beginning, or to its end. */
const DAYS = ['0001-01-01', '1899-12-30', '1899-12-31', '1900-01-01', '1970-01-01', '9999-12-31'];
/** A code that occurs more rarely is a value like others. */
const MIN_ROWS = 3;
/** How far a code stands from all other values, as a share of their range. */
const MIN_GAP = 0.25;
const MAX_WORDS = 20;

/** Whether a value is a word for a missing one. */
export const isMissingWord = (text: string): boolean =>
  text !== '' && [...WORDS, ...MISSING_MARKERS].includes(plainText(text));

/** Words and days among the cells in `texts` that may stand for "not known", by column. */
export async function textSentinels(session: DuckDbSession): Promise<Map<number, Sentinel[]>> {
  const rows = await session.rows(
    `SELECT c, left(trim(text), ${MAX_VALUE_LENGTH}) AS value, sum(n)::DOUBLE AS rows, bool_and(ms IS NOT NULL) FROM texts
     WHERE given AND (lower(trim(text)) IN (${WORDS.map(literal).join(', ')})
       OR left(ltrim(text), 10) IN (${DAYS.map(literal).join(', ')}))
     GROUP BY c, value QUALIFY row_number() OVER (PARTITION BY c ORDER BY rows DESC, value) <= ${MAX_WORDS}
     ORDER BY c, rows DESC, value`,
  );
  const found = new Map<number, Sentinel[]>();
  for (const [column, words] of rowsByColumn(rows))
    found.set(
      column,
      words
        .map(([value, count, isDay]) => ({
          value: String(value),
          count: Number(count),
          reason:
            isDay === true ? 'a day with which systems say that none is known' : 'a word for a missing value',
          isDay: isDay === true,
        }))
        .filter(({ isDay, count }) => !isDay || count >= MIN_ROWS)
        .map(({ value, count, reason }) => ({ value, count, reason })),
    );
  return found;
}

/**
 * Codes such as −1 and 999 among the numbers in `vals`, by column: they occur three times or more and stand apart from all
 * other values, either as the only negative ones, or by a quarter of the range of the others.
 */
export async function numberSentinels(session: DuckDbSession): Promise<Map<number, Sentinel[]>> {
  const codes = CODES.join(', ');
  const others = rowByColumn(
    await session.rows(`SELECT c, min(value), max(value) FROM vals WHERE value NOT IN (${codes}) GROUP BY c`),
  );
  const rows = await session.rows(
    `SELECT c, value, n FROM vals WHERE value IN (${codes}) AND n >= ${MIN_ROWS} ORDER BY c, value`,
  );
  const found = new Map<number, Sentinel[]>();
  for (const [column, seen] of rowsByColumn(rows)) {
    const [low, high] = others.get(column) ?? [];
    if (typeof low !== 'number' || typeof high !== 'number') continue;
    const counted = seen.map(([value, count]) => ({ code: Number(value), count: Number(count) }));
    found.set(
      column,
      counted.flatMap(({ code, count }) => {
        const reason = apart(code, { low, high });
        return reason === null ? [] : [{ value: String(code), count, reason }];
      }),
    );
  }
  return found;
}

/** Why a code stands apart from all other values, which lie between two; null where it does not. */
function apart(code: number, { low, high }: { readonly low: number; readonly high: number }): string | null {
  const gap = (high - low) * MIN_GAP;
  if (code < 0 && low >= 0) return 'no other value is negative';
  return (code < low && low - code >= gap) || (code > high && code - high >= gap)
    ? `far from all other values, which are between ${low} and ${high}`
    : null;
}
