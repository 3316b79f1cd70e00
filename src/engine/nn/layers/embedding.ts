import { type Value } from '../../onnx';
import { type Initializer, normal } from '../initializers';
import { type Scope } from '../scope';

export interface EmbeddingOptions {
  /** Number of categories. */
  readonly count: number;
  readonly width: number;
  /** Whether weight decay applies to the rows that a step looks up. Not unless given. */
  readonly decays?: boolean;
  /** Of the rows. Normal, of variance 1/width, unless given. */
  readonly initializer?: Initializer;
}

/** One trainable row per category: ids […] → […, width]. Ids run 0 … count−1. */
export function embedding(scope: Scope, ids: Value, options: EmbeddingOptions): Value {
  return scope.lookup('table', ids, { initializer: normal(1 / Math.sqrt(options.width)), ...options });
}
