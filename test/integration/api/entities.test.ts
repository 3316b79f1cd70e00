import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../../src/errors';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { findChampion } from '../../../src/services/prediction/find-champion';
import { InferencePool } from '../../../src/services/prediction/pool/inference-pool';
import { PredictionLog } from '../../../src/services/prediction/log/prediction-log';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { executeRun } from '../../../src/services/training/execute-run';
import { learningPipeline } from '../../../src/services/training/learning-pipeline';
import { RunLease } from '../../../src/services/training/run-lease';
import { CREATE, ENTITY_SPEC as SPEC, EVENTS, ITEMS, receivedFile } from '../../support/api/entity-files';
import { KIND } from '../../support/api/table-dataset';
import { takeRun } from '../../support/training/take-run';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const START = `mutation ($input: StartTrainingInput!) { startTraining(input: $input) { __typename
  ... on StartTrainingSuccess { run { id entities { name datasetId sha256 mapping { columns { column source } } } } }
  ... on InvalidInput { issues { path message } } ... on Conflict { message }
  ... on MappingUnconfirmed { issues { path } } } }`;
const RUN = `query ($id: ID!) { trainingRun(id: $id) { state error { message } modelVersion { id featureSpec entities { name datasetId cleaning { kind } }
  preparation { rows used entities { name rows quarantined duplicates used matched unmatched withoutKey } } } } }`;
const INTENTS = `query ($inputs: [PurchaseIntentInput!]!) { purchaseIntents(inputs: $inputs) { __typename
  ... on PurchaseIntent { probability history { source } } ... on InvalidFeatures { issues { path message } } } }`;

interface Started {
  readonly __typename: string;
  readonly run: { readonly id: string; readonly entities: object[] };
}

