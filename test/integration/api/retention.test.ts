import { createLogger } from '../../../src/platform/telemetry/logger';
import { Metrics } from '../../../src/platform/telemetry/metrics';
import { type ObjectStores } from '../../../src/platform/artifacts/object-store';
import { Dataset } from '../../../src/services/datasets/dataset.entity';
import { BatchScoring } from '../../../src/services/scoring/batch-scoring.entity';
import { RetentionWorker } from '../../../src/services/retention/retention-worker';
import { storeScoring } from '../../support/api/stored-scoring';
import { announceDataset, configureTable, KIND, TABLE_CSV } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { startRun, trainedModel } from '../../support/api/trained-model';
import { subjectWorker } from '../../support/privacy/subject-worker';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

interface Period {
  readonly kind: string;
  readonly days: number | null;
  readonly isSet: boolean;
  readonly oldestAt: string | null;
  readonly nextRemovalAt: string | null;
  readonly removals: readonly { readonly count: number; readonly bytes: number }[];
}

const FIELDS = 'kind days isSet oldestAt nextRemovalAt removals { at count bytes }';

const set = async (periods: object[], tenant = owner) =>
  (
    await tenant.caller.data<{ setRetention: { retention?: Period[]; issues?: { path: string }[] } }>(
      `mutation ($input: SetRetentionInput!) { setRetention(input: $input) {
        ... on SetRetentionSuccess { retention { ${FIELDS} } } ... on InvalidInput { issues { path } } } }`,
      { input: { periods } },
    )
  ).setRetention;

async function period(kind: string, tenant = owner): Promise<Period> {
  const { retention } = await tenant.caller.data<{ retention: Period[] }>(`{ retention { ${FIELDS} } }`);
  const found = retention.find((each) => each.kind === kind);
  if (!found) throw new Error(`no period of ${kind}`);
  return found;
}

const worker = (objects: ObjectStores = test.stores, metrics: Metrics | null = null) =>
  new RetentionWorker({
    database: test.database,
    objects,
    logger: createLogger('test', 'silent'),
    metrics,
  });

/** Rows as if they were that old. */
const age = (
  table: string,
  column: string,
  days: number,
  { where = 'true', tenant = owner }: { where?: string; tenant?: ApiTenant } = {},
) =>
  test.database.inTenant(tenant.id, (scope) =>
    scope.query(
      `UPDATE ${table} SET ${column} = now() - make_interval(days => $2::integer) WHERE tenant_id = $1 AND ${where}`,
      [tenant.id, days],
    ),
  );

async function upload(tenant = owner, content = TABLE_CSV): Promise<{ id: string; sha256: string }> {
  await configureTable(tenant.caller);
  const { id, uploadUrl } = await announceDataset(tenant.caller);
  expect((await tenant.caller.http(uploadUrl, { method: 'PUT', body: content })).status).toBe(200);
  const { sha256 } = await datasetOf(id, tenant);
  return { id, sha256: sha256 ?? '' };
}

const datasetOf = (id: string, tenant = owner): Promise<Dataset> =>
  test.database.inTenant(tenant.id, (scope) => scope.repository(Dataset).getOrThrow(id));

const kept = (sha256: string, tenant = owner): Promise<boolean> =>
  test.stores.forTenant(tenant.id).has(sha256);

/** All digests of a scoring's files. */
const filesOf = async (id: string): Promise<(string | undefined)[]> => {
  const { result } = await test.database.inTenant(owner.id, (scope) =>
    scope.repository(BatchScoring).getOrThrow(id),
  );
  return [result?.scores?.sha256, result?.ranking?.sha256];
};

describe('the periods of a tenant', () => {
  it('are for ever but for exports, and are set by its administrators', async () => {
    const { retention } = await owner.caller.data<{ retention: Period[] }>(`{ retention { ${FIELDS} } }`);
    expect(retention.filter(({ days }) => days !== null)).toEqual([
      { kind: 'EXPORTS', days: 7, isSet: false, oldestAt: null, nextRemovalAt: null, removals: [] },
    ]);
    await set([{ kind: 'DATASETS', days: 30 }]);
    expect(await period('DATASETS')).toMatchObject({ days: 30, isSet: true });
    expect(await period('DATASETS', await test.tenant())).toMatchObject({ days: null, isSet: false });
    await set([{ kind: 'DATASETS' }]);
    expect(await period('DATASETS')).toMatchObject({ days: null, isSet: false });
    const analyst = await test.tenant('ANALYST');
    expect(
      await analyst.caller.code(
        'mutation { setRetention(input: { periods: [{ kind: ALERTS, days: 1 }] }) { __typename } }',
      ),
    ).toBe('FORBIDDEN');
  });

  it('say what is wrong with them, and nothing is set then', async () => {
    const wrong = await set([
      { kind: 'ALERTS', days: 5 },
      { kind: 'DATASETS', days: 0 },
      { kind: 'ALERTS', days: 3_651 },
    ]);
    expect(wrong.issues?.map(({ path }) => path)).toEqual([
      'periods.1.days',
      'periods.2.kind',
      'periods.2.days',
    ]);
    expect((await set([])).issues).toEqual([{ path: 'periods' }]);
    expect(await period('ALERTS')).toMatchObject({ days: null });
  });
});

