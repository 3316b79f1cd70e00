const SLOTS = 1_024;
/** Longer texts are seldom the same again. */
const MAX_LENGTH = 32;

/** A text of ASCII among bytes. */
interface Span {
  readonly from: number;
  readonly end: number;
  readonly hash: number;
}

/** Texts that came lately, so that one which comes again, as categories do, is not made again. */
export class TextCache {
  readonly #slots = new Array<string>(SLOTS).fill('');

  get(bytes: Buffer, { from, end, hash }: Span): string {
    const length = end - from;
    if (length > MAX_LENGTH) return bytes.toString('latin1', from, end);
    const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
    const known = this.#slots[slot] ?? '';
    if (known.length === length && isAt(known, bytes, from)) return known;
    const text = bytes.toString('latin1', from, end);
    this.#slots[slot] = text;
    return text;
  }
}

function isAt(text: string, bytes: Buffer, from: number): boolean {
  for (let index = 0; index < text.length; index++)
    if (text.charCodeAt(index) !== bytes[from + index]) return false;
  return true;
}
