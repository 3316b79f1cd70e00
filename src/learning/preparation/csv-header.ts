import { isUtf8 } from 'node:buffer';
import { AppError } from '../../errors';
import { fieldsOf, RecordParser } from './csv-record';
import { BlankRuns } from './formats/blank-runs';
import { type DeclaredFormat, MAX_COLUMNS } from './formats/file-format';

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** Stands for runs of blanks. */
const BLANKS = ' ';
/** Records by which a delimiter is judged. */
const SAMPLE_RECORDS = 100;
/** Of these records, so many must have as many fields as the first: some lines may be broken. */
const CONSISTENT = 0.9;
const CR = 13;
const LF = 10;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DAY = /^\d{4}-\d\d-\d\d/;
const DEFAULT_NAME = /^column\d+$/;

/** How a file is written, and what it calls its columns. */
export interface CsvDialect {
  readonly delimiter: string;
  /** The names of the columns, from the header line or not. */
  readonly header: readonly string[];
  /** Whether the first record holds names. */
  readonly hasHeader: boolean;
  /** CR alone ends lines, as on the oldest Macs. */
  readonly loneCarriageReturn: boolean;
  /** Where the first record starts: after a byte order mark and blank lines. */
  readonly headerStart: number;
  /** Lines before it. */
  readonly blankLines: number;
  /** Where the rows are not text at all: one SQL expression per column, of the Parquet file's columns. */
  readonly parquet?: readonly string[];
}

/**
 * Reads the dialect from the first bytes of a file: what is declared, and the rest from what is seen. The delimiter is
 * the one under which most of the wanted columns are found, and after that, the one that splits the first records most
 * evenly. The first record is a header if it has a wanted column, or no number and no day.
 * @throws AppError INVALID_DATA for anything but UTF-8 text, and where it contradicts what is declared
 */
