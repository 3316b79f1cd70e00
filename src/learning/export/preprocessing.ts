import { type Graph, type Tensor, type Value } from '../../engine/onnx';
import {
  abs,
  add,
  cast,
  concat,
  cos,
  div,
  gather,
  isNaN,
  labelEncoder,
  less,
  log,
  max,
  min,
  mul,
  sign,
  sin,
  sub,
  unsqueeze,
  where,
} from '../../engine/ops';
import { type NetworkInputs, type SequenceInputs } from '../architectures/network';
import {
  type CategoricalEncoder,
  type FeatureMap,
  FIRST_CATEGORY_ID,
  type NumericEncoder,
  UNKNOWN_CATEGORY_ID,
} from '../features/feature-map';
import { featureInput, fieldInput, LENGTH_INPUT } from './artifact-inputs';

/** The artifact's batch dimension. */
const N = 'N';

/**
 * Adds the artifact's inputs to a graph, and what turns them into the network's: the feature map as ONNX ops.
 * Equal to `encode`, up to the last digits of single precision.
 *
 * All numeric columns go through each op together: a served prediction's time is mostly the number of nodes.
 */
export function preprocessing(graph: Graph, map: FeatureMap): NetworkInputs {
  return {
    numeric_NF: staticNumbers(graph, map.numeric),
    categorical_NC: join(
      map.categorical.map((encoder) =>
        categoryIds(graph.input(featureInput(encoder), 'string', [N, 1]), encoder),
      ),
      1,
    ),
    sequence: map.sequence ? sequenceInputs(graph, map.sequence) : null,
  };
}

function staticNumbers(graph: Graph, encoders: FeatureMap['numeric']): Value | null {
  const inputs = encoders.map((encoder) => graph.input(featureInput(encoder), 'float32', [N, 1]));
  const numericAt = encoders.flatMap((encoder, index) => (encoder.type === 'numeric' ? [index] : []));
  const cyclicAt = encoders.flatMap((encoder, index) => (encoder.type === 'cyclic' ? [index] : []));
  const pick = (indices: readonly number[]) => indices.flatMap((index) => inputs[index] ?? []);
  const numeric = pick(numericAt);
  const cyclic = pick(cyclicAt);
  const blocks: Value[] = [];
  if (numeric.length > 0) {
    const raw_ND = concat(numeric, 1);
    blocks.push(
      normalized(
        raw_ND,
        encoders.filter((encoder) => encoder.type === 'numeric'),
      ),
      cast(isNaN(raw_ND), 'float32'),
    );
  }
  if (cyclic.length > 0) {
    const raw_NC = concat(cyclic, 1);
    const periods = encoders.flatMap((encoder) => (encoder.type === 'cyclic' ? [encoder.period] : []));
    const angle_NC = mul(
      raw_NC,
      row(
        graph,
        periods.map((period) => (2 * Math.PI) / period),
      ),
    );
    const missing_NC = isNaN(raw_NC);
    blocks.push(where(missing_NC, 0, wide(sin, angle_NC)), where(missing_NC, 0, wide(cos, angle_NC)));
  }
  const joined = join(blocks, 1);
  if (!joined) return null;
  // The blocks hold all first columns, then all second ones; an example's columns stand in pairs, in spec order.
  const order = encoders.flatMap((encoder, index) => {
    const first =
      encoder.type === 'numeric' ? numericAt.indexOf(index) : 2 * numericAt.length + cyclicAt.indexOf(index);
    return [first, first + (encoder.type === 'numeric' ? numericAt.length : cyclicAt.length)];
  });
  return order.every((column, index) => column === index) ? joined : gather(joined, graph.ints(order), 1);
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
  const numbers = join(
    numeric.map((input) => unsqueeze(input, [2])),
    2,
  );
  const ids = join(
    categorical.map((input, index) => {
      const encoder = map.categorical[index] ?? { name: '', vocabulary: [] };
      return unsqueeze(where(valid_NT, categoryIds(input, encoder), 0), [2]);
    }),
    2,
  );
  return {
    numeric_NTS: numbers && where(valid_NT1, normalized(numbers, map.numeric), 0),
    categorical_NTK: ids,
    lengths_N: cast(lengths, 'int32'),
  };
}

/** Transform, impute, clip, standardize; one encoder for each entry of the last axis. */
function normalized(raw: Value, encoders: readonly NumericEncoder[]): Value {
  const { graph } = raw;
  const constants = (of: (encoder: NumericEncoder) => number) => row(graph, encoders.map(of));
  const transformed = transform(raw, encoders);
  const imputed = where(
    isNaN(raw),
    constants(({ median }) => median),
    transformed,
  );
  const clipped = min(
    max(
      imputed,
      constants(({ low }) => low),
    ),
    constants(({ high }) => high),
  );
  return div(
    sub(
      clipped,
      constants(({ mean }) => mean),
    ),
    constants(({ std }) => std),
  );
}

function transform(raw: Value, encoders: readonly NumericEncoder[]): Value {
  const isLog = encoders.map((encoder) => encoder.transform === 'log1p');
  if (!isLog.includes(true)) return raw;
  const logarithm = mul(sign(raw), wide(log, add(abs(raw), 1)));
  if (!isLog.includes(false)) return logarithm;
  const mask: Tensor = {
    dtype: 'bool',
    shape: [encoders.length],
    data: Uint8Array.from(isLog, (log1p) => (log1p ? 1 : 0)),
  };
  return where(raw.graph.constant(mask), logarithm, raw);
}

/**
 * Computes in double precision. In single precision ONNX Runtime's vector loops and their scalar ends differ in the last
 * bit, so that a row's answer would depend on how many rows are beside it.
 */
function wide(op: (x: Value) => Value, x: Value): Value {
  return cast(op(cast(x, 'float64')), 'float32');
}

/** The empty string is a key of its own, because the op wants at least one. */
function categoryIds(texts: Value, { vocabulary }: CategoricalEncoder): Value {
  const ids = new Map([['', UNKNOWN_CATEGORY_ID]]);
  vocabulary.forEach((category, index) => ids.set(category, index + FIRST_CATEGORY_ID));
  return labelEncoder(texts, ids, UNKNOWN_CATEGORY_ID);
}

function row(graph: Graph, numbers: readonly number[]): Value {
  return graph.constant({ dtype: 'float32', shape: [numbers.length], data: Float32Array.from(numbers) });
}

function join(parts: readonly Value[], axis: number): Value | null {
  return parts.length === 0 ? null : concat(parts, axis);
}
