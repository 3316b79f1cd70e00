import { type Graph, type Value } from '../../engine/onnx';
import { labelEncoder } from '../../engine/ops';
import {
  type BagEncoder,
  type CompoundEncoder,
  isBagEncoder,
  isNumbersEncoder,
  numbersKind,
  rawWidthOf,
} from '../features/compound';
import { FIRST_CATEGORY_ID, UNKNOWN_CATEGORY_ID } from '../features/feature-map';

/** What compound features add to the network's inputs: numbers and ids, in the order of the encoded columns. */
export interface CompoundInputs {
  /** float32 […, encoded width]. */
  readonly numbers: readonly Value[];
  /** int64 […, slots]. */
  readonly ids: readonly Value[];
}

/**
 * Adds the inputs of compound features to a graph, and what encodes them.
 *
 * Bags are taken as their categories, padded with the empty string: ONNX has no op that segments Unicode text, so
 * whoever asks the artifact makes the tokens, by the rules of `tokenize`.
 */
export function compoundInputs(
  graph: Graph,
  encoders: readonly CompoundEncoder[] | undefined,
  {
    leading,
    inputOf,
  }: {
    /** The axes before a feature's own: N, or N and T. */
    readonly leading: readonly (string | number)[];
    readonly inputOf: (feature: { readonly name: string }) => string;
  },
): CompoundInputs {
  const inputs = (encoders ?? []).map((encoder) => ({
    encoder,
    raw: graph.input(inputOf(encoder), isBagEncoder(encoder) ? 'string' : 'float32', [
      ...leading,
      rawWidthOf(encoder),
    ]),
  }));
  return {
    numbers: inputs.flatMap(({ encoder, raw }) =>
      isNumbersEncoder(encoder) ? [numbersKind(encoder).graph(encoder, raw)] : [],
    ),
    ids: inputs.flatMap(({ encoder, raw }) => (isBagEncoder(encoder) ? [bagIds(raw, encoder)] : [])),
  };
}

function bagIds(categories: Value, { vocabulary }: BagEncoder): Value {
  const ids = new Map([['', 0]]);
  vocabulary.forEach((category, index) => ids.set(category, index + FIRST_CATEGORY_ID));
  return labelEncoder(categories, ids, UNKNOWN_CATEGORY_ID);
}
