import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors';
import { CleanCopy } from './clean-copy';
import { type CsvDialect, readDialect } from './csv-header';
import { Newline, RecordParser } from './csv-record';
import { type DeclaredFormat } from './formats/file-format';
import { LineIndex } from './line-index';
import { QuarantineLog } from './quarantine';

/** Longer records are quarantined; also how far an unclosed quote is followed. */
const MAX_RECORD_BYTES = 1 << 20;
const BLOCK_BYTES = 2 * MAX_RECORD_BYTES;
const LF = 10;
const CR = 13;
const QUOTE = 34;
const LINE_BREAK: Readonly<Record<Newline, string>> = {
  [Newline.NONE]: '\n',
  [Newline.LF]: '\n',
  [Newline.CRLF]: '\r\n',
  [Newline.CR]: '\r',
};

/** What a walk over the file found. */
export interface CsvScan {
  readonly dialect: CsvDialect;
  /** Well-formed everywhere: the file itself, or a copy without the lines that were quarantined. */
  readonly readPath: string;
  /** Records in `readPath`, the header apart. */
  readonly records: number;
  /** From records to lines of the original text. */
  readonly lines: LineIndex;
  readonly quarantine: QuarantineLog;
  readonly endsInsideRow: boolean;
}

export interface ScanOptions {
  readonly path: string;
  /** Column names by which the delimiter is recognized. */
  readonly wanted: ReadonlySet<string>;
  /** What is known of the file already. */
  readonly declared?: DeclaredFormat | undefined;
  /** What was read from the file's first 2 MiB already, as declared. */
  readonly dialect?: CsvDialect | undefined;
  /** Where the copy goes, if one is needed. */
  readonly workDirectory: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Walks over a CSV file once, in blocks: checks encoding, quoting and field counts, numbers the lines, and quarantines
 * what a strict reader would stop at. Memory is constant.
 * @throws AppError INVALID_DATA for a file that is no UTF-8 CSV with rows.
 */
export async function scanCsv(options: ScanOptions): Promise<CsvScan> {
  const file = await open(options.path, 'r');
  const copy = new CleanCopy(options.path, join(options.workDirectory, 'clean.csv'));
  try {
    return await new Scanner(file, copy, options).scan();
  } finally {
    await copy.close();
    await file.close();
  }
}

class Scanner {
  private readonly block = Buffer.allocUnsafe(BLOCK_BYTES);
  private readonly lines = new LineIndex();
  private readonly quarantine = new QuarantineLog();
  private records = -1;
  private line = 1;
  private endsInsideRow = false;
  private style = Newline.NONE;
  /** Inside a record that is too long, whose rest is passed over. */
  private skipping = false;

  constructor(
    private readonly file: FileHandle,
    private readonly copy: CleanCopy,
    private readonly options: ScanOptions,
  ) {}

  async scan(): Promise<CsvScan> {
    let length = await this.fill(0);
    const { wanted, declared } = this.options;
    const dialect = this.options.dialect ?? readDialect(this.block.subarray(0, length), wanted, declared);
    if (!dialect.hasHeader) this.records = 0;
    const parser = new RecordParser(dialect.delimiter.charCodeAt(0), dialect.loneCarriageReturn);
    this.line = dialect.blankLines + 1;
    let consumed = dialect.headerStart;
    this.copy.skipHead(consumed);
    if (dialect.blankLines > 0) this.copy.start(consumed);
    let atEnd = length < BLOCK_BYTES;
    for (;;) {
      consumed = this.scanBlock(parser, dialect, { start: consumed, length, atEnd });
      await this.copy.flush(this.block);
      this.options.signal?.throwIfAborted();
      if (atEnd) break;
      this.block.copyWithin(0, consumed, length);
      this.copy.advance(consumed);
      const kept = length - consumed;
      length = await this.fill(kept);
      atEnd = length < BLOCK_BYTES;
      consumed = 0;
    }
    if (this.records <= 0 && this.quarantine.count === 0)
      throw new AppError('INVALID_DATA', 'The file holds a header line but no rows.');
    return {
      dialect,
      readPath: this.copy.active ? this.copy.path : this.options.path,
      records: this.records,
      lines: this.lines,
      quarantine: this.quarantine,
      endsInsideRow: this.endsInsideRow,
    };
  }

