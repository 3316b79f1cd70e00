import { Graph, type Tensor, type Value, writeModel } from '../../src/engine/onnx';
import { Random, valueScope } from '../../src/engine/nn';
import { Session } from '../../src/engine/runtime';
import { networkLogits } from '../../src/learning/architectures/build-network';
import { networkInputs, networkPorts } from '../../src/learning/architectures/network';
import { calibrate } from '../../src/learning/evaluation/platt-scaling';
import { PROBABILITY_OUTPUT } from '../../src/learning/export/artifact';
import { artifactInputs } from '../../src/learning/export/artifact-inputs';
import { CERTIFICATE_TOLERANCE, certifiedDifference } from '../../src/learning/export/certificate';
import { encode } from '../../src/learning/features/encode';
import { type EncodedExamples } from '../../src/learning/features/encoded-examples';
import { type CategoricalEncoder, inputShape } from '../../src/learning/features/feature-map';
import { type RawExamples } from '../../src/learning/features/raw-examples';
import { type ExportedPreset, exportPresets, PRESET_NAMES } from '../support/exported-presets';

const N = 64;
const DRAWS = 8;

/** Numbers as they come and as they should not: missing, zero, negative, beyond anything that was fitted. */
function drawNumber(random: Random, period?: number): number {
  if (random.uniform() < 0.2) return NaN;
  if (period !== undefined) return random.uniform() * period;
  const magnitude = 10 ** (random.uniform() * 8 - 3);
  return random.uniform() < 0.1 ? 0 : random.uniform() < 0.25 ? -magnitude : magnitude;
}

function drawCategory(random: Random, { vocabulary }: CategoricalEncoder): string {
  const choice = random.uniform();
  if (choice < 0.15 || vocabulary.length === 0) return '';
  return choice < 0.3 ? `unknown ${random.below(1000)}` : vocabulary[random.below(vocabulary.length)]!;
}

/** N random examples: the first without history, the second with a full one, the others of any length. */
function drawExamples({ featureMap }: ExportedPreset, seed: number): RawExamples {
  const random = new Random(seed);
  const numbers = (count: number, period?: number) =>
    Float32Array.from({ length: count }, () => drawNumber(random, period));
  const categories = (count: number, encoder: CategoricalEncoder) =>
    Array.from({ length: count }, () => drawCategory(random, encoder));
  const examples = {
    count: N,
    numeric: Object.fromEntries(
      featureMap.numeric.map((encoder) => [
        encoder.name,
        numbers(N, encoder.type === 'cyclic' ? encoder.period : undefined),
      ]),
    ),
    categorical: Object.fromEntries(
      featureMap.categorical.map((encoder) => [encoder.name, categories(N, encoder)]),
    ),
  };
  const { sequence } = featureMap;
  if (!sequence) return examples;
  const { maxLength } = sequence;
  const lengths = Int32Array.from({ length: N }, (_, n) =>
    n === 0 ? 0 : n === 1 ? maxLength : random.below(maxLength + 1),
  );
  const isPadding = (index: number) => index % maxLength >= lengths[Math.floor(index / maxLength)]!;
  return {
    ...examples,
    sequence: {
      maxLength,
      lengths,
      numeric: Object.fromEntries(
        sequence.numeric.map(({ name }) => [
          name,
          numbers(N * maxLength).map((value, index) => (isPadding(index) ? NaN : value)),
        ]),
      ),
      categorical: Object.fromEntries(
        sequence.categorical.map((encoder) => [
          encoder.name,
          categories(N * maxLength, encoder).map((value, index) => (isPadding(index) ? '' : value)),
        ]),
      ),
    },
  };
}

/** The network as the training loop computes it, step by step of each recurrence, without dropout. */
async function trainingForm({ model, featureMap, weights }: ExportedPreset) {
  const ports = networkPorts(inputShape(featureMap));
  const graph = new Graph();
  const values = Object.fromEntries(
    ports.map(({ name, dtype, shape }) => [name, graph.input(name, dtype, [N, ...shape])]),
  );
  const parameters = new Map<string, Value>(
    [...weights].map(([name, weight]) => [name, graph.initializer(`parameter ${name}`, weight)]),
  );
  const shape = inputShape(featureMap);
  const undropped = { model: { ...model, dropout: 0 }, shape };
  graph.output('logits', networkLogits(valueScope(true, { parameters }), networkInputs(values), undropped));
  const session = await Session.create(writeModel(graph));
  return {
    predict: async (examples: EncodedExamples): Promise<Float32Array> => {
      const feeds = Object.fromEntries(
        ports.map((port) => [
          port.name,
          { dtype: port.dtype, shape: [N, ...port.shape], data: port.read(examples) } as Tensor,
        ]),
      );
      return (await session.run(feeds))['logits']!.data as Float32Array;
    },
    close: () => session.close(),
  };
}

describe('an artifact answers as its trainer does, whatever it is asked', () => {
  let presets: ExportedPreset[];

  beforeAll(async () => {
    presets = await exportPresets();
  });

  afterAll(async () => {
    for (const { program } of presets) await program.close();
  });

  it.each(PRESET_NAMES)('%s', async (name) => {
    const preset = presets.find((candidate) => candidate.name === name)!;
    const { featureMap, calibration, artifact, program } = preset;
    const session = await Session.create(artifact);
    const training = await trainingForm(preset);
    let largest = 0;
    const seen = new Set<number>();
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const raw = drawExamples(preset, draw);
      const feeds = Object.fromEntries(
        Object.entries(artifactInputs(featureMap.spec, raw)).map(([name, { type, dims, data }]) => [
          name,
          { dtype: type, shape: dims, data } as Tensor,
        ]),
      );
      const answers = (await session.run(feeds))[PROBABILITY_OUTPUT]!.data as Float32Array;
      const encoded = encode(featureMap, raw);
      for (const logits of [await program.predict(encoded), await training.predict(encoded)])
        largest = Math.max(largest, certifiedDifference(calibrate(logits, calibration), answers));
      answers.forEach((probability) => seen.add(probability));
    }
    await session.close();
    await training.close();
    expect(largest).toBeLessThanOrEqual(CERTIFICATE_TOLERANCE);
    // The examples differ, and not all are certain: else there would be little to compare.
    expect(seen.size).toBeGreaterThan((DRAWS * N) / 2);
    expect([...seen].filter((p) => p > 0.05 && p < 0.95).length).toBeGreaterThan(N);
  });
});