describe('exports', () => {
  it('go when their time is over, the file with the row, and cannot be fetched from that moment on', async () => {
    const { exportSubject } = await owner.caller.data<{ exportSubject: { request: { id: string } } }>(
      `mutation { exportSubject(input: { subjectId: "u1", domain: ${KIND} }) {
        ... on ExportSubjectSuccess { request { id } } } }`,
    );
    await subjectWorker(test).workOff();
    const look = async () =>
      (
        await owner.caller.data<{
          subjectRequest: { export: { downloadUrl: string | null; expiresAt: string | null } };
        }>('query ($id: ID!) { subjectRequest(id: $id) { export { downloadUrl expiresAt } } }', {
          id: exportSubject.request.id,
        })
      ).subjectRequest.export;
    const url = (await look()).downloadUrl ?? '';
    expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
    await age('subject_requests', 'finished_at', 3);
    await set([{ kind: 'EXPORTS', days: 4 }]);
    expect(new Date((await look()).expiresAt ?? 0).getTime() - Date.now()).toBeLessThan(86_400_000);
    expect((await owner.caller.http(url, { method: 'GET' })).status).toBe(200);
    await set([{ kind: 'EXPORTS', days: 2 }]);
    expect((await owner.caller.http(url, { method: 'GET' })).status).toBe(404);
    expect(await worker().enforce()).toEqual({ count: 1, objects: 1 });
    expect(await look()).toEqual({ downloadUrl: null, expiresAt: null });
    expect(await period('EXPORTS')).toMatchObject({ oldestAt: null, removals: [{ count: 1 }] });
  });
});

describe('datasets', () => {
  it('lose their file once it is kept long enough; what is younger, and what is another tenant’s, stays', async () => {
    const other = await test.tenant();
    const [old, young, others] = [
      await upload(),
      await upload(owner, `${TABLE_CSV}3,red,1\n`),
      await upload(other),
    ];
    await age('datasets', 'uploaded_at', 40, { where: `id = '${old.id}'` });
    await age('datasets', 'uploaded_at', 40, { tenant: other });
    expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
    await set([{ kind: 'DATASETS', days: 50 }]);
    const { oldestAt, nextRemovalAt } = await period('DATASETS');
    expect(new Date(nextRemovalAt ?? 0).getTime() - new Date(oldestAt ?? 0).getTime()).toBe(50 * 86_400_000);
    expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
    await set([{ kind: 'DATASETS', days: 30 }]);
    const metrics = new Metrics('worker');
    expect(await worker(test.stores, metrics).enforce()).toEqual({ count: 1, objects: 1 });
    expect(await metrics.registry.metrics()).toContain(
      'propensity_retention_removed_total{kind="DATASETS",process="worker"} 1',
    );
    expect(await datasetOf(old.id)).toMatchObject({
      state: 'REJECTED',
      sha256: null,
      quarantineSample: null,
    });
    expect(await kept(old.sha256)).toBe(false);
    expect(await kept(young.sha256)).toBe(true);
    expect(await kept(others.sha256, other)).toBe(true);
    expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
    const { auditLog } = await owner.caller.data<{ auditLog: { nodes: object[] } }>(
      '{ auditLog(filter: { actions: [RETENTION_ENFORCED] }) { nodes { actorRole after } } }',
    );
    expect(auditLog.nodes).toMatchObject([{ after: { kind: 'DATASETS', days: 30, count: 1 } }]);
    // The same file may be sent again.
    const { uploadUrl } = await owner.caller
      .data<{ dataset: { uploadUrl: string } }>('query ($id: ID!) { dataset(id: $id) { uploadUrl } }', {
        id: old.id,
      })
      .then(({ dataset }) => dataset);
    expect((await owner.caller.http(uploadUrl, { method: 'PUT', body: TABLE_CSV })).status).toBe(200);
  });

  it('stay while a job needs them, and a model’s own files stay whatever becomes of its dataset', async () => {
    const { id, sha256 } = await upload();
    const runId = await startRun(owner, id);
    await age('datasets', 'uploaded_at', 40);
    await set([{ kind: 'DATASETS', days: 30 }]);
    expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
    expect(await period('DATASETS')).toMatchObject({ oldestAt: null });
    const version = await trainedModel(test, owner, { runId });
    expect(await worker().enforce()).toMatchObject({ count: 1 });
    expect(await kept(sha256)).toBe(false);
    expect(await kept(version.artifactSha256)).toBe(true);
    expect(await kept(version.predictionsSha256)).toBe(true);
  });

  it('that share their content share the file until the last of them goes', async () => {
    const [first, second] = [await upload(), await upload()];
    expect(first.sha256).toBe(second.sha256);
    await age('datasets', 'uploaded_at', 40, { where: `id = '${first.id}'` });
    await set([{ kind: 'DATASETS', days: 30 }]);
    expect(await worker().enforce()).toEqual({ count: 1, objects: 0 });
    expect(await kept(second.sha256)).toBe(true);
    await age('datasets', 'uploaded_at', 40, { where: `id = '${second.id}'` });
    expect(await worker().enforce()).toEqual({ count: 1, objects: 1 });
  });
});

