import { type Tensor } from '../../src/engine/onnx';
import { Random } from '../../src/engine/nn';
import { Session } from '../../src/engine/runtime';
import { type ModelConfigInput, modelConfigSchema } from '../../src/learning/architectures/model-config';
import { type AverageExample, averageExample } from '../../src/learning/explanation/average-example';
import { buildExplainer } from '../../src/learning/explanation/explainer';
import {
  type Explanation,
  explanationsOf,
  meanExplanation,
} from '../../src/learning/explanation/explanations';
import { MIDDLE, offsetInput, refiningOffsets } from '../../src/learning/explanation/path-points';
import { artifactInputs } from '../../src/learning/export/artifact-inputs';
import { isBagEncoder, rawWidthOf } from '../../src/learning/features/compound';
import { encode } from '../../src/learning/features/encode';
import { type FeatureMap, inputShape } from '../../src/learning/features/feature-map';
import { featureSpecSchema } from '../../src/learning/features/feature-spec';
import { type RawExamples } from '../../src/learning/features/raw-examples';
import { compoundMap } from '../support/compound-map';
import { plainMap } from '../support/plain-map';
import { type ExportedPreset, exportPreset } from '../support/exported-presets';

const N = 24;
const T = 4;

/** The same without history. */
function flat({ sequence, spec, ...map }: FeatureMap): FeatureMap {
  expect(sequence).toBeDefined();
  const features = spec.features.filter(({ type }) => type !== 'derived' && type !== 'cyclic');
  const names = new Set(features.map(({ name }) => name));
  return {
    ...map,
    spec: featureSpecSchema.parse({ shape: 'TABLE', timeColumn: 'at', label: { column: 'y' }, features }),
    numeric: map.numeric.filter(({ name }) => names.has(name)),
  };
}

const MAPS = { plain: plainMap, compound: compoundMap, flat: flat(plainMap) };

const small = { dense: [8], dropout: 0.2 };
const MODELS: Record<string, ModelConfigInput> = {
  linear: { architecture: 'linear' },
  bag: { architecture: 'bag', ...small },
  LSTM: { architecture: 'conv-recurrent', convolution: { filters: 6 }, recurrent: { units: 5 }, ...small },
  'GRU both ways': {
    architecture: 'conv-recurrent',
    convolution: { filters: 6, dilation: 2 },
    recurrent: { cell: 'GRU', units: 5, bidirectional: true },
    ...small,
  },
  'RNN of two members, with effects of categories': {
    architecture: 'conv-recurrent',
    recurrent: { cell: 'RNN', units: 5 },
    members: 2,
    categoryEffects: true,
    ...small,
  },
  'transformer of members with shared weights': {
    architecture: 'transformer',
    attention: { width: 8, heads: 2, blocks: 1, hidden: 8 },
    members: 3,
    memberWeights: 'shared',
    ...small,
  },
  'transformer with mean pooling': {
    architecture: 'transformer',
    attention: { width: 8, heads: 2, blocks: 2, hidden: 8, pooling: 'mean' },
    embeddingDimension: 3,
    ...small,
  },
};

/** N random examples of a map: the first without history, the second with a full one. */
function drawExamples(map: FeatureMap, seed: number): RawExamples {
  const random = new Random(seed);
  const numbers = (count: number) =>
    Float32Array.from({ length: count }, () => (random.uniform() < 0.2 ? NaN : 3 * random.normal()));
  /** Not below 0, as what has elapsed; missing all or none. */
  const together = (count: number, width: number) =>
    Float32Array.from(
      Array.from({ length: count }, () => {
        const isMissing = random.uniform() < 0.2;
        return Array.from({ length: width }, () => (isMissing ? NaN : 3 * random.uniform()));
      }).flat(),
    );
  const texts = (count: number, vocabulary: readonly string[]) =>
    Array.from({ length: count }, () =>
      random.uniform() < 0.2 ? '' : (vocabulary[random.below(vocabulary.length + 1)] ?? 'unheard of'),
    );
  const columns = (
    count: number,
    { numeric, categorical, compound = [] }: Pick<FeatureMap, 'numeric' | 'categorical' | 'compound'>,
  ) => {
    const bags = compound.filter(isBagEncoder);
    const others = compound.filter((encoder) => !isBagEncoder(encoder));
    return {
      numeric: Object.fromEntries([
        ...numeric.map(({ name }) => [name, numbers(count)] as const),
        ...others.map((encoder) => [encoder.name, together(count, rawWidthOf(encoder))] as const),
      ]),
      categorical: Object.fromEntries([
        ...categorical.map(({ name, vocabulary }) => [name, texts(count, vocabulary)] as const),
        ...bags.map(({ name, size, vocabulary }) => [name, texts(count * size, vocabulary)] as const),
      ]),
    };
  };
  const { sequence } = map;
  if (!sequence) return { count: N, ...columns(N, map) };
  const lengths = Int32Array.from({ length: N }, (_, n) => (n === 0 ? 0 : n === 1 ? T : random.below(T + 1)));
  return { count: N, ...columns(N, map), sequence: { maxLength: T, lengths, ...columns(N * T, sequence) } };
}

