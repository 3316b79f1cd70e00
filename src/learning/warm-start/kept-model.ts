import { z } from 'zod';
import { AppError } from '../../errors';
import { type Weights } from '../../engine/nn';
import { type ModelConfig, modelConfigSchema } from '../architectures/model-config';
import { type FeatureMap, parseFeatureMap } from '../features/feature-map';
import { decodeTensorFile, encodeTensorFile } from '../training/tensor-file';
import { seenExamples, type SeenExamples } from './seen-examples';

/** What is kept of a model, beside its artifact, so that a later training can start from it. */
export interface KeptModel {
  readonly model: ModelConfig;
  readonly featureMap: FeatureMap;
  /** As trained, by name: an artifact has them in other forms. */
  readonly weights: Weights;
  readonly seen: SeenExamples;
}

const FORMAT = 1;
const metaSchema = z.strictObject({
  format: z.literal(FORMAT),
  model: modelConfigSchema,
  featureMap: z.unknown(),
  seen: seenExamples,
});

export function encodeKeptModel({ model, featureMap, weights, seen }: KeptModel): Uint8Array {
  return encodeTensorFile(
    { format: FORMAT, model, featureMap, seen },
    Array.from(weights, ([name, { shape, data }]) => ({ name, dims: shape, data })),
  );
}

/** @returns null where the bytes are damaged, or of a version that is not read any more */
export function decodeKeptModel(bytes: Uint8Array): KeptModel | null {
  const file = decodeTensorFile(bytes);
  const meta = metaSchema.safeParse(file?.meta);
  if (!file || !meta.success) return null;
  const { model, seen } = meta.data;
  try {
    return {
      model,
      featureMap: parseFeatureMap(meta.data.featureMap),
      seen,
      weights: new Map(
        file.tensors.map(({ name, dims, data }) => [name, { dtype: 'float32', shape: dims, data }]),
      ),
    };
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
