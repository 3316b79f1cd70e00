import { z } from 'zod';
import { canonicalCategory } from '../category';
import { setCleaner, setCleaning } from '../cleaning';
import { describeValue, Problem } from '../feature-value';
import { columnName, featureName } from '../spec-fields';
import { type BagKind } from './compound-kind';
import { MAX_TEXT_LENGTH } from './text';

/** A set of categories in one cell, such as tags: those outside the training part's vocabulary share the unknown bucket. */
export const multiFeature = z.strictObject({
  type: z.literal('multi'),
  name: featureName,
  column: columnName.optional(),
  /** Between the values of a cell; cells that begin with `[` are JSON arrays whatever it is. */
  separator: z.string().min(1).max(8).default('|'),
  /** Different values that are read, from the first on. */
  maxValues: z.int().min(1).max(256).default(16),
  maxVocabulary: z.int().min(1).max(1_000_000).default(1000),
  /** How the values' vectors become one: their mean, or their sum, in which their number shows. */
  pooling: z.enum(['mean', 'sum']).default('mean'),
  cleaning: setCleaning.optional(),
});

export type MultiFeature = z.infer<typeof multiFeature>;

const BLANK = '[ \\t\\r\\n]*';
const STRING = String.raw`"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const NUMBER = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?';
const SCALAR = `${BLANK}(?:${STRING}|${NUMBER}|true|false|null)${BLANK}`;
/** A whole text that is a JSON array of scalars: means the same to JavaScript and to DuckDB. */
export const JSON_LIST = `^${BLANK}\\[(?:${BLANK}|${SCALAR}(?:,${SCALAR})*)\\]${BLANK}$`;
const JSON_LIST_PATTERN = new RegExp(JSON_LIST);

/** Blanks around values do not count, nor do empty values, nor values that were there before, all of them mended. */
function valuesOf({ maxValues, cleaning }: MultiFeature, texts: readonly string[]): string[] {
  const clean = cleaning && setCleaner(cleaning);
  const values = new Set<string>();
  for (const text of texts) {
    if (values.size >= maxValues) break;
    const value = text.trim();
    if (value === '') continue;
    const category = canonicalCategory(value);
    const meant = clean ? clean(category) : category;
    if (meant !== '') values.add(meant);
  }
  return [...values];
}

const problemOf = (texts: readonly string[]): Problem | null =>
  texts.some((text) => text.includes('\0'))
    ? new Problem('holds the character NUL, which no category can')
    : null;

/** The texts in a cell, as they stand there. */
function textsOf({ separator }: MultiFeature, cell: string): readonly string[] {
  if (!/^[ \t\r\n]*\[/.test(cell)) return cell.split(separator);
  if (!JSON_LIST_PATTERN.test(cell)) return [];
  const scalars = JSON.parse(cell) as ReadonlyArray<string | number | boolean | null>;
  return scalars.map((scalar) => (scalar === null ? '' : String(scalar)));
}

export const multi: BagKind<MultiFeature> = {
  holds: 'categories',
  cell: { type: 'list' },
  size: ({ maxValues }) => maxValues,
  pooling: ({ pooling }) => pooling,
  maxVocabulary: ({ maxVocabulary }) => maxVocabulary,
  parse: (feature, cell) => valuesOf(feature, textsOf(feature, cell)),
  read: (feature, value) => {
    if (typeof value === 'string') {
      if (value.length > MAX_TEXT_LENGTH) return new Problem(`is longer than ${MAX_TEXT_LENGTH} characters`);
      if (/^[ \t\r\n]*\[/.test(value) && !JSON_LIST_PATTERN.test(value))
        return new Problem('begins with [ and is no JSON array of texts and numbers');
      const texts = textsOf(feature, value);
      return problemOf(texts) ?? valuesOf(feature, texts);
    }
    if (typeof value !== 'object' || value instanceof Date)
      return new Problem(`must be a list of texts or null, not ${describeValue(value)}`);
    if (value.length > MAX_TEXT_LENGTH) return new Problem(`holds more than ${MAX_TEXT_LENGTH} values`);
    const texts = value.map(String);
    return problemOf(texts) ?? valuesOf(feature, texts);
  },
};
