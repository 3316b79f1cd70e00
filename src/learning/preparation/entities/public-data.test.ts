import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { prepareExamples, type PreparedExamples } from '../prepare-examples';

const data = process.env['PROPENSITY_SHARED_DATA'] ?? '';
const describeWithData = data === '' ? describe.skip : describe;

describeWithData('entities of public data', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'propensity-entities-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function prepare(
    spec: FeatureSpecInput,
    rows: string,
    { name, file }: { name: string; file: string },
  ): Promise<PreparedExamples> {
    return prepareExamples({
      csvPath: join(data, rows),
      entities: [{ name, path: join(data, file) }],
      spec: featureSpecSchema.parse(spec),
      workDirectory: folder,
      seed: 0,
    });
  }

  it("reads MovieLens' genres in features, histories and keys", async () => {
    const prepared = await prepare(
      {
        shape: 'EVENTS',
        subjectColumn: 'userId',
        timeColumn: 'timestamp',
        momentKinds: ['*'],
        cleaning: { timeFormats: ['unix'] },
        label: { column: 'rating', atLeast: 4 },
        entities: [{ name: 'movies', key: 'movieId', idColumn: 'movieId' }],
        features: [
          { type: 'multi', name: 'genres', column: 'movies.genres', separator: '|' },
          { type: 'text', name: 'title', column: 'movies.title', maxTokens: 8 },
          { type: 'derived', name: 'rated', aggregate: 'count', by: ['userId', 'movies.genres'] },
        ],
        sequence: {
          maxLength: 5,
          fields: [
            { type: 'multi', name: 'genres', column: 'movies.genres', separator: '|', maxValues: 4 },
            { type: 'elapsed', name: 'ago' },
          ],
        },
      },
      'ctr/movielens_small_2016_ratings.csv.gz',
      { name: 'movies', file: 'ctr/movielens_small_2016_movies.csv' },
    );
    expect(prepared.accounting).toMatchObject({
      rows: 100_004,
      used: 100_004,
      entities: [{ rows: 9125, quarantined: 0, used: 9125, matched: 100_004, unmatched: 0, withoutKey: 0 }],
    });
    const genres = prepared.featureMap.compound?.find(({ name }) => name === 'genres');
    expect(genres).toMatchObject({ vocabulary: expect.arrayContaining(['Drama', 'Film-Noir']) as string[] });
    await prepared.close();
  });

  it("reads Open Bandit's item features", async () => {
    const prepared = await prepare(
      {
        shape: 'TABLE',
        timeColumn: 'timestamp',
        label: { column: 'click' },
        entities: [{ name: 'items', key: 'item_id', idColumn: 'item_id' }],
        features: [
          { type: 'categorical', name: 'position' },
          { type: 'numeric', name: 'item0', column: 'items.item_feature_0' },
          { type: 'categorical', name: 'item1', column: 'items.item_feature_1' },
        ],
      },
      'ctr/obd_bts_men.csv.gz',
      { name: 'items', file: 'ctr/obd_bts_men_item_context.csv' },
    );
    expect(prepared.accounting).toMatchObject({
      rows: 10_000,
      entities: [{ rows: 34, used: 34, matched: 10_000 }],
    });
    const raw = await prepared.train.readRaw(Int32Array.of(0));
    // The first impression is of item 2.
    expect(raw.numeric['item0']?.[0]).toBeCloseTo(0.745662, 6);
    await prepared.close();
  });
});
