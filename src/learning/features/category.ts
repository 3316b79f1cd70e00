/** Longer values are no categories; files quarantine them, requests are refused. UTF-16 units in requests, characters in files. */
export const MAX_CATEGORY_LENGTH = 1024;

const LETTER_F = 0x66;
const LETTER_T = 0x74;
const BOOLEAN = /^(?:true|false)$/i;

/**
 * A category as encoders know it: the text itself, except that `TRUE`, `True` and `true` are one category (`true`;
 * likewise `false`), because files write booleans in any case and requests carry real ones.
 */
export function canonicalCategory(text: string): string {
  const { length } = text;
  if (length !== 4 && length !== 5) return text;
  // Most texts are told apart by the first letter, in either case.
  const first = text.charCodeAt(0) | 0x20;
  if (first !== LETTER_T && first !== LETTER_F) return text;
  return BOOLEAN.test(text) ? text.toLowerCase() : text;
}
