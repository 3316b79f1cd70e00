import { CsvFiles } from '../../test/support/csv-files';
import { Random } from '../engine/nn/random';
import { modelConfigSchema } from './architectures/model-config';
import { CERTIFICATE_TOLERANCE } from './export/certificate';
import { type FeatureSpecInput, featureSpecSchema } from './features/feature-spec';
import { prepareExamples } from './preparation/prepare-examples';
import { trainModel } from './train-model';
import { MemoryCheckpoints } from './training/test-support';

type Feature = FeatureSpecInput['features'][number];

const START_MS = Date.UTC(2024, 0, 1);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WORDS = ['sale', 'new', 'best', 'red', 'blue', 'shoe', 'book', 'of', 'the', 'lamp'];

/** A cell, and whether its example is positive: nothing but the cell tells. */
type Draw = (random: Random, at: number) => { readonly cell: string; readonly isPositive: boolean };

const words = (random: Random, separator: string) => {
  const drawn = Array.from({ length: 1 + random.below(6) }, () => WORDS[random.below(WORDS.length)]!);
  return { cell: drawn.join(separator), isPositive: drawn.includes('sale') };
};
const feature = { name: 'x', column: 'cell' };
const cases: [string, Feature, Draw][] = [
  [
    'a word of a text',
    { type: 'text', ...feature, pooling: 'sum' },
    (random) => {
      const { cell, isPositive } = words(random, ' ');
      return { cell: random.below(2) ? cell.toUpperCase() : `“${cell}”!`, isPositive };
    },
  ],
  ['one of many values', { type: 'multi', ...feature }, (random) => words(random, '|')],
  [
    'a direction of a vector',
    { type: 'vector', ...feature, dimension: 8 },
    (random) => {
      const numbers = Array.from({ length: 8 }, () => random.normal());
      return { cell: JSON.stringify(numbers), isPositive: numbers[2]! - numbers[5]! > 0 };
    },
  ],
  [
    'whether a vector is missing',
    { type: 'vector', ...feature, dimension: 2 },
    (random) => {
      const isPositive = random.below(2) === 1;
      return { cell: isPositive ? '' : `${random.normal()} ${random.normal()}`, isPositive };
    },
  ],
  [
    'the hour of another moment',
    { type: 'timestamp', ...feature },
    (random, at) => {
      const ms = at - random.below(100 * 24) * HOUR_MS;
      return { cell: new Date(ms).toISOString(), isPositive: new Date(ms).getUTCHours() < 12 };
    },
  ],
  [
    'the time since another moment',
    { type: 'timestamp', ...feature, parts: [] },
    (random, at) => {
      const ms = at - Math.exp(random.uniform() * 20) * 1000;
      return { cell: new Date(ms).toISOString(), isPositive: at - ms < 5 * HOUR_MS };
    },
  ],
];

describe('what only a compound feature tells', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function learn(rows: string[][], spec: FeatureSpecInput) {
    const csvPath = await files.writeRows(
      rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`)),
    );
    const parsed = featureSpecSchema.parse(spec);
    const prepared = await prepareExamples({ csvPath, spec: parsed, workDirectory: files.folder, seed: 1 });
    const model = { dense: [16], dropout: 0, batchSize: 32, learningRate: 0.01, maxEpochs: 8 };
    const { evaluation, certificate } = await trainModel({
      prepared,
      model: modelConfigSchema.parse({ architecture: 'bag', ...model }),
      device: 'cpu',
      threads: 1,
      checkpoint: new MemoryCheckpoints(),
      signal: new AbortController().signal,
      onPhase: () => undefined,
      onProgress: () => undefined,
    });
    expect(certificate.maxProbabilityDifference).toBeLessThanOrEqual(CERTIFICATE_TOLERANCE);
    return evaluation.rocAuc;
  }

  it.each(cases)('is learnt of a row: %s', async (_, x, draw) => {
    const random = new Random(7);
    const rows = Array.from({ length: 2000 }, (_, n) => {
      const at = START_MS + n * MINUTE_MS;
      const { cell, isPositive } = draw(random, at);
      return [new Date(at).toISOString(), String(Number(isPositive)), cell];
    });
    const rocAuc = await learn([['at', 'y', 'cell'], ...rows], {
      shape: 'TABLE',
      timeColumn: 'at',
      label: { column: 'y' },
      features: [x],
    });
    expect(rocAuc).toBeGreaterThan(0.95);
  });

  it.each(cases)('is learnt of an event in the past: %s', async (_, x, draw) => {
    const random = new Random(8);
    const rows = Array.from({ length: 2000 }, (_, n) => {
      const at = START_MS + n * 10 * MINUTE_MS;
      const { cell, isPositive } = draw(random, at + 5 * MINUTE_MS);
      const [before, moment] = [at, at + 5 * MINUTE_MS].map((ms) => new Date(ms).toISOString());
      return [
        [before!, `u${n}`, 'event', '', cell],
        [moment!, `u${n}`, 'view', String(Number(isPositive)), ''],
      ];
    });
    const rocAuc = await learn([['at', 'user', 'kind', 'y', 'cell'], ...rows.flat()], {
      shape: 'EVENTS',
      subjectColumn: 'user',
      timeColumn: 'at',
      kindColumn: 'kind',
      momentKinds: ['view'],
      label: { column: 'y' },
      features: [],
      sequence: { maxLength: 2, fields: [x as Exclude<Feature, { type: 'cyclic' | 'derived' }>] },
    });
    expect(rocAuc).toBeGreaterThan(0.95);
  });
});
