/** Longer words are cut: nobody writes them, and markup and encoded images are full of them. In code points. */
const MAX_TOKEN_LENGTH = 64;

/** Marks that say how to draw a character or where a line may break, not what it is. */
const FORMATTING = /[\p{Cf}\p{Variation_Selector}]/gu;
/** Scripts that are written without blanks between words: each character is a token. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const TOKEN = new RegExp(
  [
    `(?=[${UNSPACED}])[\\p{L}\\p{N}]\\p{M}*`,
    `(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`,
    '\\p{Regional_Indicator}{2}',
    '\\p{Extended_Pictographic}',
  ].join('|'),
  'gu',
);

/**
 * The words of a text, in their order. The rules, which everything that makes tokens for an artifact must follow:
 *
 * 1. Unicode normalization form KC.
 * 2. Characters of the general category Cf and variation selectors are removed.
 * 3. Lower case by Unicode's default mapping, whatever the language; after it, U+0307 that follows `i` is removed (what
 *    is left of İ), and ς becomes σ. Normalization form C.
 * 4. A token is the longest run of letters, marks and digits (L, M, N); but each character of a script that is written
 *    without blanks (Han, Hiragana, Thai, Lao, Khmer, Myanmar) is one by itself, with the marks after it, as are each
 *    pictograph (Extended_Pictographic) and each pair of regional indicators. All else separates.
 * 5. A token is cut after 64 code points.
 *
 * Tokens are their own tokens: `tokenize(tokens.join(' '))` gives the same.
 */
export function tokenize(text: string, maxTokens: number): string[] {
  const lower = text
    .normalize('NFKC')
    .replaceAll(FORMATTING, '')
    .toLowerCase()
    .replaceAll(/i\u0307+/g, 'i')
    .replaceAll('ς', 'σ')
    .normalize('NFC');
  const tokens: string[] = [];
  for (const [token] of lower.matchAll(TOKEN)) {
    if (tokens.length >= maxTokens) break;
    tokens.push(
      token.length > MAX_TOKEN_LENGTH ? Array.from(token).slice(0, MAX_TOKEN_LENGTH).join('') : token,
    );
  }
  return tokens;
}
