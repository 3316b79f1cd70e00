import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordParser } from '../csv-record';
import { keySql } from '../typed-rows';
import { literal } from '../duckdb-session';
import { type OpenedFile } from '../open-csv';
import { type IsMeant, type RowsOfSubjects, type SubjectColumns } from './find-rows';

const LF = 10;
const CR = 13;
const QUOTE = 34;
/** What stands between words in text of any format, and not inside ids. */
const WORD_END = /[\s"',;|{}[\]()<>=]+|:(?=[\s"])/;
const WRITE_BYTES = 1 << 20;
/** No record is longer; what is, was quarantined line by line. */
const MAX_RECORD_BYTES = 1 << 20;

export interface RemovalOptions {
  readonly rows: RowsOfSubjects;
  /** By which the rows were found. */
  readonly columns: SubjectColumns;
  readonly isMeant: IsMeant;
  /** Of the file to be made, on the disk of the work directory. */
  readonly target: string;
}

/** What was left out. */
export interface RemovedRows {
  readonly rows: number;
  /** Lines that are no rows, and name one of the subjects. */
  readonly brokenLines: number;
}

/**
 * Writes an opened file without some rows: all other bytes of its unpacked text as they are, in their order. Lines that
 * are no rows go as well where they name one of the subjects.
 */
export async function writeWithout(file: OpenedFile, options: RemovalOptions): Promise<RemovedRows> {
  const { rows, target } = options;
  if (file.scan.format.type === 'PARQUET') {
    await writeParquet(file, options);
    return { rows: rows.records.length, brokenLines: 0 };
  }
  const output = await open(target, 'wx', 0o600);
  try {
    return await new TextCopy(file, options, output).write();
  } finally {
    await output.close();
  }
}

async function writeParquet(
  { session, scan, folder }: OpenedFile,
  { rows, columns, target }: RemovalOptions,
): Promise<void> {
  // DuckDB writes nowhere else.
  const written = join(folder, 'without.parquet');
  const { header, parquet = [] } = scan.dialect;
  const meant = rows.subjects.length === 0 ? 'NULL' : rows.subjects.map(literal).join(', ');
  const conditions = columns.subjects.flatMap((name) => {
    const sql = parquet[header.indexOf(name)];
    return sql === undefined ? [] : [`coalesce(${keySql(sql)} IN (${meant}), false)`];
  });
  await session.run(
    `COPY (SELECT * FROM read_parquet($1) WHERE NOT (${conditions.join(' OR ')}))
       TO ${literal(written)} (FORMAT parquet, COMPRESSION zstd)`,
    [scan.readPath],
  );
  await rename(written, target);
}

/** Walks over the lines of a text, knowing on which lines records begin. */
class TextCopy {
  private readonly removed: ReadonlySet<number>;
  private readonly isMeant: IsMeant;
  private readonly parser: RecordParser;
  private readonly pending: Buffer[] = [];
  private pendingBytes = 0;
  private brokenLines = 0;
  /** Of the record that goes on over several lines; null between records. */
  private record: { parts: Buffer[]; bytes: number; isKept: boolean } | null = null;
  private next = 0;
  private line = 1;

  constructor(
    private readonly file: OpenedFile,
    { rows, isMeant }: Pick<RemovalOptions, 'rows' | 'isMeant'>,
    private readonly output: FileHandle,
  ) {
    this.isMeant = isMeant;
    const { dialect } = file.scan;
    this.removed = new Set(rows.records);
    this.parser = new RecordParser(dialect.delimiter.charCodeAt(0), dialect.loneCarriageReturn);
  }

  async write(): Promise<RemovedRows> {
    const { path, scan } = this.file;
    const lineBreak = scan.dialect.loneCarriageReturn ? CR : LF;
    let rest: Buffer[] = [];
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      let at = 0;
      for (let found = chunk.indexOf(lineBreak); found >= 0; found = chunk.indexOf(lineBreak, at)) {
        this.take(Buffer.concat([...rest, chunk.subarray(at, found + 1)]));
        rest = [];
        at = found + 1;
      }
      if (at < chunk.length) rest.push(chunk.subarray(at));
      if (this.pendingBytes >= WRITE_BYTES) await this.flush();
    }
    if (rest.length > 0) this.take(Buffer.concat(rest));
    await this.flush();
    return { rows: this.removed.size, brokenLines: this.brokenLines };
  }

  /** One line with its line break. */
  private take(line: Buffer): void {
    const { dialect, lines, records } = this.file.scan;
    const number = this.line++;
    if (this.record) {
      this.goOn(line);
      return;
    }
    const isHeader = dialect.hasHeader && number <= dialect.blankLines + 1;
    const isRecord = this.next < records && lines.lineOf(this.next) === number;
    if (!isHeader && !isRecord) {
      if (this.names(line)) this.brokenLines += 1;
      else this.keep(line);
      return;
    }
    this.record = { parts: [], bytes: 0, isKept: isHeader || !this.removed.has(this.next) };
    if (!isHeader) this.next += 1;
    this.goOn(line);
  }

  private goOn(line: Buffer): void {
    const { record } = this;
    if (!record) return;
    if (record.isKept) this.keep(line);
    record.bytes += line.length;
    record.parts.push(line);
    const { format } = this.file.scan;
    const mayGoOn = format.type === 'CSV' && format.delimiter !== ' ' && record.bytes < 2 * MAX_RECORD_BYTES;
    if (!mayGoOn || (record.parts.length === 1 && !line.includes(QUOTE))) {
      this.record = null;
      return;
    }
    const bytes = Buffer.concat(record.parts);
    record.parts = [bytes];
    this.parser.parse(bytes, 0, bytes.length, true);
    if (!this.parser.insideQuotes) this.record = null;
  }

  private names(line: Buffer): boolean {
    return (
      line.length > 2 && namesSubject(line.toString('utf8'), this.file.scan.dialect.delimiter, this.isMeant)
    );
  }

  private keep(line: Buffer): void {
    this.pending.push(line);
    this.pendingBytes += line.length;
  }

  private async flush(): Promise<void> {
    if (this.pending.length > 0) await this.output.appendFile(Buffer.concat(this.pending));
    this.pending.length = 0;
    this.pendingBytes = 0;
  }
}

/** Whether a line that is no row, or a text about one, names one of the subjects: as a field or as a word. */
export function namesSubject(text: string, delimiter: string, isMeant: IsMeant): boolean {
  for (const word of words(text, delimiter)) if (word !== '' && isMeant(word)) return true;
  return false;
}

/** What could be an id in a line that is no row: its fields, and its words. */
function* words(text: string, delimiter: string): Generator<string> {
  for (const field of text.split(delimiter)) yield field.trim();
  yield* text.split(WORD_END);
}
