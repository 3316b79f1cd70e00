import { createLogger } from '../../../src/platform/telemetry/logger';
import { RecordedPredictions } from '../../../src/services/prediction/log/recorded-predictions';
import { PurgeWorker } from '../../../src/services/prediction/log/purge-worker';
import { logPrediction } from '../../support/api/log-prediction';
import { ApiCaller } from '../../support/api/api-caller';
import { startApiProcess } from '../../support/api/api-process';
import { promoteLinear, rowInput, type ServingApi, startServingApi } from '../../support/api/served-models';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, type TestApi } from '../../support/api/test-api';

let serving: ServingApi;
let test: TestApi;
let owner: ApiTenant;
let modelVersionId: string;
beforeAll(async () => {
  serving = await startServingApi();
  ({ test } = serving);
});
beforeEach(async () => {
  owner = await test.tenant();
  modelVersionId = await promoteLinear(test, owner, 2);
});
afterAll(() => serving.close());

const CONFIGURE = `mutation ($input: ConfigurePredictionLogInput!) { configurePredictionLog(input: $input) {
  ... on ConfigurePredictionLogSuccess { predictionLog { share retentionDays } }
  ... on InvalidInput { issues { path } }
} }`;
const configure = async (input: object): Promise<object> =>
  (
    await owner.caller.data<{ configurePredictionLog: object }>(CONFIGURE, {
      input: { domain: KIND, ...input },
    })
  ).configurePredictionLog;

const subjects = async (): Promise<string[]> =>
  (
    await test.database.inTenant(owner.id, (scope) =>
      scope.query<{ subject: string }>('SELECT subject FROM predictions ORDER BY id'),
    )
  ).map(({ subject }) => subject);

const ask = (userIds: readonly string[]): Promise<object> =>
  owner.caller.data(
    `query ($inputs: [PurchaseIntentInput!]!) { purchaseIntents(inputs: $inputs) { ... on PurchaseIntent { probability } } }`,
    { inputs: userIds.map((userId) => rowInput(1, 'red', { userId })) },
  );

describe('the log of a domain', () => {
  it('takes a share of the subjects without being asked: always the same ones', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `u${index}`);
    await ask(names);
    expect(await subjects()).toEqual([]);
    expect(await configure({ share: 0.25 })).toEqual({
      predictionLog: { share: 0.25, retentionDays: 400 },
    });
    await ask(names);
    const first = (await subjects()).sort();
    expect(first.length).toBeGreaterThan(25);
    expect(first.length).toBeLessThan(80);
    await ask(names);
    expect((await subjects()).sort()).toEqual([...first, ...first].sort());
    await configure({ share: 1 });
    await ask(['all']);
    expect((await subjects()).at(-1)).toBe('all');
  });

  it('refuses a share that is none, and days that are too many', async () => {
    expect(await configure({ share: 1.1, retentionDays: 5_000 })).toEqual({
      issues: [{ path: 'share' }, { path: 'retentionDays' }],
    });
    const { predictionLog } = await owner.caller.data<{ predictionLog: object }>(
      `{ predictionLog(domain: ${KIND}) { share retentionDays } }`,
    );
    expect(predictionLog).toEqual({ share: 0, retentionDays: 400 });
  });

  it('keeps predictions and outcomes as long as it is set to, and those of others longer', async () => {
    const other = await test.tenant();
    const otherVersion = await promoteLinear(test, other, 2);
    const at = new Date('2025-03-01T00:00:00Z');
    const old = await Promise.all(
      Array.from({ length: 5 }, () => logPrediction(test, owner, { modelVersionId })),
    );
    const theirs = await logPrediction(test, other, { modelVersionId: otherVersion });
    await owner.caller.data(
      `mutation ($input: RecordOutcomesInput!) { recordOutcomes(input: $input) { __typename } }`,
      { input: { domain: KIND, outcomes: old.map((predictionId) => ({ predictionId, label: true, at })) } },
    );
    // Ids say when a prediction was made: these were made ten days ago.
    const tenDays = 10 * 86_400_000;
    const logged = (Date.now() - tenDays).toString(16).padStart(12, '0');
    const backdated = (id: string) => `${logged.slice(0, 8)}-${logged.slice(8)}${id.slice(13)}`;
    for (const [tenantId, ids] of [
      [owner.id, old],
      [other.id, [theirs]],
    ] as const)
      for (const id of ids)
        await test.database.inTenant(tenantId, (scope) =>
          scope.query(
            `INSERT INTO predictions SELECT tenant_id, $2::uuid, domain, subject, at, model_version_id, artifact_sha256,
                    role, shadow_of, threshold, probability, logit, categories, snapshot
               FROM predictions WHERE id = $1`,
            [id, backdated(id)],
          ),
        );
    const count = async (tenantId: string): Promise<number> => {
      const [row] = await test.database.inTenant(tenantId, (scope) =>
        scope.query<{ count: number }>('SELECT count(*)::int AS count FROM predictions'),
      );
      return row!.count;
    };
    const purge = new PurgeWorker({ database: test.database, logger: createLogger('test', 'silent') });
    expect(await purge.purge()).toBe(0);
    await configure({ retentionDays: 9 });
    expect(await purge.purge()).toBe(5);
    expect([await count(owner.id), await count(other.id)]).toEqual([5, 2]);
    const code = await owner.caller.code('query ($id: ID!) { prediction(id: $id) { id } }', {
      id: backdated(old[0]!),
    });
    expect(code).toBe('NOT_FOUND');
  });
});

