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
  const { features, fields } = namesOf(spec);
  const inputs: Record<string, ArtifactTensor> = {};
  for (const feature of features)
    inputs[feature.input] = tensor(feature.name, valuesOf(raw, feature), [raw.count, feature.width]);
  if (!fields) return inputs;
  const sequences = raw.sequence ?? missing('the event sequence');
  const dims = [raw.count, sequences.maxLength];
  for (const field of fields)
    inputs[field.input] = tensor(
      field.name,
      valuesOf(sequences, field),
      field.isCompound ? [...dims, field.width] : dims,
    );
  const lengths = new BigInt64Array(raw.count);
  for (let n = 0; n < raw.count; n++) lengths[n] = BigInt(sequences.lengths[n] ?? 0);
  inputs[LENGTH_INPUT] = { type: 'int64', dims: [raw.count], data: lengths };
  return inputs;
}

/** Texts, or the ids of their vocabularies. */
type Categories = readonly string[] | BigInt64Array;

interface NamedInput {
  readonly name: string;
  readonly input: string;
  readonly holds: 'numeric' | 'categorical';
  readonly isCompound: boolean;
  readonly width: number;
}

interface Names {
  readonly features: readonly NamedInput[];
  readonly fields: readonly NamedInput[] | null;
}

/** Names are put together once for a specification, which many requests are read by. */
const names = new WeakMap<FeatureSpec, Names>();

function namesOf(spec: FeatureSpec): Names {
  let known = names.get(spec);
  if (!known) {
    known = {
      features: spec.features.map((feature) => named(feature, featureInput(feature))),
      fields: spec.sequence?.fields.map((field) => named(field, fieldInput(field))) ?? null,
    };
    names.set(spec, known);
  }
  return known;
}

function named(feature: StaticFeature | SequenceField, input: string): NamedInput {
  const width = isCompound(feature) ? rawWidth(feature) : 1;
  const holds = holdsCategories(feature) ? 'categorical' : 'numeric';
  return { name: feature.name, input, holds, isCompound: isCompound(feature), width };
}

function valuesOf(
  raw: RawExamples<Categories> | RawSequences<Categories>,
  { name, holds }: NamedInput,
): Float32Array | Categories | undefined {
  return raw[holds][name];
}

function tensor(
  name: string,
  data: Float32Array | Categories | undefined,
  dims: readonly number[],
): ArtifactTensor {
  if (!data) return missing(name);
  let expected = 1;
  for (const dim of dims) expected *= dim;
  if (data.length !== expected)
    throw new RangeError(`${name} has ${data.length} values, expected ${expected}`);
  if (data instanceof Float32Array) return { type: 'float32', dims, data };
  return data instanceof BigInt64Array ? { type: 'int64', dims, data } : { type: 'string', dims, data };
}

function missing(what: string): never {
  throw new RangeError(`the raw examples lack ${what}`);
}
