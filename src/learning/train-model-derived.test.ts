import { CsvFiles } from '../../test/support/csv-files';
import { modelConfigSchema } from './architectures/model-config';
import { artifactInputs } from './export/artifact-inputs';
import { LoadedArtifact } from './export/artifact-predictions';
import { featureSpecSchema } from './features/feature-spec';
import { type HistoryEvent, rawFromRecords } from './features/raw-from-records';
import { prepareExamples } from './preparation/prepare-examples';
import { trainModel } from './train-model';
import { seededRandom } from './training/random';
import { MemoryCheckpoints } from './training/test-support';

const MINUTE_MS = 60_000;
const HEADER = ['id', 'user', 'at', 'kind', 'item', 'bought'];

const spec = featureSpecSchema.parse({
  shape: 'EVENTS',
  idColumn: 'id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  sessionGapMinutes: 45,
  label: { column: 'bought' },
  features: [
    { type: 'derived', name: 'carts', aggregate: 'count', kinds: ['cart'], withinMinutes: 30 },
    { type: 'derived', name: 'idle', aggregate: 'secondsSinceLast', transform: 'log1p' },
    { type: 'derived', name: 'ofItem', aggregate: 'count', by: ['user', 'item'], encoding: 'quantileBins' },
    { type: 'derived', name: 'inSession', aggregate: 'count', withinSession: true },
  ],
  sequence: {
    maxLength: 2,
    fields: [
      { type: 'categorical', name: 'kind' },
      { type: 'categorical', name: 'item' },
    ],
  },
});

describe('a model of derived features', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  it('learns what they tell, and answers a request with a history as it answers the file', async () => {
    const random = seededRandom(11);
    const events = Array.from({ length: 6000 }, (_, i) => ({
      id: `e${i}`,
      user: `u${Math.floor(random() * 40)}`,
      ms: Date.UTC(2024, 0, 1) + Math.floor(i / 3) * MINUTE_MS,
      kind: ['visit', 'cart', 'view'][Math.floor(random() * 3)] ?? '',
      item: `i${Math.floor(random() * 4)}`,
    }));
    const pastOf = ({ user, ms }: (typeof events)[number]) =>
      events.filter((event) => event.user === user && event.ms < ms);
    // Who put two things into the cart within half an hour buys: more than the last two events tell.
    const buys = (moment: (typeof events)[number]) =>
      pastOf(moment).filter(({ kind, ms }) => kind === 'cart' && moment.ms - ms <= 30 * MINUTE_MS).length > 1;
    const csvPath = await files.writeRows([
      HEADER,
      ...events.map((event) => [
        ...[event.id, event.user, new Date(event.ms).toISOString(), event.kind, event.item],
        event.kind === 'visit' ? Number(buys(event)) : '',
      ]),
    ]);
    const prepared = await prepareExamples({ csvPath, spec, workDirectory: files.folder, seed: 1 });
    const trained = await trainModel({
      prepared,
      model: modelConfigSchema.parse({
        architecture: 'bag',
        dense: [8],
        batchSize: 64,
        learningRate: 0.02,
        maxEpochs: 6,
      }),
      device: 'cpu',
      threads: 1,
      checkpoint: new MemoryCheckpoints(),
      signal: new AbortController().signal,
      onPhase: () => undefined,
      onProgress: () => undefined,
    });
    expect(trained.evaluation.rocAuc).toBeGreaterThan(0.98);
    expect(trained.certificate.maxProbabilityDifference).toBeLessThanOrEqual(1e-5);

    const byId = new Map(events.map((event) => [event.id, event]));
    const records = prepared.test.ids().map((id) => {
      const moment = byId.get(id)!;
      const history = pastOf(moment).map(({ ms, kind, item }): HistoryEvent => ({
        at: new Date(ms),
        values: { kind, item },
      }));
      // The item is no feature; it is given for the one that is by it.
      return { at: new Date(moment.ms), features: { item: moment.item }, history };
    });
    const indices = Int32Array.from({ length: prepared.test.count }, (_, i) => i);
    const raw = rawFromRecords(spec, records);
    expect(raw).toEqual(await prepared.test.readRaw(indices));
    expect(Object.keys(artifactInputs(spec, raw))).toContain('f_carts');
    const artifact = await LoadedArtifact.load(trained.artifact, spec, 1);
    const again = await artifact.predict(prepared.test, new AbortController().signal);
    await artifact.close();
    const test = trained.predictions.filter(({ part }) => part === 'test');
    expect(test.map(({ probability }) => probability)).toEqual(Array.from(again));
    await prepared.close();
  });
});
