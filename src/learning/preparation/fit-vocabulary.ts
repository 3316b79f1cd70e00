/** The unknown bucket needs examples to learn from: categories that are rarer than this share fall into it. */
const RARE_CATEGORY_SHARE = 1 / 1000;
const MAX_RARE_COUNT = 5;

/**
 * The most frequent categories, ties by text, so that the same data gives the same vocabulary.
 *
 * @param counts of each category, in how many of the rows it is
 */
export function fitVocabulary(
  counts: Iterable<readonly [category: string, count: number]>,
  rows: number,
  maxVocabulary: number,
): string[] {
  const enough = Math.min(Math.max(Math.round(rows * RARE_CATEGORY_SHARE), 1), MAX_RARE_COUNT);
  return Array.from(counts)
    .filter(([category, count]) => category !== '' && count >= enough)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, maxVocabulary)
    .map(([category]) => category);
}
