import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../../errors';
import { LineIndex } from '../line-index';
import { QuarantineLog } from '../quarantine';
import { MAX_COLUMNS } from './file-format';
import { NoRecord, parseJsonRecord } from './json-record';
import { completeRecords, type RecordSpan } from './complete-records';
import { textLines } from './text-lines';

/** As long as a line of CSV may be. */
const MAX_RECORD_BYTES = 1 << 20;
const BYTE_ORDER_MARK = '\ufeff';
const WRITE_BYTES = 1 << 16;

/** A file of JSON Lines, rewritten as comma-separated fields without a header. */
export interface ConvertedLines {
  readonly path: string;
  /** All members of all records, in the order in which they are first met. */
  readonly columns: readonly string[];
  readonly records: number;
  /** From the rewritten file's records to lines of the original. */
  readonly lines: LineIndex;
  readonly quarantine: QuarantineLog;
  readonly endsInsideRow: boolean;
}

export interface ConvertOptions {
  readonly from: string;
  readonly to: string;
  /** The most bytes that the rewritten file may have: many members that are rarely there take a field in each row. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Rewrites JSON Lines as CSV, which everything else reads. Each line is parsed once; where a member is first met after
 * others were written, the records before it get an empty field for it afterwards.
 * @throws AppError INVALID_DATA when no line is a record, or there are too many columns;
 *   PAYLOAD_TOO_LARGE
 */
export async function convertJsonLines({
  from,
  to,
  maxBytes = Infinity,
  signal,
}: ConvertOptions): Promise<ConvertedLines> {
  const quarantine = new QuarantineLog();
  const lines = new LineIndex();
  const draft = `${to}.draft`;
  const file = await open(draft, 'wx', 0o600);
  const writer = new RecordWriter(file);
  let endsInsideRow = false;
  const checkBytes = (bytes: number) => {
    if (bytes <= maxBytes) return;
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `As a table of ${writer.columns.size} columns, the file has more than ${maxBytes} bytes, the most that a dataset may have: leave out members that are rarely given.`,
    );
  };
  try {
    for await (const { line, text, values, problem, isLast } of jsonLines(from, signal)) {
      const refused = values === null ? problem : writer.add(values);
      if (refused === null) {
        lines.add(line);
        await writer.flush(WRITE_BYTES);
        checkBytes(writer.bytes);
        continue;
      }
      endsInsideRow = isLast && refused.startsWith('is not JSON');
      const reason = endsInsideRow ? 'the file ends inside this line: it was probably cut' : refused;
      quarantine.add(line, reason, text.trimEnd());
    }
    await writer.flush(1);
  } finally {
    await file.close();
  }
  if (writer.columns.size === 0) throw noRecords(quarantine);
  checkBytes(writer.bytesWhenPadded);
  await completeRecords({ from: draft, to, spans: writer.spans, signal });
  const columns = [...writer.columns.keys()];
  return { path: to, columns, records: writer.records, lines, quarantine, endsInsideRow };
}

function noRecords(quarantine: QuarantineLog): AppError {
  const [first] = QuarantineLog.merge([quarantine]).sample;
  return new AppError(
    'INVALID_DATA',
    'The file begins as JSON, but no line of it is a JSON object with members: write one object per line.' +
      (first ? ` Line ${first.line} ${first.reason}.` : ''),
  );
}

interface JsonLine {
  readonly line: number;
  readonly text: string;
  /** Null for a line that is no record. */
  readonly values: ReadonlyMap<string, string> | null;
  readonly problem: string;
  readonly isLast: boolean;
}

async function* jsonLines(path: string, signal?: AbortSignal): AsyncGenerator<JsonLine> {
  for await (const { line, text, problem, isLast } of textLines(path, MAX_RECORD_BYTES)) {
    signal?.throwIfAborted();
    const json = line === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    if (problem !== null) yield { line, text, values: null, problem, isLast };
    else if (json.trim() !== '') yield { line, text, isLast, ...recordOf(json) };
  }
}

function recordOf(json: string): Pick<JsonLine, 'values' | 'problem'> {
  try {
    return { values: parseJsonRecord(json), problem: '' };
  } catch (error) {
    if (error instanceof NoRecord) return { values: null, problem: error.message };
    throw error;
  }
}

class RecordWriter {
  /** By their place. */
  readonly columns = new Map<string, number>();
  /** Consecutive records that were written with the same columns. */
  readonly spans: RecordSpan[] = [];
  private pending: string[] = [];
  private pendingBytes = 0;
  /** All that was added. */
  bytes = 0;

  constructor(private readonly file: FileHandle) {}

  get records(): number {
    return this.spans.reduce((sum, { records }) => sum + records, 0);
  }

  /** With an empty field for each column that a record was written without. */
  get bytesWhenPadded(): number {
    return this.spans.reduce(
      (sum, { fields, records }) => sum + records * (this.columns.size - Math.max(1, fields)),
      this.bytes,
    );
  }

  /** @returns why the record cannot be written, or null */
  add(values: ReadonlyMap<string, string>): string | null {
    const fields = new Array<string>(this.columns.size).fill('');
    const added: string[] = [];
    for (const [name, value] of values) {
      const index = this.columns.get(name) ?? this.columns.size + added.push(name) - 1;
      fields[index] = `"${value.replaceAll('"', '""')}"`;
    }
    const record = fields.join(',');
    const bytes = Buffer.byteLength(record);
    // As long as it may become by columns that are yet to come.
    if (bytes + MAX_COLUMNS - fields.length > MAX_RECORD_BYTES) return 'longer than 1 MiB';
    for (const name of added) this.columns.set(name, this.columns.size);
    if (this.columns.size > MAX_COLUMNS)
      throw new AppError(
        'INVALID_DATA',
        `The file has more than ${MAX_COLUMNS} columns: leave out what is not used, and give what is keyed by ids as arrays.`,
      );
    const last = this.spans.at(-1);
    if (last?.fields === fields.length) last.records += 1;
    else this.spans.push({ fields: fields.length, records: 1 });
    this.pending.push(record, '\n');
    this.pendingBytes += bytes + 1;
    this.bytes += bytes + 1;
    return null;
  }

  /** Writes what waits, if it has so many bytes. */
  async flush(minBytes: number): Promise<void> {
    if (this.pendingBytes < minBytes) return;
    await this.file.appendFile(this.pending.join(''));
    this.pending = [];
    this.pendingBytes = 0;
  }
}
