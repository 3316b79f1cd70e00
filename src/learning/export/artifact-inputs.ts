import { isCompound, rawWidth } from '../features/compound';
import {
  type FeatureSpec,
  holdsCategories,
  type SequenceField,
  type StaticFeature,
} from '../features/feature-spec';
import { type RawExamples, type RawSequences } from '../features/raw-examples';

/** A tensor as ONNX Runtime takes it. */
export type ArtifactTensor =
  | { readonly type: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'int64'; readonly dims: readonly number[]; readonly data: BigInt64Array }
  | { readonly type: 'string'; readonly dims: readonly number[]; readonly data: readonly string[] };

/** Name of the artifact's input for a static feature: [N, 1]; [N, W] for a compound one with W raw values. */
export const featureInput = ({ name }: Pick<StaticFeature, 'name'>): string => `f_${name}`;
/** Name of the artifact's input for a sequence field: [N, T]; [N, T, W] for a compound one. */
export const fieldInput = ({ name }: Pick<SequenceField, 'name'>): string => `s_${name}`;
/** Name of the artifact's input for the number of valid events: [N], int64. */
export const LENGTH_INPUT = 's_length';

/**
 * Raw examples as the artifact's inputs, by name; no copies are made but for the lengths.
 *
 * @throws RangeError when the examples lack a feature of the spec, or a feature's length is not N (or N·T).
 */
export function artifactInputs(
  spec: FeatureSpec,
  raw: RawExamples<Categories>,
): Record<string, ArtifactTensor> {
  const inputs: Record<string, ArtifactTensor> = {};
  for (const feature of spec.features) {
    const width = isCompound(feature) ? rawWidth(feature) : 1;
    inputs[featureInput(feature)] = tensor(feature.name, valuesOf(raw, feature), [raw.count, width]);
  }
  if (!spec.sequence) return inputs;
  const sequences = raw.sequence ?? missing('the event sequence');
  const dims = [raw.count, sequences.maxLength];
  for (const field of spec.sequence.fields)
    inputs[fieldInput(field)] = tensor(
      field.name,
      valuesOf(sequences, field),
      isCompound(field) ? [...dims, rawWidth(field)] : dims,
    );
  inputs[LENGTH_INPUT] = {
    type: 'int64',
    dims: [raw.count],
    data: BigInt64Array.from(sequences.lengths, BigInt),
  };
  return inputs;
}

/** Texts, or the ids of their vocabularies. */
type Categories = readonly string[] | BigInt64Array;

function valuesOf(
  raw: RawExamples<Categories> | RawSequences<Categories>,
  feature: StaticFeature | SequenceField,
) {
  return (holdsCategories(feature) ? raw.categorical : raw.numeric)[feature.name];
}

function tensor(
  name: string,
  data: Float32Array | Categories | undefined,
  dims: readonly number[],
): ArtifactTensor {
  if (!data) return missing(name);
  const expected = dims.reduce((product, dim) => product * dim, 1);
  if (data.length !== expected)
    throw new RangeError(`${name} has ${data.length} values, expected ${expected}`);
  if (data instanceof Float32Array) return { type: 'float32', dims, data };
  return data instanceof BigInt64Array ? { type: 'int64', dims, data } : { type: 'string', dims, data };
}

function missing(what: string): never {
  throw new RangeError(`the raw examples lack ${what}`);
}