let test: TestApi;
let pool: InferencePool;
let owner: ApiTenant;
let folder: string;
beforeAll(async () => {
  pool = new InferencePool({
    threads: 1,
    read: ({ tenantId, sha256 }) => test.stores.forTenant(tenantId).get(sha256),
    onThreadLost: () => undefined,
  });
  test = await startTestApi({
    prediction: (database) =>
      new PredictionService({
        champions: {
          current: async (tenantId, kind) => {
            const champion = await findChampion(database, tenantId, kind);
            if (champion) return champion;
            throw new AppError('MODEL_NOT_READY', 'nothing is promoted');
          },
        },
        pool,
        histories: new SubjectHistories(database),
        log: new PredictionLog(database),
      }),
  });
  folder = await mkdtemp(path.join(tmpdir(), 'propensity-entities-'));
  owner = await test.tenant();
  await owner.caller.data(
    'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
    { input: { kind: KIND, featureSpec: SPEC, preset: 'TINY' } },
  );
});
afterAll(async () => {
  await test.close();
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

const received = (content: string, entity: string | null) => receivedFile(owner.caller, content, entity);
const start = async (datasetId: string, entities: object[]): Promise<Started> =>
  (
    await owner.caller.data<{ startTraining: Started }>(START, {
      input: { kind: KIND, datasetId, entities },
    })
  ).startTraining;

async function execute(runId: string): Promise<void> {
  const lease = new RunLease(test.database, { tenantId: owner.id, runId, owner: 'test' });
  await takeRun(test.database, lease);
  await executeRun({
    database: test.database,
    objects: test.stores,
    pipeline: learningPipeline({ device: 'cpu', concurrency: 1, memoryBytes: null }),
    lease,
    workDirectory: await mkdtemp(path.join(folder, 'run-')),
    signal: new AbortController().signal,
    progressIntervalMs: 1000,
  });
}

describe('entities', () => {
  it('are uploaded beside the events, joined, recorded with the model, and given by name in predictions', async () => {
    const events = await received(EVENTS, null);
    const items = await received(ITEMS, 'items');
    const { dataset } = await owner.caller.data<{ dataset: object }>(
      `query ($id: ID!) { dataset(id: $id) { entity rowCount quarantinedCount quarantineSample { line reason }
         quarantine { ... on DatasetQuarantine { count } }
         cleaning { ... on DatasetCleaning { proposals { kind column rowsAffected } } } } }`,
      { id: items },
    );
    const reason = 'column sku: "i98" is there more than once, with different values';
    expect(dataset).toEqual({
      entity: 'items',
      rowCount: 15,
      quarantinedCount: 2,
      quarantineSample: [15, 16].map((line) => ({ line, reason })),
      quarantine: { count: 2 },
      cleaning: { proposals: [{ kind: 'KEEP_LAST_OF_ID', column: null, rowsAffected: 2 }] },
    });

    const { run } = await start(events, [{ name: 'items', datasetId: items }]);
    expect(run.entities).toEqual([
      {
        name: 'items',
        datasetId: items,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        mapping: {
          columns: expect.arrayContaining([
            { column: 'sku', source: 'sku' },
            { column: 'price', source: 'price' },
          ]) as object[],
        },
      },
    ]);
    await execute(run.id);
    const { trainingRun } = await owner.caller.data<{
      trainingRun: { modelVersion: { id: string } };
    }>(RUN, { id: run.id });
    expect(trainingRun).toMatchObject({
      state: 'SUCCEEDED',
      modelVersion: {
        entities: [{ name: 'items', datasetId: items }],
        preparation: {
          rows: 400,
          entities: [
            { rows: 15, quarantined: 2, duplicates: 1, used: 12, matched: 356, unmatched: 36, withoutKey: 8 },
          ],
        },
      },
    });

    await owner.caller.data(
      'mutation ($input: PromoteModelInput!) { promoteModel(input: $input) { __typename } }',
      { input: { modelVersionId: trainingRun.modelVersion.id } },
    );
    const features = [
      { name: 'price', number: 1 },
      { name: 'tags', texts: ['new', 't0'] },
      { name: 'items.brand', text: 'b0' },
    ];
    const history = [{ at: '2024-03-01T00:00:00Z', values: [{ name: 'brand', text: 'b0' }] }];
    const { purchaseIntents } = await owner.caller.data<{ purchaseIntents: object[] }>(INTENTS, {
      inputs: [
        { userId: 'u1', features, history },
        { userId: 'u1', features },
        { userId: 'u1', features, history: [] },
      ],
    });
    expect(purchaseIntents).toEqual([
      {
        __typename: 'PurchaseIntent',
        probability: expect.any(Number) as number,
        history: { source: 'GIVEN' },
      },
      {
        __typename: 'InvalidFeatures',
        issues: [{ path: '1.history', message: expect.stringContaining('(items.brand)') as string }],
      },
      {
        __typename: 'PurchaseIntent',
        probability: expect.any(Number) as number,
        history: { source: 'GIVEN' },
      },
    ]);
  });

  it('are refused where they are missing, unknown or something else', async () => {
    const events = await received(EVENTS, null);
    const items = await received(ITEMS, 'items');
    expect(await start(events, [])).toEqual({
      __typename: 'InvalidInput',
      issues: [{ path: 'entities', message: expect.stringContaining('name the dataset of items') as string }],
    });
    const [used, twice] = [
      { name: 'items', datasetId: items },
      { name: 'ads', datasetId: items },
    ];
    expect(await start(events, [used, twice])).toMatchObject({ issues: [{ path: 'entities.1.name' }] });
    expect(await start(events, [{ name: 'items', datasetId: events }])).toMatchObject({
      issues: [{ path: 'entities.0.datasetId', message: 'is a dataset of rows or events, not of items' }],
    });
    expect(await start(items, [used])).toMatchObject({
      __typename: 'Conflict',
      message: expect.stringContaining('holds items') as string,
    });
    const input = { kind: KIND, name: 'x', entity: 'ads' };
    expect(await owner.caller.data(CREATE, { input })).toMatchObject({
      createDataset: { __typename: 'InvalidInput', issues: [{ path: 'entity' }] },
    });
    const stranger = await test.tenant();
    await stranger.caller.data(
      'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
      { input: { kind: KIND, featureSpec: SPEC, preset: 'TINY' } },
    );
    expect(await stranger.caller.code(START, { input: { kind: KIND, datasetId: items, entities: [] } })).toBe(
      'NOT_FOUND',
    );
  });

  it('have a mapping of their own, to be confirmed like any other', async () => {
    const events = await received(EVENTS, null);
    const items = await received(ITEMS.replace('sku,price,brand', 'article,cost,brand'), 'items');
    const entities = [{ name: 'items', datasetId: items }];
    expect(await start(events, entities)).toMatchObject({
      __typename: 'MappingUnconfirmed',
      issues: [{ path: 'items.sku' }, { path: 'items.price' }],
    });
    await owner.caller.data(
      'mutation ($input: MapDatasetInput!) { mapDataset(input: $input) { __typename } }',
      {
        input: {
          datasetId: items,
          columns: [
            { column: 'sku', source: 'article' },
            { column: 'price', source: 'cost' },
          ],
        },
      },
    );
    const { dataset } = await owner.caller.data<{
      dataset: { cleaning: { proposals: readonly { id: string; kind: string }[] } };
    }>(
      'query ($id: ID!) { dataset(id: $id) { cleaning { ... on DatasetCleaning { proposals { id kind } } } } }',
      { id: items },
    );
    const [last] = dataset.cleaning.proposals;
    expect(last?.kind).toBe('KEEP_LAST_OF_ID');
    await owner.caller.data(
      'mutation ($input: DecideCleaningInput!) { decideCleaning(input: $input) { __typename } }',
      {
        input: { datasetId: items, proposalId: last?.id, status: 'ACCEPTED' },
      },
    );
    const { run } = await start(events, entities);
    await execute(run.id);
    const { trainingRun } = await owner.caller.data<{ trainingRun: object }>(RUN, { id: run.id });
    expect(trainingRun).toMatchObject({
      state: 'SUCCEEDED',
      error: null,
      modelVersion: {
        entities: [{ cleaning: [{ kind: 'KEEP_LAST_OF_ID' }] }],
        featureSpec: { entities: [{ cleaning: { keepLast: true } }] },
        preparation: { entities: [{ quarantined: 0, duplicates: 2, used: 13, matched: 356 }] },
      },
    });
  });
});