/** What a model is taken to have been fitted on. */
const trainingPart = (map: FeatureMap): RawExamples => drawExamples(map, 99);

function averageOf(map: FeatureMap): Promise<AverageExample> {
  const encoded = { ...encode(map, trainingPart(map)), labels_N: new Float32Array(N) };
  const source = { count: N, shape: inputShape(map), read: () => Promise.resolve(encoded) };
  return averageExample(source, new AbortController().signal);
}

async function explained(preset: ExportedPreset, steps: number, raw: RawExamples, offset = MIDDLE) {
  const { featureMap } = preset;
  const average = await averageOf(featureMap);
  const bytes = await buildExplainer({ ...preset, average, steps });
  const answer = async (file: Uint8Array, inputs: ReturnType<typeof artifactInputs>) => {
    const session = await Session.create(file, { threads: 1 });
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { type, dims, data }]) => [
        name,
        { dtype: type, shape: dims, data } as Tensor,
      ]),
    );
    const results = await session.run(feeds);
    await session.close();
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
    );
  };
  const inputs = artifactInputs(featureMap.spec, raw);
  const { logit } = await answer(preset.artifact, inputs);
  const offsets = offsetInput(Array<number>(N).fill(offset));
  return { explanations: explanationsOf(await answer(bytes, { ...inputs, ...offsets }), N), logits: logit! };
}

const largest = (explanations: readonly Explanation[], of: (one: Explanation) => number): number =>
  Math.max(...explanations.map((one) => Math.abs(of(one))));

const CASES = Object.keys(MODELS).flatMap((model) =>
  (Object.keys(MAPS) as (keyof typeof MAPS)[]).map((map) => [model, map] as const),
);

