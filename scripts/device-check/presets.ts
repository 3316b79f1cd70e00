import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Random } from '../../src/engine/nn';
import {
  type ModelConfig,
  type ModelConfigInput,
  modelConfigSchema,
} from '../../src/learning/architectures/model-config';
import { type InputShape } from '../../src/learning/features/encoded-examples';
import { FIRST_CATEGORY_ID } from '../../src/learning/features/feature-map';
import { type FeatureSpec, featureSpecSchema } from '../../src/learning/features/feature-spec';
import { type LabelledExamples } from '../../src/learning/training/trainable';

const FOLDER = path.resolve(__dirname, '../../domains');

export interface Preset {
  readonly slug: string;
  readonly size: 'tiny' | 'standard';
  readonly model: ModelConfig;
  readonly shape: InputShape;
}

/**
 * The presets of every domain, read from the domain's `model` and `features` alone: its resolvers and what they need
 * (a database, a server) stay out, and need not be where this runs.
 */
export function presets(): Preset[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: slug }) => {
      const models = load(slug, 'model') as Record<Preset['size'], ModelConfigInput>;
      const { featureSpec } = load(slug, 'features') as { featureSpec: unknown };
      const shape = shapeOf(featureSpecSchema.parse(featureSpec));
      return (['tiny', 'standard'] as const).map((size) => ({
        slug,
        size,
        model: modelConfigSchema.parse(models[size]),
        shape,
      }));
    });
}

function load(slug: string, file: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- domains are found by listing their folder
  return require(path.join(FOLDER, slug, file));
}

/** Stands in for vocabularies, which are the data's; large enough that rows repeat within a batch and some do not. */
const VOCABULARY = 50;

function shapeOf({ features, sequence }: FeatureSpec): InputShape {
  const fields = sequence?.fields ?? [];
  const cardinalities = (columns: readonly { type: string; maxVocabulary?: number }[]): number[] =>
    columns
      .filter(({ type }) => type === 'categorical')
      .map(({ maxVocabulary = VOCABULARY }) => FIRST_CATEGORY_ID + Math.min(maxVocabulary, VOCABULARY));
  const numbers = (columns: readonly { type: string }[]): number =>
    columns.filter(({ type }) => type !== 'categorical').length;
  return {
    // A number and whether it was missing; a sine and a cosine.
    numericWidth: 2 * numbers(features),
    cardinalities: cardinalities(features),
    ...(sequence && {
      sequence: {
        maxLength: sequence.maxLength,
        numericWidth: numbers(fields),
        cardinalities: cardinalities(fields),
      },
    }),
  };
}

/** Random examples, the same ones each time; histories of all lengths, none and full ones among them. */
export function drawExamples(shape: InputShape, count: number): LabelledExamples {
  const random = new Random(3, count);
  const floats = (size: number): Float32Array => Float32Array.from({ length: size }, () => random.normal());
  const ids = (rows: number, cardinalities: readonly number[]): Int32Array =>
    Int32Array.from({ length: rows * cardinalities.length }, (_, index) =>
      random.below(cardinalities[index % cardinalities.length] ?? 1),
    );
  const { numericWidth, cardinalities, sequence } = shape;
  return {
    count,
    numeric_NF: floats(count * numericWidth),
    categorical_NC: ids(count, cardinalities),
    labels_N: Float32Array.from({ length: count }, () => Number(random.uniform() < 0.3)),
    ...(sequence && {
      sequence: {
        numeric_NTS: floats(count * sequence.maxLength * sequence.numericWidth),
        categorical_NTK: ids(count * sequence.maxLength, sequence.cardinalities),
        lengths_N: Int32Array.from({ length: count }, (_, row) => row % (sequence.maxLength + 1)),
      },
    }),
  };
}
