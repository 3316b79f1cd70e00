import { z } from 'zod';
import { isWord } from '../cell-text';
import { textCleaning } from '../cleaning';
import { describeValue, Problem } from '../feature-value';
import { columnName, featureName } from '../spec-fields';
import { type BagKind } from './compound-kind';
import { tokenize } from './tokenize';

/** Longer texts are documents; files quarantine them, requests are refused. */
export const MAX_TEXT_LENGTH = 65_536;

/** Words in any language, such as a title or the copy of an ad: a bag of its tokens. */
export const textFeature = z.strictObject({
  type: z.literal('text'),
  name: featureName,
  column: columnName.optional(),
  /** Tokens that are read, from the first on. */
  maxTokens: z.int().min(1).max(256).default(32),
  /** Most frequent tokens of the training part; all others share the unknown bucket. */
  maxVocabulary: z.int().min(1).max(1_000_000).default(10_000),
  /** How the tokens' vectors become one: their mean, or their sum. */
  pooling: z.enum(['mean', 'sum']).default('mean'),
  cleaning: textCleaning.optional(),
});

export type TextFeature = z.infer<typeof textFeature>;

const tokensOf = ({ maxTokens, cleaning }: TextFeature, cell: string): string[] =>
  isWord(cleaning?.missing, cell) ? [] : tokenize(cell, maxTokens);

export const text: BagKind<TextFeature> = {
  holds: 'categories',
  cell: { type: 'text' },
  size: ({ maxTokens }) => maxTokens,
  pooling: ({ pooling }) => pooling,
  maxVocabulary: ({ maxVocabulary }) => maxVocabulary,
  parse: tokensOf,
  read: (feature, value) => {
    if (typeof value !== 'string') return new Problem(`must be a text or null, not ${describeValue(value)}`);
    if (value.length > MAX_TEXT_LENGTH) return new Problem(`is longer than ${MAX_TEXT_LENGTH} characters`);
    return tokensOf(feature, value);
  },
};