describe('a sample of the log', () => {
  it('is of one version and span, the same each time, and all of it where there is room', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 30; index++)
      ids.push(await logPrediction(test, owner, { modelVersionId, probability: index / 64 }));
    const recorded = new RecordedPredictions(test.database);
    const span = { modelVersionId, from: new Date(0), until: new Date(Date.now() + 60_000) };
    const sample = async (limit: number, rest: object = {}) =>
      (await recorded.sample(owner.id, { ...span, limit, ...rest })).map(({ id }) => id);
    expect(await sample(100)).toEqual([...ids].sort());
    const drawn = await sample(10);
    expect(drawn).toHaveLength(10);
    expect(drawn).toEqual([...drawn].sort());
    expect(await sample(10)).toEqual(drawn);
    expect(await sample(20)).toEqual(expect.arrayContaining(drawn));
    expect(await sample(100, { until: new Date(1) })).toEqual([]);
    expect(await sample(100, { modelVersionId: await promoteLinear(test, owner, 3) })).toEqual([]);
    const [first] = await recorded.sample(owner.id, { ...span, limit: 100 });
    expect(first).toMatchObject({ record: { features: { x: 1 } }, outcome: null, role: 'CHAMPION' });
    expect(await recorded.sample((await test.tenant()).id, { ...span, limit: 100 })).toEqual([]);
  });
});

describe('an API process that is killed', () => {
  it('has lost no prediction whose id was answered', async () => {
    const child = await startApiProcess(test);
    try {
      const caller = new ApiCaller(child.url, owner.caller.key);
      const query = `query ($input: PurchaseIntentInput!) { purchaseIntent(input: $input) { ... on Prediction { id probability } } }`;
      const acknowledged: { id: string; probability: number }[] = [];
      const client = async (index: number): Promise<void> => {
        for (let round = 0; ; round++) {
          const { data } = await caller.send<{ purchaseIntent: { id: string; probability: number } }>(query, {
            input: rowInput(index + round / 7, 'blue', { userId: `u${index}` }),
          });
          if (data) acknowledged.push(data.purchaseIntent);
          // In the middle of what the others do.
          if (acknowledged.length >= 200) child.process.kill('SIGKILL');
        }
      };
      const clients = Array.from({ length: 20 }, (_, index) => client(index));
      await Promise.all(clients.map((each) => expect(each).rejects.toThrow()));
      expect(acknowledged.length).toBeGreaterThanOrEqual(200);
      for (const { id, probability } of acknowledged) {
        const { prediction } = await owner.caller.data<{ prediction: object }>(
          'query ($id: ID!) { prediction(id: $id) { id probability } }',
          { id },
        );
        expect(prediction).toEqual({ id, probability });
      }
    } finally {
      child.process.kill('SIGKILL');
    }
  });
});
