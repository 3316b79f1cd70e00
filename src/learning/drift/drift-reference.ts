import { z } from 'zod';
import { DRIFT_PARTS } from './drift-columns';

const count = z.number().nonnegative();

/**
 * Numbers: how many lie at or below each cut and above the one before; the last count is of what lies above all cuts, the
 * first of what lies below the smallest number, so that both are 0 in the reference itself.
 */
const numbers = z.strictObject({
  type: z.literal('numbers'),
  cuts: z.array(z.number()),
  counts: z.array(count),
  missing: count,
});

/** Categories: the most frequent, and what is none of them. */
const categories = z.strictObject({
  type: z.literal('categories'),
  categories: z.array(z.string()),
  counts: z.array(count),
  unlisted: count,
  missing: count,
});

const column = z.strictObject({
  part: z.enum(DRIFT_PARTS),
  name: z.string(),
  /** Of how many independent values it says as much. */
  effective: count,
  histogram: z.discriminatedUnion('type', [numbers, categories]),
});

export const driftReferenceSchema = z.strictObject({
  version: z.literal(1),
  /** Inputs: of the training part. */
  columns: z.array(column),
  /** Probabilities: of the test part. */
  score: column,
  /** Labels: of the training part. */
  label: z.strictObject({ examples: count, positives: count, effective: count }),
});

/** What a model's inputs, scores and labels were when it was trained. Plain JSON. */
export type DriftReference = z.infer<typeof driftReferenceSchema>;
export type ReferenceColumn = DriftReference['columns'][number];
export type NumbersHistogram = z.infer<typeof numbers>;
export type CategoriesHistogram = z.infer<typeof categories>;
export type Histogram = NumbersHistogram | CategoriesHistogram;
