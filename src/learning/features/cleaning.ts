import { z } from 'zod';
import { canonicalCategory } from './category';
import { trimText } from './cell-text';
import { TIME_FORMATS } from './time-formats';

const number = z.number();
/** A category has 1,024 characters at most, of one or two units each. */
const text = z.string().max(2048);
/** As the categories are that it is compared with. */
const category = text.overwrite(canonicalCategory);
/** More than all proposals for a column come to. */
const MAX_ENTRIES = 10_000;

/**
 * How a number is mended before anything else is done with it, in files as in requests: codes such as −1 become missing,
 * what is beyond the bounds is moved to them, and what is missing gets a value.
 */
export const numberCleaning = z.strictObject({
  /** Numbers that stand for "not known". */
  missing: z.array(number).min(1).max(100).optional(),
  /** Words for it, in files: a request has no words where it has numbers. In any case. */
  missingWords: z
    .array(text.overwrite((word) => word.trim().toLowerCase()))
    .min(1)
    .max(MAX_ENTRIES)
    .optional(),
  clip: z
    .strictObject({ low: number, high: number })
    .refine(({ low, high }) => low <= high, { error: 'low must not be above high' })
    .optional(),
  /** Instead of a missing number. */
  fill: number.optional(),
});

/**
 * How a category is mended before it is looked up, in files as in requests, in this order: other spellings become one,
 * words for "not known" become missing, rare categories become one, and what is missing gets a category.
 */
export const categoryCleaning = z.strictObject({
  /** From a spelling to the one that is meant. */
  spellings: z
    .array(z.tuple([category, category.min(1)]))
    .min(1)
    .max(MAX_ENTRIES)
    .optional(),
  missing: z.array(category.min(1)).min(1).max(MAX_ENTRIES).optional(),
  /** All categories but these become `other`; so do those that are new. */
  keep: z
    .strictObject({ categories: z.array(category.min(1)).max(MAX_ENTRIES), other: category.min(1) })
    .optional(),
  fill: category.min(1).optional(),
});

/** How each value of a set is mended, in this order; a set of which none is left is empty, as an absent one is. */
export const setCleaning = categoryCleaning.omit({ fill: true });

/** Whole cells that stand for "not known", in any case of the letters A to Z. */
const missingCells = z
  .array(text.overwrite(trimText).refine((word) => word !== '', 'is missing anyway'))
  .min(1)
  .max(MAX_ENTRIES)
  .optional();

/** How a text is mended before its tokens are made. */
export const textCleaning = z.strictObject({ missing: missingCells });

/** How a vector is mended; one that is missing has no numbers. */
export const vectorCleaning = z.strictObject({
  missing: missingCells,
  /** Whether one of zeros alone is missing. */
  zeros: z.literal('missing').optional(),
  /** Whether one of another length is missing, instead of an error. */
  otherLengths: z.literal('missing').optional(),
});

/** How moments may be written besides ISO 8601: the first that fits. Without an offset they are UTC. */
const timeFormats = z
  .array(
    z.enum(
      TIME_FORMATS,
      `is no format of moments that is known: unix, unixms, or such as ${TIME_FORMATS.filter((format) => !format.includes('%H')).join(', ')}, each but the last also with %H:%M or %H:%M:%S after a blank`,
    ),
  )
  .min(1)
  .max(10);

/** What is done with the rows of a file; requests have none. */
export const rowCleaning = z.strictObject({
  /** Of rows that are the same in every cell, the first is kept. */
  dropDuplicates: z.boolean().optional(),
  /** Of the column that holds the row's moment. */
  timeFormats: timeFormats.optional(),
});

/** What is done with the rows of an entity's file. */
export const entityCleaning = z.strictObject({
  /** Of `validFromColumn`, after those of the rows' own moments. */
  timeFormats: timeFormats.optional(),
  /** Of the rows that have the same id, and moment where they have one, the last of the file is kept; else none can be believed. */
  keepLast: z.boolean().optional(),
});

/** How the cell of a timestamp is read, in files as in requests. */
export const momentCleaning = z.strictObject({
  timeFormats: timeFormats.optional(),
  /** Of those that can be read, the same moments however they are written. */
  missing: missingCells,
});

export type NumberCleaning = z.infer<typeof numberCleaning>;
export type CategoryCleaning = z.infer<typeof categoryCleaning>;
export type SetCleaning = z.infer<typeof setCleaning>;
export type TextCleaning = z.infer<typeof textCleaning>;
export type VectorCleaning = z.infer<typeof vectorCleaning>;
export type MomentCleaning = z.infer<typeof momentCleaning>;
export type RowCleaning = z.infer<typeof rowCleaning>;

/** With its numbers in single precision, which is what values come in. */
export function inSinglePrecision({ missing, clip, fill }: NumberCleaning): NumberCleaning {
  return {
    ...(missing && { missing: missing.map(Math.fround) }),
    ...(clip && { clip: { low: Math.fround(clip.low), high: Math.fround(clip.high) } }),
    ...(fill !== undefined && { fill: Math.fround(fill) }),
  };
}

/** @param value in single precision; `NaN` is missing */
export function cleanNumber(cleaning: NumberCleaning | undefined, value: number): number {
  if (!cleaning) return value;
  const { missing, clip, fill = NaN } = cleaning;
  if (Number.isNaN(value) || missing?.includes(value) === true) return fill;
  return clip ? Math.min(Math.max(value, clip.low), clip.high) : value;
}

/** A function from categories to mended ones; the empty string is missing. */
export function categoryCleaner(cleaning: CategoryCleaning | undefined): (category: string) => string {
  if (!cleaning) return (category) => category;
  const spellings = new Map(cleaning.spellings);
  const missing = new Set(cleaning.missing);
  const { keep, fill = '' } = cleaning;
  const kept = new Set(keep?.categories);
  return (category) => {
    const meant = spellings.get(category) ?? category;
    if (meant === '' || missing.has(meant)) return fill;
    return keep && !kept.has(meant) ? keep.other : meant;
  };
}

/** The categories that a cleaning names: all others fare alike. */
export function namedCategories(cleaning: CategoryCleaning | undefined): string[] {
  const { spellings = [], missing = [], keep } = cleaning ?? {};
  return [...spellings.map(([from]) => from), ...missing, ...(keep?.categories ?? [])];
}

const cleaners = new WeakMap<SetCleaning, (category: string) => string>();

/** As {@link categoryCleaner}, made once: a set is read value by value. */
export function setCleaner(cleaning: SetCleaning): (category: string) => string {
  const known = cleaners.get(cleaning);
  if (known) return known;
  const clean = categoryCleaner(cleaning);
  cleaners.set(cleaning, clean);
  return clean;
}