  /** Reads on until the block is full or the file ends. */
  private async fill(from: number): Promise<number> {
    let length = from;
    while (length < BLOCK_BYTES) {
      const { bytesRead } = await this.file.read(this.block, length, BLOCK_BYTES - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length;
  }

  /** @returns how much of the block is done with */
  private scanBlock(
    parser: RecordParser,
    dialect: CsvDialect,
    range: { start: number; length: number; atEnd: boolean },
  ): number {
    const { block } = this;
    const { length, atEnd } = range;
    // LF never occurs inside a character, so up to the last one the block can be judged as a whole.
    const whole = atEnd ? length : block.lastIndexOf(LF, length - 1) + 1;
    const judged = block.subarray(range.start, Math.max(whole, range.start));
    const clean = judged.length > 0 && isUtf8(judged) && !judged.includes(0);
    const plainUntil = judged.includes(QUOTE) || judged.includes(CR) ? 0 : whole;
    let at = range.start;
    if (this.skipping) {
      const next = parser.nextLine(block, at, length);
      if (next < 0) return length;
      this.skipping = false;
      this.line += 1;
      at = next;
    }
    while (at < length) {
      if (!parser.parsePlain(block, at, plainUntil) && !parser.parse(block, at, length, atEnd)) {
        if (length - at < MAX_RECORD_BYTES) return at;
        at = this.refuseLong(parser, at, length);
        continue;
      }
      const isBlank = parser.contentEnd === at;
      const problem = isBlank ? null : this.problemOf(parser, dialect, { at, atEnd, clean });
      if (problem != null) at = this.refuse(parser, at, length, problem);
      else {
        if (!isBlank) this.accept(parser, at);
        // DuckDB passes over blank lines, but stops where line breaks of two kinds meet.
        else if (parser.newline !== this.style) this.copy.start(at);
        this.line += 1 + parser.innerLines;
        at = parser.end;
      }
    }
    return at;
  }

  private problemOf(
    parser: RecordParser,
    dialect: CsvDialect,
    context: { at: number; atEnd: boolean; clean: boolean },
  ): string | null {
    const expected = dialect.header.length;
    const isCut = parser.newline === Newline.NONE && (parser.fields < expected || parser.insideQuotes);
    if (isCut && (parser.innerLines === 0 || !parser.insideQuotes)) {
      this.endsInsideRow = true;
      return 'the file ends inside this line: it was probably cut';
    }
    if (parser.insideQuotes) return 'a quote opens here and never closes';
    if (parser.problem != null) return parser.problem;
    if (parser.fields !== expected)
      return `${parser.fields} ${parser.fields === 1 ? 'field' : 'fields'} where the header has ${expected}`;
    if (parser.contentEnd - context.at > MAX_RECORD_BYTES) return 'longer than 1 MiB';
    if (context.clean) return null;
    const content = this.block.subarray(context.at, parser.contentEnd);
    if (content.includes(0)) return 'holds a NUL character';
    return isUtf8(content) ? null : 'is not UTF-8 text';
  }

  private accept(parser: RecordParser, start: number): void {
    if (this.records >= 0) this.lines.add(this.line);
    this.records += 1;
    if (this.style === Newline.NONE) this.style = parser.newline;
    const isMixed = parser.newline !== this.style && parser.newline !== Newline.NONE;
    if (isMixed) this.copy.start(start);
    if (!this.copy.active) return;
    const span = { start, contentEnd: parser.contentEnd, end: parser.end };
    this.copy.add(this.block, span, isMixed ? LINE_BREAK[this.style] : null);
  }

  /**
   * Quarantines a record. One that is malformed after a line break inside quotes most likely opened a quote by mistake:
   * then only its first line is blamed, and the next is read anew.
   */
  private refuse(parser: RecordParser, start: number, length: number, reason: string): number {
    const next = parser.nextLine(this.block, start, length);
    const misquoted = parser.innerLines > 0 && (parser.problem != null || parser.insideQuotes) && next >= 0;
    const end = misquoted ? next : parser.end;
    this.quarantineText(start, misquoted ? next : parser.contentEnd, reason);
    this.line += misquoted ? 1 : 1 + parser.innerLines;
    this.copy.start(start);
    return end;
  }

  private refuseLong(parser: RecordParser, start: number, length: number): number {
    const next = parser.nextLine(this.block, start, length);
    this.copy.start(start);
    if (parser.insideQuotes && next >= 0) {
      this.quarantineText(start, next, 'a quote opens here and does not close within 1 MiB');
      this.line += 1;
      return next;
    }
    this.quarantineText(start, length, 'longer than 1 MiB');
    this.skipping = next < 0;
    if (next >= 0) this.line += 1;
    return next < 0 ? length : next;
  }

  private quarantineText(start: number, end: number, reason: string): void {
    if (this.records < 0) throw new AppError('INVALID_DATA', `The header line cannot be read: ${reason}.`);
    const text = this.quarantine.keeps
      ? this.block
          .subarray(start, Math.min(end, start + 800))
          .toString('utf8')
          .trimEnd()
      : '';
    this.quarantine.add(this.line, reason, text);
  }
}
