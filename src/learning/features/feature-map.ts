import { z } from 'zod';
import { AppError } from '../../errors';
import { type InputShape } from './encoded-examples';
import { featureSpecSchema } from './feature-spec';

/** What `version` a map written by this code carries; another version is refused, never guessed at. */
export const FEATURE_MAP_VERSION = 1;

/** Ids below this are reserved: 0 padding, 1 unknown or missing. The vocabulary's first entry has this id. */
export const FIRST_CATEGORY_ID = 2;
export const UNKNOWN_CATEGORY_ID = 1;

const number = z.number();
const name = z.string().min(1);

/**
 * Fitted normalization of one number: transform, impute by `median`, clip to [`low`, `high`], then (x − mean) / std.
 * All five constants are in transformed units and representable in float32; `std` is above 0.
 */
const numericEncoder = z.strictObject({
  type: z.literal('numeric'),
  name,
  /** `log1p`: sign(x)·ln(1+|x|). */
  transform: z.enum(['identity', 'log1p']),
  median: number,
  low: number,
  high: number,
  mean: number,
  std: z.number().positive(),
});

/** sin(2π·x / period) and cos(2π·x / period) of the raw hour (period 24) or day (period 7). */
const cyclicEncoder = z.strictObject({
  type: z.literal('cyclic'),
  name,
  period: z.number().positive(),
});

/** Category `vocabulary[i]` has the id `i + 2`; everything else, the empty string included, has the id 1. */
const categoricalEncoder = z.strictObject({
  name,
  vocabulary: z.array(z.string().min(1)),
});

const featureMapSchema = z.strictObject({
  version: z.literal(FEATURE_MAP_VERSION),
  spec: featureSpecSchema,
  /** Numeric and cyclic features in spec order; each gives two encoded columns. */
  numeric: z.array(z.discriminatedUnion('type', [numericEncoder, cyclicEncoder])),
  /** In spec order; each gives one column of ids. */
  categorical: z.array(categoricalEncoder),
  sequence: z
    .strictObject({
      maxLength: z.int().min(1),
      /** Numeric and elapsed fields in spec order; each gives one encoded column. */
      numeric: z.array(numericEncoder),
      categorical: z.array(categoricalEncoder),
    })
    .optional(),
});

/** The spec with everything that was fitted on the training part. Plain JSON: write it with `JSON.stringify`. */
export type FeatureMap = z.infer<typeof featureMapSchema>;
export type NumericEncoder = z.infer<typeof numericEncoder>;
export type CyclicEncoder = z.infer<typeof cyclicEncoder>;
export type CategoricalEncoder = z.infer<typeof categoricalEncoder>;

/**
 * Reads a map back from its JSON value.
 * @throws AppError INVALID_CONFIGURATION when it is of another version, or is no feature map.
 */
export function parseFeatureMap(json: unknown): FeatureMap {
  const parsed = featureMapSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AppError(
    'INVALID_CONFIGURATION',
    `The stored feature map cannot be read by this version (${FEATURE_MAP_VERSION}); train the model again.`,
    parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  );
}

/** Widths and cardinalities of the encoded examples. */
export function inputShape(map: FeatureMap): InputShape {
  const cardinality = (encoder: CategoricalEncoder) => encoder.vocabulary.length + FIRST_CATEGORY_ID;
  const shape = {
    numericWidth: map.numeric.length * 2,
    cardinalities: map.categorical.map(cardinality),
  };
  if (!map.sequence) return shape;
  return {
    ...shape,
    sequence: {
      maxLength: map.sequence.maxLength,
      numericWidth: map.sequence.numeric.length,
      cardinalities: map.sequence.categorical.map(cardinality),
    },
  };
}
