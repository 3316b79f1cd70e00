import { type Graph, type Value } from '../../engine/onnx';
import { cast, concat, labelEncoder, less, unsqueeze, where } from '../../engine/ops';
import { type NetworkInputs, type SequenceInputs } from '../architectures/network';
import { namedCategories } from '../features/cleaning';
import { categoryIds as encodedIds } from '../features/encode';
import { type CategoricalEncoder, type FeatureMap, UNKNOWN_CATEGORY_ID } from '../features/feature-map';
import { featureInput, fieldInput, LENGTH_INPUT } from './artifact-inputs';
import { compoundInputs } from './compound-preprocessing';
import { featureNumbers, fieldNumbers } from './numeric-preprocessing';

/** The artifact's batch dimension. */
const N = 'N';

/**
 * Adds the artifact's inputs to a graph, and what turns them into the network's: the feature map as ONNX ops.
 * Equal to `encode`, up to the last digits of single precision.
 *
 * All numeric columns go through each op together: a served prediction's time is mostly the number of nodes.
 */
export function preprocessing(graph: Graph, map: FeatureMap): NetworkInputs {
  const numbers = featureNumbers(
    map.numeric.map((encoder) => graph.input(featureInput(encoder), 'float32', [N, 1])),
    map.numeric,
  );
  const ids = map.categorical.map((encoder) =>
    categoryIds(graph.input(featureInput(encoder), 'string', [N, 1]), encoder),
  );
  const compound = compoundInputs(graph, map.compound, { leading: [N], inputOf: featureInput });
  return {
    numeric_NF: join([...(numbers ? [numbers] : []), ...compound.numbers], 1),
    categorical_NC: join([...ids, ...compound.ids], 1),
    sequence: map.sequence ? sequenceInputs(graph, map.sequence) : null,
  };
}

function sequenceInputs(graph: Graph, map: NonNullable<FeatureMap['sequence']>): SequenceInputs {
  const shape = [N, map.maxLength];
  const numeric = map.numeric.map((encoder) => graph.input(fieldInput(encoder), 'float32', shape));
  const categorical = map.categorical.map((encoder) => graph.input(fieldInput(encoder), 'string', shape));
  const lengths = graph.input(LENGTH_INPUT, 'int64', [N]);
  const steps = graph.constant({
    dtype: 'int64',
    shape: [1, map.maxLength],
    data: BigInt64Array.from({ length: map.maxLength }, (_, step) => BigInt(step)),
  });
  const valid_NT = less(steps, unsqueeze(lengths, [1]));
  const valid_NT1 = unsqueeze(valid_NT, [2]);
  const numbers = fieldNumbers(
    numeric.map((input) => unsqueeze(input, [2])),
    map.numeric,
  );
  const ids = categorical.map((input, index) => {
    const encoder = map.categorical[index] ?? { name: '', vocabulary: [] };
    return unsqueeze(where(valid_NT, categoryIds(input, encoder), 0), [2]);
  });
  const compound = compoundInputs(graph, map.compound, { leading: shape, inputOf: fieldInput });
  const joined = join([...(numbers ? [numbers] : []), ...compound.numbers], 2);
  const bags = compound.ids.map((bag) => where(valid_NT1, bag, 0));
  return {
    numeric_NTS: joined && where(valid_NT1, joined, 0),
    categorical_NTK: join([...ids, ...bags], 2),
    lengths_N: cast(lengths, 'int32'),
  };
}

/** The empty string is a key of its own, because the op wants at least one. */
function categoryIds(texts: Value, encoder: CategoricalEncoder): Value {
  const { vocabulary, cleaning } = encoder;
  const idOf = encodedIds(encoder);
  const id = (category: string) => idOf.get(category) ?? UNKNOWN_CATEGORY_ID;
  const named = ['', ...vocabulary, ...namedCategories(cleaning)];
  // Whatever is not named is kept or not, as all others are.
  const other = cleaning?.keep ? id(cleaning.keep.other) : UNKNOWN_CATEGORY_ID;
  return labelEncoder(texts, new Map(named.map((category) => [category, id(category)])), other);
}

function join(parts: readonly Value[], axis: number): Value | null {
  return parts.length === 0 ? null : concat(parts, axis);
}