describe('what features and events add to a logit', () => {
  it.each(CASES)('%s, %s: adds up to its distance from the average', async (name, of) => {
    const map = MAPS[of];
    const preset = await exportPreset(name, modelConfigSchema.parse(MODELS[name]), map);
    const raw = drawExamples(map, 7);
    const { explanations, logits } = await explained(preset, 256, raw);
    await preset.program.close();
    expect(largest(explanations, ({ error }) => error)).toBeLessThan(0.02);
    // It is the artifact that is explained, and there is something to explain.
    explanations.forEach(({ logit }, n) => expect(Math.abs(logit - logits[n]!)).toBeLessThan(1e-4));
    expect(new Set(explanations.map(({ baseline }) => baseline)).size).toBe(1);
    expect(largest(explanations, ({ logit, baseline }) => logit - baseline)).toBeGreaterThan(0.2);
    // Nothing is said of events that never were.
    const { lengths } = raw.sequence ?? { lengths: new Int32Array(N) };
    const width = map.spec.sequence?.fields.length ?? 0;
    explanations.forEach(({ events }, n) => {
      expect(events.subarray(lengths[n]! * width).every((value) => Math.abs(value) < 1e-6)).toBe(true);
    });
  });

  it('of logistic regression are weights times distances from the average, whatever the number of steps', async () => {
    const map = MAPS.plain;
    const preset = await exportPreset('linear', modelConfigSchema.parse(MODELS.linear), map);
    await preset.program.close();
    const raw = drawExamples(map, 7);
    const { explanations } = await explained(preset, 1, raw);
    const average = await averageOf(map);
    const weight = (name: string) => preset.weights.get(`linear.${name}`)!.data;
    const { scale: slope } = preset.calibration;
    const { numeric_NF, categorical_NC, sequence } = encode(map, raw);
    const shape = inputShape(map);
    const kernel = weight('numbers.kernel');
    const F = shape.numericWidth;
    const S = shape.sequence!.numericWidth;
    // Which columns are a feature's: those of `country` come first among the categories, and so on.
    const numberColumns = {
      age: [0, 1],
      hour: [2, 3],
      spent: [4, 5, 6, 7],
      views: [8, 9],
      visits: [10, 11, 12, 13],
    };
    const fieldColumns = { since: [0], stars: [1, 2, 3, 4] };
    const effect = (table: Float32Array, offset: number, id: number, shares: Float32Array) =>
      table[offset + id]! - shares.reduce((sum, share, other) => sum + share * table[offset + other]!, 0);
    explanations.forEach(({ features, events }, n) => {
      const expected = map.spec.features.map(({ name }) => {
        const column = map.categorical.findIndex((encoder) => encoder.name === name);
        if (column < 0)
          return numberColumns[name as keyof typeof numberColumns].reduce(
            (sum, at) => sum + kernel[at]! * (numeric_NF[n * F + at]! - average.numbers[at]!),
            0,
          );
        const offset = column === 0 ? 0 : shape.cardinalities[0]!;
        const id = categorical_NC[n * shape.cardinalities.length + column]!;
        return effect(weight('categories.width1.table'), offset, id, average.shares[column]!);
      });
      features.forEach((value, index) => expect(value).toBeCloseTo(slope * expected[index]!, 5));
      const length = sequence!.lengths_N[n]!;
      for (let step = 0; step < length; step++) {
        const isLast = step === length - 1 ? 1 : 0;
        const at = n * T + step;
        const ofFields = map.spec.sequence!.fields.map(({ name }) => {
          if (name === 'kind') {
            const id = sequence!.categorical_NTK[at]!;
            const of = (pooled: string) =>
              effect(weight(`history.${pooled}.width1.table`), 0, id, average.events!.shares[0]!);
            return of('mean') / length + isLast * of('last');
          }
          return fieldColumns[name as keyof typeof fieldColumns].reduce((sum, column) => {
            const away = sequence!.numeric_NTS[at * S + column]! - average.events!.numbers[column]!;
            // The kernel's rows: own numbers, the length, the mean of the steps, the last step.
            return sum + away * (kernel[F + 1 + column]! / length + isLast * kernel[F + 1 + S + column]!);
          }, 0);
        });
        ofFields.forEach((value, field) =>
          expect(events[step * ofFields.length + field]).toBeCloseTo(slope * value, 5),
        );
      }
    });
  });

  it.each([flat(plainMap), flat(compoundMap)])(
    'cancel out over the examples that the average was taken of, where the model is linear',
    async (map) => {
      const preset = await exportPreset('linear', modelConfigSchema.parse(MODELS.linear), map);
      await preset.program.close();
      const { explanations } = await explained(preset, 1, trainingPart(map));
      map.spec.features.forEach(({ name }, index) => {
        const sum = explanations.reduce((total, { features }) => total + features[index]!, 0);
        expect({ name, sum: Math.abs(sum) < 1e-4 }).toEqual({ name, sum: true });
        expect(largest(explanations, ({ features }) => features[index]!)).toBeGreaterThan(0);
      });
    },
  );

  it('adds up the better the more steps there are', async () => {
    const preset = await exportPreset('GRU', modelConfigSchema.parse(MODELS['GRU both ways']), MAPS.plain);
    await preset.program.close();
    const raw = drawExamples(MAPS.plain, 7);
    const error = async (steps: number) =>
      largest((await explained(preset, steps, raw)).explanations, (one) => one.error);
    expect(await error(128)).toBeLessThan(await error(4));
  });

  it('is refined by the same file: shifted steps together are three times as many', async () => {
    const preset = await exportPreset('GRU', modelConfigSchema.parse(MODELS['GRU both ways']), MAPS.plain);
    await preset.program.close();
    const raw = drawExamples(MAPS.plain, 7);
    const shifted = await Promise.all(
      [MIDDLE, ...refiningOffsets(1)].map((offset) => explained(preset, 4, raw, offset)),
    );
    const { explanations: finer } = await explained(preset, 12, raw);
    finer.forEach((one, n) => {
      const [first, ...others] = shifted.map(({ explanations }) => explanations[n]!);
      const refined = meanExplanation([first!, ...others]);
      one.features.forEach((value, at) => expect(refined.features[at]).toBeCloseTo(value, 4));
      one.events.forEach((value, at) => expect(refined.events[at]).toBeCloseTo(value, 4));
      expect(refined.error).toBeCloseTo(one.error, 4);
    });
  });
});
