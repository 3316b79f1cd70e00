import { FLOAT32_MAX } from '../../learning/features/cell-text';
import { MAX_CATEGORY_LENGTH } from '../../learning/features/category';
import { TextCache } from './text-cache';
import { LONG_MOMENT, momentIn, SHORT_MOMENT } from './moment-bytes';

/** What is not read here, right or wrong: it is for others to say. Made once, because it is no defect and needs no stack. */
export const UNUSUAL = new Error('the JSON is not as usual');

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
/** As many digits are exact in a double, and so is what they are divided by. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);
const SUSPECT = /__proto__|constructor|\\u/i;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/**
 * Reads JSON from the bytes of a request, value after value. It takes what nearly every client sends and throws
 * {@link UNUSUAL} at everything else, also where that is right: then the whole request is read by `JSON.parse`.
 */
export class JsonBytes {
  /** Where the next value is. */
  at = 0;
  private readonly texts = new TextCache();

  constructor(public bytes: Buffer = Buffer.alloc(0)) {}

  /** Passes over blanks. @returns the byte after them; 0 at the end */
  next(): number {
    const { bytes } = this;
    let byte = bytes[this.at] ?? 0;
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++this.at] ?? 0;
    return byte;
  }

  /** Passes over a sign between values, and the blanks before it. */
  expect(sign: number): void {
    if (this.next() !== sign) throw UNUSUAL;
    this.at++;
  }

  /** After a value: whether another follows, of an object or list that is closed by a sign. */
  another(close: number): boolean {
    const byte = this.next();
    this.at++;
    if (byte === COMMA) return true;
    if (byte === close) return false;
    throw UNUSUAL;
  }

  /** After the sign that opens an object or list: whether it is empty. */
  isEmpty(close: number): boolean {
    if (this.next() !== close) return false;
    this.at++;
    return true;
  }

  /** Whether the value is null, which is passed over then. */
  isNull(): boolean {
    return this.bytes[this.at] === 0x6e && this.word(NULL);
  }

  boolean(): boolean {
    if (this.word(TRUE)) return true;
    if (this.word(FALSE)) return false;
    throw UNUSUAL;
  }

  /** Whether these bytes are next, which are passed over then. */
  isNext(expected: Uint8Array): boolean {
    return this.word(expected);
  }

  /** A number that single precision can hold. */
  number(): number {
    const { bytes } = this;
    const from = this.at;
    const isNegative = bytes[from] === MINUS;
    const first = isNegative ? from + 1 : from;
    let end = first;
    let value = 0;
    let byte = bytes[end] ?? 0;
    while (byte >= ZERO && byte <= NINE) {
      value = 10 * value + (byte - ZERO);
      byte = bytes[++end] ?? 0;
    }
    let digits = end - first;
    // Neither nothing nor a zero in front of other digits is a number.
    let isPlain = digits > 0 && !(digits > 1 && bytes[first] === ZERO);
    if (byte === POINT) {
      const point = end;
      byte = bytes[++end] ?? 0;
      while (byte >= ZERO && byte <= NINE) {
        value = 10 * value + (byte - ZERO);
        byte = bytes[++end] ?? 0;
      }
      const decimals = end - point - 1;
      digits += decimals;
      isPlain &&= decimals > 0;
      if (digits <= EXACT_DIGITS) value /= POWERS[decimals] ?? 1;
    }
    if (!isPlain || digits > EXACT_DIGITS || byte === 0x65 || byte === 0x45) return this.longNumber(from);
    this.at = end;
    return isNegative ? -value : value;
  }

  /** The moment of a text in the form that is usual, in milliseconds since 1970; of another form, what `parse` says. */
  moment(parse: (text: string) => number): number {
    const ms = momentIn(this.bytes, this.at);
    if (Number.isNaN(ms)) return parse(this.text());
    this.at += this.bytes[this.at + 20] === POINT ? LONG_MOMENT : SHORT_MOMENT;
    return ms;
  }

  /** A text that could be a category: not longer, and without NUL. */
  text(): string {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) throw UNUSUAL;
    const from = this.at + 1;
    let end = from;
    let hash = 0;
    let byte = bytes[end] ?? 0;
    while (byte !== QUOTE) {
      // What has to be decoded, does not belong into a text, or is no text's end.
      if (!(byte >= 0x20 && byte < 0x7f && byte !== BACKSLASH)) return this.encodedText();
      hash = (Math.imul(hash, 31) + byte) | 0;
      byte = bytes[++end] ?? 0;
    }
    if (end - from > MAX_CATEGORY_LENGTH) throw UNUSUAL;
    this.at = end + 1;
    return this.texts.get(bytes, { from, end, hash });
  }

  /** Whether it may be, or hold, a name that means something to JavaScript. */
  isSuspect(text: string): boolean {
    return SUSPECT.test(text);
  }

  /** Any value, as `JSON.parse` has it. */
  value(): unknown {
    const text = this.skip().toString();
    if (this.isSuspect(text)) throw UNUSUAL;
    try {
      return JSON.parse(text);
    } catch {
      throw UNUSUAL;
    }
  }

  /** Passes over a value without looking closely. @returns its bytes */
  skip(): Buffer {
    const first = this.next();
    const { bytes, at: from } = this;
    if (first === QUOTE) this.at = this.endOfText(from) + 1;
    else if (first === 0x7b || first === 0x5b) this.at = this.endOfNested(from) + 1;
    else while (isOfWord(bytes[this.at] ?? 0)) this.at++;
    return bytes.subarray(from, this.at);
  }

  /** Where the sign is that closes the object or list which begins here. */
  private endOfNested(from: number): number {
    const { bytes } = this;
    let depth = 0;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) at = this.endOfText(at);
      else if (byte === 0x7b || byte === 0x5b) depth++;
      else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at;
    }
    throw UNUSUAL;
  }

  /** Where the quote is that ends the text which begins here. */
  private endOfText(from: number): number {
    const { bytes } = this;
    for (let at = from + 1; at < bytes.length; at++) {
      if (bytes[at] === BACKSLASH) at++;
      else if (bytes[at] === QUOTE) return at;
    }
    throw UNUSUAL;
  }

  private encodedText(): string {
    const end = this.endOfText(this.at) + 1;
    let text: unknown;
    try {
      text = JSON.parse(this.bytes.toString('utf8', this.at, end));
    } catch {
      throw UNUSUAL;
    }
    if (typeof text !== 'string' || text.length > MAX_CATEGORY_LENGTH || text.includes('\u0000'))
      throw UNUSUAL;
    this.at = end;
    return text;
  }

  private longNumber(from: number): number {
    const { bytes } = this;
    let end = from;
    for (let byte = bytes[end] ?? 0; isOfNumber(byte); byte = bytes[++end] ?? 0);
    const text = bytes.toString('latin1', from, end);
    const value = NUMBER.test(text) ? Number(text) : NaN;
    if (!(Math.abs(value) <= FLOAT32_MAX)) throw UNUSUAL;
    this.at = end;
    return value;
  }

  private word(word: Uint8Array): boolean {
    const { bytes, at } = this;
    for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word[index]) return false;
    this.at = at + word.length;
    return true;
  }
}

function isOfNumber(byte: number): boolean {
  return (
    (byte >= ZERO && byte <= NINE) ||
    byte === MINUS ||
    byte === 0x2b ||
    byte === POINT ||
    byte === 0x65 ||
    byte === 0x45
  );
}

const isOfWord = (byte: number): boolean => isOfNumber(byte) || (byte >= 0x61 && byte <= 0x7a);