export function readDialect(
  head: Uint8Array,
  wanted: ReadonlySet<string>,
  declared: DeclaredFormat = {},
): CsvDialect {
  let headerStart = startsWith(head, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  let blankLines = 0;
  while (head[headerStart] === LF || head[headerStart] === CR) {
    if (head[headerStart] === LF || head[headerStart + 1] !== LF) blankLines += 1;
    headerStart += 1;
  }
  const loneCarriageReturn = hasLoneCarriageReturns(head, headerStart);
  const bytes = head.subarray(headerStart);
  if (bytes.length === 0) throw new AppError('INVALID_DATA', 'The file holds only blank lines.');
  const { delimiter, first } = chooseDelimiter(bytes, { wanted, declared, loneCarriageReturn });
  if (first.length > MAX_COLUMNS)
    throw new AppError(
      'INVALID_DATA',
      `The file has ${first.length} columns; at most ${MAX_COLUMNS} are read. Leave out what is not used.`,
    );
  return {
    delimiter,
    ...nameColumns(first, wanted, declared),
    loneCarriageReturn,
    headerStart,
    blankLines,
  };
}

interface Candidate {
  readonly delimiter: string;
  /** The first record. */
  readonly first: readonly string[];
  /** The share of the first records that have as many fields, 0..1; 0 where that is one. */
  readonly evenness: number;
  /** Wanted columns in the first record. */
  readonly found: number;
}

interface Sight {
  readonly wanted: ReadonlySet<string>;
  readonly declared: DeclaredFormat;
  readonly loneCarriageReturn: boolean;
}

function chooseDelimiter(bytes: Uint8Array, sight: Sight): Candidate {
  const tried = DELIMITERS.map((delimiter) => tryDelimiter(bytes, delimiter, sight));
  const candidates = tried.filter((candidate) => candidate !== null);
  // Runs of blanks take a copy of all that is seen, which no file needs whose columns are found otherwise.
  const isFound = candidates.some(
    ({ found, evenness: even }) => found > 0 && found === sight.wanted.size && even >= CONSISTENT,
  );
  const blanks = isFound ? null : tryDelimiter(bytes, BLANKS, sight);
  if (blanks && (blanks.found > 0 || blanks.evenness >= CONSISTENT)) candidates.push(blanks);
  candidates.sort((a, b) => b.found - a.found || b.evenness - a.evenness || b.first.length - a.first.length);
  const best = candidates[0];
  const { delimiter } = sight.declared;
  if (delimiter != null) return asDeclared(tryDelimiter(bytes, delimiter, sight), best, delimiter);
  // Under the wrong delimiter an unclosed quote passes as part of one wide column.
  if (!best || (best.first.length === 1 && tried.includes(null))) throw unclosed();
  return best;
}

function asDeclared(chosen: Candidate | null, best: Candidate | undefined, delimiter: string): Candidate {
  if (!chosen) throw unclosed();
  if (chosen.first.length === 1 && best && best.evenness >= CONSISTENT)
    throw new AppError(
      'INVALID_DATA',
      `The file is declared to be delimited by ${JSON.stringify(delimiter)}, which its first line does not have: it looks delimited by ${JSON.stringify(best.delimiter)}.`,
      [{ path: 'format.delimiter', message: `looks like ${JSON.stringify(best.delimiter)}` }],
    );
  return chosen;
}

const unclosed = (): AppError =>
  new AppError('INVALID_DATA', 'The header line has a quote that never closes: correct line 1.');

/** @returns null when the first record is malformed under the delimiter */
function tryDelimiter(given: Uint8Array, delimiter: string, sight: Sight): Candidate | null {
  const isBlanks = delimiter === BLANKS;
  const bytes = isBlanks ? new BlankRuns().next(given) : given;
  const byte = (isBlanks ? '\t' : delimiter).charCodeAt(0);
  const parser = new RecordParser(byte, sight.loneCarriageReturn);
  parser.parse(bytes, 0, bytes.length, true);
  const content = bytes.subarray(0, parser.contentEnd);
  if (!isUtf8(content) || content.includes(0))
    throw new AppError('INVALID_DATA', 'The header line is not UTF-8 text: save the file as UTF-8 CSV.');
  if (parser.problem != null || parser.insideQuotes) return null;
  const first = fieldsOf(new TextDecoder().decode(content), isBlanks ? '\t' : delimiter);
  const names = first.map((name) => name.trim());
  const found = names.filter((name) => sight.wanted.has(name)).length;
  return { delimiter, first: names, found, evenness: evenness(parser, bytes) };
}

/** @param parser which stands after the first record */
function evenness(parser: RecordParser, bytes: Uint8Array): number {
  const expected = parser.fields;
  if (expected === 1) return 0;
  let records = 1;
  let even = 1;
  while (records < SAMPLE_RECORDS) {
    const at = parser.end;
    // The last record may be cut by the end of the sight: it says nothing.
    if (at >= bytes.length || !parser.parse(bytes, at, bytes.length, false)) break;
    if (parser.contentEnd === at) continue;
    records += 1;
    if (parser.fields === expected && parser.problem == null) even += 1;
  }
  return even / records >= CONSISTENT ? 1 : even / records;
}

function nameColumns(
  first: readonly string[],
  wanted: ReadonlySet<string>,
  { hasHeader: declared, columns }: DeclaredFormat,
): Pick<CsvDialect, 'header' | 'hasHeader'> {
  if (columns != null) {
    if (columns.length !== first.length)
      throw new AppError(
        'INVALID_DATA',
        `The first line has ${first.length} ${first.length === 1 ? 'field' : 'fields'}, but ${columns.length} columns are declared.`,
        [{ path: 'format.columns', message: `the file has ${first.length}` }],
      );
    const repeats = columns.every((name, index) => name === first[index]);
    return { header: columns, hasHeader: declared ?? repeats };
  }
  const hasHeader = declared ?? looksLikeHeader(first, wanted);
  return { header: hasHeader ? first : first.map((_, index) => `column${index + 1}`), hasHeader };
}

function looksLikeHeader(first: readonly string[], wanted: ReadonlySet<string>): boolean {
  if (first.some((name) => wanted.has(name))) return true;
  if ([...wanted].some((name) => DEFAULT_NAME.test(name))) return false;
  return !first.some((name) => NUMBER.test(name) || DAY.test(name));
}

function hasLoneCarriageReturns(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] === LF) return false;
    if (bytes[at] === CR) return bytes[at + 1] !== LF && at + 1 < bytes.length;
  }
  return false;
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}
