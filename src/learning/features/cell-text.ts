/** What files write where a number or a moment is absent; compared in lower case. Empty text is missing everywhere. */
export const MISSING_MARKERS = ['', 'na', 'n/a', 'nan', 'null', 'none', '\\n', '?', '-'];

/** The largest number of float32. */
export const FLOAT32_MAX = 3.402_823_466_385_288_6e38;

/** Whether a text stands for a missing number or moment. */
export const isMissingText = (text: string): boolean =>
  MISSING_MARKERS.includes(trimText(text).toLowerCase());

/** As DuckDB trims: Unicode's spaces, and no tabs or line breaks. */
export const trimText = (text: string): string => text.replace(/^\p{Zs}+|\p{Zs}+$/gu, '');

/** A text as it is compared with words for a missing one: without blanks around it, A to Z in lower case. */
export const plainText = (text: string): string =>
  trimText(text).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Whether a cell is one of some words. */
export const isWord = (words: readonly string[] | undefined, text: string): boolean => {
  if (!words) return false;
  const plain = plainText(text);
  return words.some((word) => plainText(word) === plain);
};

/** As DuckDB casts a text to DOUBLE: with a sign, an exponent, underscores between digits, and blanks around. */
const NUMBER =
  /^[ \t\n\v\f\r]*\+?-?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?[ \t\n\v\f\r]*$/i;

/** NaN for what is no number, or none that a feature can have. */
export function numberOfText(text: string): number {
  const value = NUMBER.test(text) ? Number(text.replace(/_|^[ \t\n\v\f\r]*\+(?=-)/g, '')) : NaN;
  return Math.abs(value) <= FLOAT32_MAX ? value : NaN;
}
