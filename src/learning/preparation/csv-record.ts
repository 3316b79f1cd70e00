const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;

/** How a record ended. `NONE` is the end of the file. */
export enum Newline {
  NONE,
  LF,
  CRLF,
  CR,
}

/**
 * Finds the end of one CSV record in a buffer and counts its fields, without making strings.
 *
 * RFC 4180 with what files really hold: spaces around quoted fields, quotes inside unquoted ones. Reading is left to
 * DuckDB; this walks ahead of it, because it knows lines, and survives what a reader stops at.
 * After `parse` returned true, the fields below describe the record.
 */
export class RecordParser {
  /** After the record and its line break. */
  end = 0;
  /** Before its line break. */
  contentEnd = 0;
  fields = 0;
  /** Line breaks inside quotes. */
  innerLines = 0;
  newline = Newline.NONE;
  problem: string | null = null;
  /** The record ran into the end of its input inside quotes. */
  insideQuotes = false;

  /** @param loneCarriageReturn whether CR alone ends a record in this file */
  constructor(
    private readonly delimiter: number,
    private readonly loneCarriageReturn: boolean,
  ) {}

  /** @returns false when the record goes on after `length` and the file does too */
  parse(bytes: Uint8Array, start: number, length: number, atEnd: boolean): boolean {
    this.fields = 0;
    this.innerLines = 0;
    this.problem = null;
    this.insideQuotes = false;
    let at = start;
    for (;;) {
      this.fields += 1;
      at = this.skipField(bytes, at, length);
      if (at >= length) return atEnd ? this.finish(length, length, Newline.NONE) : false;
      const byte = bytes[at];
      if (byte === LF) return this.finish(at, at + 1, Newline.LF);
      if (byte === CR) {
        if (bytes[at + 1] === LF && at + 1 < length) return this.finish(at, at + 2, Newline.CRLF);
        if (at + 1 >= length && !atEnd) return false;
        return this.finish(at, at + 1, Newline.CR);
      }
      at += 1;
    }
  }

  /**
   * As {@link parse}, where there is neither a quote nor a carriage return.
   * @returns false when no line break is before `length`; nothing is known of the record then
   */
  parsePlain(bytes: Uint8Array, start: number, length: number): boolean {
    const delimiter = this.delimiter;
    let fields = 1;
    for (let at = start; at < length; at++) {
      const byte = bytes[at];
      if (byte === delimiter) fields += 1;
      else if (byte === LF) {
        this.fields = fields;
        this.innerLines = 0;
        this.problem = null;
        this.insideQuotes = false;
        return this.finish(at, at + 1, Newline.LF);
      }
    }
    return false;
  }

  /** The offset after the first line break at or after `start`, quotes or not; -1 if there is none. */
  nextLine(bytes: Uint8Array, start: number, length: number): number {
    const found = bytes.subarray(start, length).indexOf(this.loneCarriageReturn ? CR : LF);
    return found < 0 ? -1 : start + found + 1;
  }

  /** @returns where the field's delimiter or line break is, `length` if there is none */
  private skipField(bytes: Uint8Array, start: number, length: number): number {
    let at = start;
    // As DuckDB does: before a quoted field one space is passed over, after it any number.
    if (bytes[at] === SPACE && bytes[at + 1] === QUOTE) at += 1;
    if (bytes[at] !== QUOTE || at >= length) return this.skipPlain(bytes, at, length);
    at = this.skipQuoted(bytes, at + 1, length);
    while (at < length && bytes[at] === SPACE) at += 1;
    const after = this.skipPlain(bytes, at, length);
    if (after > at && !this.insideQuotes) this.problem ??= 'text follows a closing quote';
    return after;
  }

  private skipPlain(bytes: Uint8Array, start: number, length: number): number {
    const delimiter = this.delimiter;
    for (let at = start; at < length; at++) {
      const byte = bytes[at];
      if (byte === delimiter || byte === LF) return at;
      if (byte === CR) {
        if (this.loneCarriageReturn || at + 1 >= length || bytes[at + 1] === LF) return at;
        this.problem ??= 'a carriage return stands inside the line';
      }
    }
    return length;
  }

  /** @returns after the closing quote; `length`, with `insideQuotes` set, if there is none */
  private skipQuoted(bytes: Uint8Array, start: number, length: number): number {
    for (let at = start; at < length; at++) {
      const byte = bytes[at];
      if (byte === LF || (byte === CR && this.loneCarriageReturn)) this.innerLines += 1;
      else if (byte === QUOTE) {
        if (at + 1 < length && bytes[at + 1] === QUOTE) at += 1;
        else return at + 1;
      }
    }
    this.insideQuotes = true;
    return length;
  }

  private finish(contentEnd: number, end: number, newline: Newline): true {
    this.contentEnd = contentEnd;
    this.end = end;
    this.newline = newline;
    return true;
  }
}

/** The values of one well-formed record. */
export function fieldsOf(text: string, delimiter: string): string[] {
  const quotedField = / ?"((?:[^"]|"")*)" */y;
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    quotedField.lastIndex = at;
    const quoted = quotedField.exec(text);
    const next = quoted ? quotedField.lastIndex : text.indexOf(delimiter, at);
    const end = next < 0 ? text.length : next;
    fields.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : text.slice(at, end));
    if (end >= text.length) return fields;
    at = end + delimiter.length;
  }
}
