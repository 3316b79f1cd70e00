import { type z } from 'zod';
import { type Value } from '../../../engine/onnx';
import { type GivenValue, type Problem } from '../feature-value';
import { type FitScale } from './number-scale';

/** How a cell of a file is read. */
export type Cell =
  /** A text as it is; empty is missing. */
  | { readonly type: 'text' }
  /** A text that is a JSON array of texts and numbers if it begins with `[`. */
  | { readonly type: 'list' }
  /** So many numbers: a JSON array, or separated by blanks, commas, semicolons or |. */
  | {
      readonly type: 'vector';
      readonly dimension: number;
      /** Words for a missing one. */
      readonly missing?: readonly string[];
      readonly otherLengths?: 'missing';
    }
  /** An ISO 8601 moment, or one that is written in one of these formats. */
  | {
      readonly type: 'moment';
      readonly formats: readonly string[];
      /** Words for a missing one, and moments that stand for it. */
      readonly missing?: readonly string[];
    };

interface Named {
  readonly name: string;
}

/**
 * A kind of feature whose value is a bag of categories: it is embedded one by one, and pooled. In the artifact's input
 * and in encoded examples it has so many slots, filled from the first on.
 */
export interface BagKind<Feature extends Named> {
  readonly holds: 'categories';
  readonly cell: Cell & { readonly type: 'text' | 'list' };
  /** Slots. */
  size(feature: Feature): number;
  pooling(feature: Feature): 'mean' | 'sum';
  maxVocabulary(feature: Feature): number;
  /** The categories of a cell that could be read, none of them empty; at most so many as there are slots. */
  parse(feature: Feature, cell: string): readonly string[];
  /** The same of a request's value. */
  read(feature: Feature, value: GivenValue): readonly string[] | Problem;
}

/** Numbers in a buffer, from an offset on. */
export interface NumbersAt {
  readonly into: Float32Array;
  readonly offset: number;
}

/**
 * A kind of feature whose value is several numbers: `width` raw ones in the artifact's input, `encodedWidth` encoded
 * ones in the network's.
 *
 * `Content` is what a cell or a request's value holds, before it is seen from the moment of prediction.
 */
export interface NumbersKind<Feature extends Named, Encoder, Content> {
  readonly holds: 'numbers';
  readonly encoder: z.ZodType<Encoder>;
  cell(feature: Feature): Cell;
  width(feature: Feature): number;
  read(feature: Feature, value: GivenValue): Content | Problem;
  /** Writes the raw numbers, as they are at the moment of prediction; where it writes nothing, they are missing. */
  write(feature: Feature, content: Content, at: number, target: NumbersAt): void;
  /** @param sample raw numbers of the training part by their place among the `width`, `NaN` where missing */
  fit(feature: Feature, sample: readonly Float32Array[], fitScale: FitScale): Encoder;
  encodedWidth(encoder: Encoder): number;
  encode(encoder: Encoder, raw: NumbersAt, target: NumbersAt): void;
  /** The same in a graph: […, width] → […, encodedWidth]. */
  graph(encoder: Encoder, raw: Value): Value;
}
