import { z } from 'zod';
import { AppError } from '../../errors';
import { categoryCleaning, numberCleaning } from './cleaning';
import { compoundEncoder } from './compound';
import { compoundShape } from './compound/encode-compound';
import { type InputShape } from './encoded-examples';
import { featureSpecSchema } from './feature-spec';
import { columnsOfFeature, columnsOfField } from './numeric-encoding';

/** What `version` a map written by this code carries; another version is refused, never guessed at. */
export const FEATURE_MAP_VERSION = 1;

/** Ids below this are reserved: 0 padding, 1 unknown or missing. The vocabulary's first entry has this id. */
export const FIRST_CATEGORY_ID = 2;
export const UNKNOWN_CATEGORY_ID = 1;

const number = z.number();
const name = z.string().min(1);

const ascending = z
  .array(number)
  .refine((edges) => edges.every((edge, index) => index === 0 || edge > (edges[index - 1] ?? Infinity)), {
    error: 'must ascend',
  });

/** Representable in float32, as are the constants of the encoder. */
const numericCode = z.discriminatedUnion('kind', [
  /** 1 in the last bin that does not start above the raw number; the first bin has no lower end. */
  z.strictObject({ kind: z.literal('quantileBins'), starts: ascending.min(1) }),
  /** How far the transformed number has come through each bin between two edges, 0 to 1. */
  z.strictObject({ kind: z.literal('piecewiseLinear'), edges: ascending.min(2) }),
]);

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
  /** What the network sees instead of the normalized number. */
  code: numericCode.optional(),
  /** Applied first, to the raw number; its numbers are representable in float32. */
  cleaning: numberCleaning.optional(),
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
  /** Applied first; the vocabulary is of mended categories. */
  cleaning: categoryCleaning.optional(),
});

const featureMapSchema = z.strictObject({
  version: z.literal(FEATURE_MAP_VERSION),
  spec: featureSpecSchema,
  /** Numeric and cyclic features in spec order; `columnsOfFeature` says how many encoded columns each gives. */
  numeric: z.array(z.discriminatedUnion('type', [numericEncoder, cyclicEncoder])),
  /** In spec order; each gives one column of ids. */
  categorical: z.array(categoricalEncoder),
  /** In spec order; their encoded columns stand behind the others. None unless given. */
  compound: z.array(compoundEncoder).optional(),
  sequence: z
    .strictObject({
      maxLength: z.int().min(1),
      /** Numeric and elapsed fields in spec order; `columnsOfField` says how many encoded columns each gives. */
      numeric: z.array(numericEncoder),
      categorical: z.array(categoricalEncoder),
      compound: z.array(compoundEncoder).optional(),
    })
    .optional(),
});

/** The spec with everything that was fitted on the training part. Plain JSON: write it with `JSON.stringify`. */
export type FeatureMap = z.infer<typeof featureMapSchema>;
export type NumericEncoder = z.infer<typeof numericEncoder>;
export type NumericCode = z.infer<typeof numericCode>;
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
  const compound = compoundShape(map.compound, map.categorical.length);
  const shape = {
    numericWidth: sum(map.numeric.map(columnsOfFeature)) + compound.numericWidth,
    cardinalities: [...map.categorical.map(cardinality), ...compound.cardinalities],
    bags: compound.bags,
  };
  if (!map.sequence) return shape;
  const ofEvents = compoundShape(map.sequence.compound, map.sequence.categorical.length);
  return {
    ...shape,
    sequence: {
      maxLength: map.sequence.maxLength,
      numericWidth: sum(map.sequence.numeric.map(columnsOfField)) + ofEvents.numericWidth,
      cardinalities: [...map.sequence.categorical.map(cardinality), ...ofEvents.cardinalities],
      bags: ofEvents.bags,
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, next) => total + next, 0);
