/**
 * Kinds of features whose value is more than one number or one category: one file each, with what may be specified,
 * how cells and requests are read, what is fitted, how it is encoded, and the same as ONNX ops. A new kind is one file
 * more, and one more entry in each list here.
 */
import { z } from 'zod';
import { type BagKind, type NumbersKind } from './compound-kind';
import { multi, type MultiFeature, multiFeature } from './multi';
import { text, textFeature } from './text';
import { timestamp, timestampEncoder, timestampFeature } from './timestamp';
import { tokenize } from './tokenize';
import { vector, vectorEncoder, vectorFeature } from './vector';

export type { MultiFeature } from './multi';
export type { BagKind, Cell, NumbersAt, NumbersKind } from './compound-kind';

export const COMPOUND_FEATURES = [multiFeature, textFeature, vectorFeature, timestampFeature] as const;

/** As the feature spec has it. */
export type CompoundFeature = z.infer<(typeof COMPOUND_FEATURES)[number]>;
export type BagFeature = Extract<CompoundFeature, { type: keyof typeof BAGS }>;
export type NumbersFeature = Extract<CompoundFeature, { type: keyof typeof NUMBERS }>;

const BAGS = { multi, text };
const NUMBERS = { vector, timestamp };

/** Category `vocabulary[i]` has the id `i + 2`, any other has the id 1; slots that hold none, the empty string, have the id 0. */
const bagEncoder = z.strictObject({
  type: z.enum(['multi', 'text']),
  name: z.string().min(1),
  /** Slots. */
  size: z.int().min(1),
  pooling: z.enum(['mean', 'sum']),
  vocabulary: z.array(z.string().min(1)),
});
export type BagEncoder = z.infer<typeof bagEncoder>;
export type NumbersEncoder = z.infer<typeof vectorEncoder> | z.infer<typeof timestampEncoder>;

/** What was fitted to a compound feature. */
export const compoundEncoder = z.discriminatedUnion('type', [bagEncoder, vectorEncoder, timestampEncoder]);
export type CompoundEncoder = z.infer<typeof compoundEncoder>;

export const isBag = (feature: CompoundFeature): feature is BagFeature => feature.type in BAGS;
export const isBagEncoder = (encoder: CompoundEncoder): encoder is BagEncoder => encoder.type in BAGS;
export const isNumbersEncoder = (encoder: CompoundEncoder): encoder is NumbersEncoder =>
  encoder.type in NUMBERS;

/** Whether a feature is of a kind that is described here. */
export function isCompound<F extends { readonly type: string }>(
  feature: F,
): feature is Extract<F, CompoundFeature> {
  return isCompoundType(feature.type);
}

export const isCompoundType = (type: string): type is CompoundFeature['type'] =>
  type in BAGS || type in NUMBERS;

export function bagKind(feature: Pick<BagFeature, 'type'>): BagKind<BagFeature> {
  return BAGS[feature.type];
}

/** The kinds' contents differ, and only what a kind has read is ever given back to it. */
export function numbersKind(
  feature: Pick<NumbersFeature, 'type'>,
): NumbersKind<NumbersFeature, NumbersEncoder, number | ArrayLike<number>> {
  return NUMBERS[feature.type];
}

/** The values that a set's cell holds. */
export const valuesOfSet = (feature: MultiFeature, cell: string): readonly string[] =>
  multi.parse(feature, cell);

/** The first of the tokens that a text has. */
export const tokensOf = (cell: string): readonly string[] => tokenize(cell, 1);

/** Raw values of one example (or event): slots, or numbers. */
export function rawWidth(feature: CompoundFeature): number {
  return isBag(feature) ? bagKind(feature).size(feature) : numbersKind(feature).width(feature);
}

/** How its column of the file is read. */
export function cellOf(feature: CompoundFeature) {
  return isBag(feature) ? bagKind(feature).cell : numbersKind(feature).cell(feature);
}

/** As {@link rawWidth}, of what was fitted. */
export function rawWidthOf(encoder: CompoundEncoder): number {
  switch (encoder.type) {
    case 'multi':
    case 'text':
      return encoder.size;
    case 'vector':
      return encoder.scales.length;
    case 'timestamp':
      return 1 + encoder.periods.length;
  }
}