describe('a worker that dies', () => {
  it('between the rows and the objects leaves garbage that the next look removes, and counts nothing twice', async () => {
    const { sha256 } = await upload();
    await age('datasets', 'uploaded_at', 40);
    await set([{ kind: 'DATASETS', days: 30 }]);
    const broken: ObjectStores = {
      forTenant: (tenantId) => {
        const store = test.stores.forTenant(tenantId);
        return Object.assign(Object.create(store) as typeof store, {
          delete: () => Promise.reject(new Error('the store is away')),
        });
      },
    };
    expect(await worker(broken).enforce()).toEqual({ count: 1, objects: 0 });
    expect(await kept(sha256)).toBe(true);
    expect(await worker().enforce()).toEqual({ count: 0, objects: 1 });
    expect(await kept(sha256)).toBe(false);
    expect((await period('DATASETS')).removals).toMatchObject([{ count: 1 }]);
  });

  it('and two at once remove each thing once', async () => {
    for (let index = 0; index < 6; index++) await upload(owner, `${TABLE_CSV}${index},red,1\n`);
    await age('datasets', 'uploaded_at', 40);
    await set([{ kind: 'DATASETS', days: 30 }]);
    const looks = await Promise.all([worker().enforce(), worker().enforce(), worker().enforce()]);
    expect(looks.reduce((sum, { count }) => sum + count, 0)).toBe(6);
    const removals = (await period('DATASETS')).removals;
    expect(removals.reduce((sum, { count }) => sum + count, 0)).toBe(6);
  });
});

describe('scorings', () => {
  it('keep their accounting when their files go', async () => {
    const { id: modelVersionId } = await trainedModel(test, owner);
    const id = await storeScoring(test, owner, { kind: KIND, modelVersionId, probabilities: [0.1, 0.9] });
    const files = await filesOf(id);
    await age('jobs', 'finished_at', 40, { where: "type = 'SCORING'" });
    await set([{ kind: 'SCORINGS', days: 30 }]);
    expect(await worker().enforce()).toEqual({ count: 1, objects: new Set(files).size });
    for (const file of files) expect(await kept(file ?? '')).toBe(false);
    const { batchScoring } = await owner.caller.data<{ batchScoring: object }>(
      `query ($id: ID!) { batchScoring(id: $id) {
        result { accounting { scored } downloadUrl sha256 bytes quarantineUrl }
        scores(first: 1) { __typename ... on Conflict { message } } } }`,
      { id },
    );
    expect(batchScoring).toMatchObject({
      result: {
        accounting: { scored: 2 },
        downloadUrl: null,
        sha256: null,
        bytes: null,
        quarantineUrl: null,
      },
      scores: { __typename: 'Conflict' },
    });
    const file = await owner.caller.http(`/downloads/scorings/${id}/scores.csv`, { method: 'GET' });
    expect(file.status).toBe(404);
    expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
  });
});

describe('alerts and reports of drift', () => {
  it('go by their age', async () => {
    const { id } = await trainedModel(test, owner);
    await test.database.inTenant(owner.id, async (scope) => {
      await scope.query(
        `INSERT INTO alerts (tenant_id, id, kind, from_state, to_state, message, raised_at)
         SELECT $1, gen_random_uuid(), 'DRIFT', 'STABLE', 'DRIFTED', 'drifted', now() - make_interval(days => n)
           FROM generate_series(1, 1500) n`,
        [owner.id],
      );
      await scope.query(
        `INSERT INTO drift_reports (tenant_id, id, domain, model_version_id, from_at, until_at, predictions, state, inputs, computed_at)
         SELECT $1, gen_random_uuid(), 'd', $2, now(), now(), 0, 'UNKNOWN', 'UNKNOWN', now() - make_interval(days => n)
           FROM generate_series(1, 20) n`,
        [owner.id, id],
      );
    });
    await set([
      { kind: 'ALERTS', days: 100 },
      { kind: 'DRIFT_REPORTS', days: 12 },
    ]);
    expect(await worker().enforce()).toEqual({ count: 1_401 + 9, objects: 0 });
    expect((await period('ALERTS')).removals.map(({ count }) => count)).toEqual([401, 1_000]);
    expect((await period('DRIFT_REPORTS')).removals).toMatchObject([{ count: 9, bytes: 0 }]);
  });
});
