import { isUtf8 } from 'node:buffer';
import { AppError } from '../../errors';
import { fieldsOf, RecordParser } from './csv-record';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const MAX_COLUMNS = 4096;
const CR = 13;
const LF = 10;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** First bytes of what is often uploaded instead of text. */
const FOREIGN_FORMATS: ReadonlyArray<{ readonly bytes: readonly number[]; readonly message: string }> = [
  { bytes: [0x1f, 0x8b], message: 'The file is gzip-compressed: unpack it and upload the CSV.' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], message: 'The file is zstd-compressed: unpack it and upload the CSV.' },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    message: 'The file is a ZIP archive or a spreadsheet: export its table as CSV.',
  },
  { bytes: [0x50, 0x41, 0x52, 0x31], message: 'The file is Parquet: export it as CSV.' },
  { bytes: [0xff, 0xfe], message: 'The file is encoded in UTF-16: save it as UTF-8.' },
  { bytes: [0xfe, 0xff], message: 'The file is encoded in UTF-16: save it as UTF-8.' },
];

/** How a file is written, and what it calls its columns. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly header: readonly string[];
  /** CR alone ends lines, as on the oldest Macs. */
  readonly loneCarriageReturn: boolean;
  /** Where the header record starts: after a byte order mark and blank lines. */
  readonly headerStart: number;
  /** Lines before the header. */
  readonly blankLines: number;
}

/**
 * Reads the dialect from the first bytes of a file; the delimiter is the one under which most of the wanted columns
 * are found.
 * @throws AppError INVALID_DATA for anything but UTF-8 text with a header line.
 */
export function readDialect(head: Uint8Array, wanted: ReadonlySet<string>): CsvDialect {
  if (head.length === 0)
    throw new AppError('INVALID_DATA', 'The file is empty: 0 bytes. Upload a CSV with a header line.');
  const foreign = FOREIGN_FORMATS.find(({ bytes }) => startsWith(head, bytes));
  if (foreign) throw new AppError('INVALID_DATA', foreign.message);

  let headerStart = startsWith(head, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  let blankLines = 0;
  while (head[headerStart] === LF || head[headerStart] === CR) {
    if (head[headerStart] === LF || head[headerStart + 1] !== LF) blankLines += 1;
    headerStart += 1;
  }
  const loneCarriageReturn = hasLoneCarriageReturns(head, headerStart);
  const header = chooseHeader(head.subarray(headerStart), wanted, loneCarriageReturn);
  return { ...header, loneCarriageReturn, headerStart, blankLines };
}

function chooseHeader(
  bytes: Uint8Array,
  wanted: ReadonlySet<string>,
  loneCarriageReturn: boolean,
): Pick<CsvDialect, 'delimiter' | 'header'> {
  if (bytes.length === 0)
    throw new AppError('INVALID_DATA', 'The file holds only blank lines. Upload a CSV with a header line.');
  const found = (header: readonly string[]) => header.filter((name) => wanted.has(name)).length;
  const candidates = DELIMITERS.flatMap((delimiter) => {
    const parser = new RecordParser(delimiter.charCodeAt(0), loneCarriageReturn);
    parser.parse(bytes, 0, bytes.length, true);
    const content = bytes.subarray(0, parser.contentEnd);
    if (!isUtf8(content) || content.includes(0))
      throw new AppError('INVALID_DATA', 'The header line is not UTF-8 text: save the file as UTF-8 CSV.');
    if (parser.problem != null || parser.insideQuotes) return [];
    const text = new TextDecoder().decode(content);
    return [{ delimiter, header: fieldsOf(text, delimiter).map((name) => name.trim()) }];
  });
  candidates.sort((a, b) => found(b.header) - found(a.header) || b.header.length - a.header.length);
  const best = candidates[0];
  // Under the wrong delimiter an unclosed quote passes as part of one wide column.
  if (!best || (best.header.length === 1 && candidates.length < DELIMITERS.length))
    throw new AppError('INVALID_DATA', 'The header line has a quote that never closes: correct line 1.');
  if (best.header.length > MAX_COLUMNS)
    throw new AppError(
      'INVALID_DATA',
      `The file has ${best.header.length} columns; at most ${MAX_COLUMNS} are read. Leave out what is not used.`,
    );
  return best;
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
