import { type Value } from '../../engine/onnx';
import { type EncodedExamples, type InputShape } from '../features/encoded-examples';

/** Encoded examples as values of a graph; legend of shapes as in `EncodedExamples`. Null where a width is 0. */
export interface NetworkInputs {
  /** float32. */
  readonly numeric_NF: Value | null;
  /** int32 or int64. */
  readonly categorical_NC: Value | null;
  readonly sequence: SequenceInputs | null;
  /** Of the categorical columns; their own vectors unless given. */
  readonly blend?: CategoryBlend | undefined;
}

/** Puts other vectors in the place of the categories' own: what an explanation moves along its path. */
export interface CategoryBlend {
  /** Of each column, how much each id counts in its average: [cardinality]. A bag's are those of its first column. */
  readonly shares: readonly Float32Array[];
  /**
   * @param vectors of the columns and bags, side by side: […, E]
   * @param average the vectors' average by `shares`: [E]
   * @param columns of each of the E numbers, the column, or the first of the bag
   */
  mix(vectors: Value, average: Value, columns: readonly number[]): Value;
}

export interface SequenceInputs {
  /** float32, 0 at padding. */
  readonly numeric_NTS: Value | null;
  /** int32 or int64, 0 at padding. */
  readonly categorical_NTK: Value | null;
  /** int32, 0..T. */
  readonly lengths_N: Value;
  readonly blend?: CategoryBlend | undefined;
}

/** One tensor that a network takes. */
export interface NetworkPort {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  /** Of one example: the axes after N. */
  readonly shape: readonly number[];
  read(examples: EncodedExamples): Float32Array | Int32Array;
}

const NO_NUMBERS = new Float32Array(0);
const NO_IDS = new Int32Array(0);

/** The tensors that a network over data of this shape takes; none for a width of 0. */
export function networkPorts(shape: InputShape): NetworkPort[] {
  const { sequence } = shape;
  const ports: NetworkPort[] = [];
  if (shape.numericWidth > 0)
    ports.push({
      name: 'numeric',
      dtype: 'float32',
      shape: [shape.numericWidth],
      read: (examples) => examples.numeric_NF,
    });
  if (shape.cardinalities.length > 0)
    ports.push({
      name: 'categorical',
      dtype: 'int32',
      shape: [shape.cardinalities.length],
      read: (examples) => examples.categorical_NC,
    });
  if (!sequence) return ports;
  const { maxLength, numericWidth, cardinalities } = sequence;
  if (numericWidth > 0)
    ports.push({
      name: 'sequenceNumeric',
      dtype: 'float32',
      shape: [maxLength, numericWidth],
      read: (examples) => examples.sequence?.numeric_NTS ?? NO_NUMBERS,
    });
  if (cardinalities.length > 0)
    ports.push({
      name: 'sequenceCategorical',
      dtype: 'int32',
      shape: [maxLength, cardinalities.length],
      read: (examples) => examples.sequence?.categorical_NTK ?? NO_IDS,
    });
  ports.push({
    name: 'lengths',
    dtype: 'int32',
    shape: [],
    read: (examples) => examples.sequence?.lengths_N ?? NO_IDS,
  });
  return ports;
}

/** The ports' values, by name, as a network takes them. */
export function networkInputs(values: Readonly<Record<string, Value>>): NetworkInputs {
  const { numeric, categorical, sequenceNumeric, sequenceCategorical, lengths } = values;
  return {
    numeric_NF: numeric ?? null,
    categorical_NC: categorical ?? null,
    sequence: lengths
      ? {
          numeric_NTS: sequenceNumeric ?? null,
          categorical_NTK: sequenceCategorical ?? null,
          lengths_N: lengths,
        }
      : null,
  };
}
