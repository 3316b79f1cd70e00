import { randomUUID } from 'node:crypto';
import { type AuditAction } from '../../src/platform/audit/actions';
import { TABLE_CSV, announceDataset, configureTable, KIND, TABLE_SPEC } from '../support/api/table-dataset';
import { activatePolicy, draftRiskPolicy, everybody } from '../support/api/risk-policies';
import { Dataset } from '../../src/services/datasets/dataset.entity';
import { discoverDomains } from '../../src/app/discover-domains';
import { wantedColumns } from '../../src/learning/preparation/column-plan';
import { challengerInput, startedChallenger } from '../support/api/challengers';
import { INGEST, ingest, view, views } from '../support/api/stored-events';
import { monitoringCalls } from '../support/api/monitored';
import { logPrediction } from '../support/api/log-prediction';
import { platformCalls } from '../support/api/platform-calls';
import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';
import { cancelledRun, startRun, startScoring, trainedModel } from '../support/api/trained-model';
import { studyCalls } from '../support/api/studies';
import { accessCalls } from '../support/identity/access-calls';
import { OidcProvider } from '../support/identity/oidc-provider';
import { subjectCalls } from '../support/privacy/subject-calls';

/** Mutations that leave everything as it is, each with the reason; they need no entry. */
const CHANGES_NOTHING: Readonly<Record<string, string>> = {};

const EVENT_COLUMNS = discoverDomains()
  .filter(({ kind }) => kind === KIND)
  .flatMap(({ featureSpec }) => [...wantedColumns(featureSpec)]);

interface Call {
  /** The mutation's input, as it changes something. */
  readonly input: object;
  readonly action: AuditAction;
  readonly objectId?: string;
  /** The platform administrator calls it. */
  readonly byPlatform?: boolean;
  /** Somebody else calls it, who has these headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

let test: TestApi;
let owner: ApiTenant;
let provider: OidcProvider;
beforeAll(async () => {
  test = await startTestApi({ config: { identityProviderTargets: 'any' } });
  provider = await OidcProvider.start();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(async () => {
  await provider.stop();
  await test.close();
});

async function uploaded(content: string): Promise<string> {
  await configureTable(owner.caller);
  const { id, uploadUrl } = await announceDataset(owner.caller);
  expect((await owner.caller.http(uploadUrl, { method: 'PUT', body: content })).status).toBe(200);
  return id;
}

/** Of the domain's own configuration, which is of events. */
async function eventDataset(): Promise<string> {
  const dataset = await test.database.inTenant(owner.id, (scope) =>
    scope.repository(Dataset).insert({
      kind: KIND,
      name: 'events',
      state: 'READY',
      sha256: '0'.repeat(64),
      columns: EVENT_COLUMNS.map((name) => ({ name, type: 'categorical' as const })),
      createdBy: owner.keyId,
    }),
  );
  return dataset.id;
}

/** Every mutation of the schema, in a state in which it changes something. */
const CALLS: Readonly<Record<string, () => Call | Promise<Call>>> = {
  ...platformCalls(() => owner),
  setRetention: () => ({
    input: { periods: [{ kind: 'DATASETS', days: 30 }] },
    action: 'RETENTION_SET',
    objectId: owner.id,
  }),
  configureDomain: () => ({
    input: { kind: KIND, featureSpec: TABLE_SPEC, preset: 'TINY' },
    action: 'DOMAIN_CONFIGURED',
    objectId: KIND,
  }),
  createDataset: async () => {
    await configureTable(owner.caller);
    return { input: { kind: KIND, name: 'rows' }, action: 'DATASET_CREATED' };
  },
  mapDataset: async () => {
    const objectId = await uploaded(TABLE_CSV);
    const columns = [{ column: 'x', source: 'x' }];
    return { input: { datasetId: objectId, columns }, action: 'DATASET_MAPPED', objectId };
  },
  decideCleaning: async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `${i % 10 ? (i * 7) % 40 : -1},red,${i % 3 ? 1 : 0}`);
    const objectId = await uploaded(`x,color,label\n${rows.join('\n')}\n`);
    const { dataset } = await owner.caller.data<{ dataset: { cleaning: { proposals: { id: string }[] } } }>(
      'query ($id: ID!) { dataset(id: $id) { cleaning { ... on DatasetCleaning { proposals { id } } } } }',
      { id: objectId },
    );
    const proposalId = dataset.cleaning.proposals[0]?.id;
    return {
      input: { datasetId: objectId, proposalId, status: 'ACCEPTED' },
      action: 'CLEANING_DECIDED',
      objectId,
    };
  },
  ingestEvents: () => ({
    input: { domain: KIND, events: views(3) },
    action: 'EVENTS_INGESTED',
    objectId: KIND,
  }),
  configurePredictionLog: () => ({
    input: { domain: KIND, share: 0.5 },
    action: 'PREDICTION_LOG_CONFIGURED',
    objectId: KIND,
  }),
  recordOutcomes: async () => {
    const { id: modelVersionId } = await trainedModel(test, owner);
    const predictionId = await logPrediction(test, owner, { modelVersionId });
    const outcome = { predictionId, label: true, at: '2025-03-02T00:00:00Z' };
    return { input: { domain: KIND, outcomes: [outcome] }, action: 'OUTCOMES_RECORDED', objectId: KIND };
  },
  snapshotEvents: async () => {
    await ingest(owner.caller, views(3));
    return { input: { domain: KIND }, action: 'SNAPSHOT_REQUESTED' };
  },
  startTraining: async () => ({
    input: { kind: KIND, datasetId: await uploaded(TABLE_CSV) },
    action: 'TRAINING_STARTED',
  }),
  cancelTraining: async () => {
    const objectId = await startRun(owner);
    return { input: { runId: objectId }, action: 'TRAINING_CANCELLED', objectId };
  },
  retryTrainingRun: async () => ({ input: { runId: await cancelledRun(owner) }, action: 'TRAINING_RETRIED' }),
  scoreDataset: async () => {
    const { id } = await trainedModel(test, owner);
    return {
      input: { datasetId: await uploaded(TABLE_CSV), modelVersionId: id },
      action: 'SCORING_STARTED',
    };
  },
  scoreSubjects: async () => {
    await ingest(owner.caller, views(3));
    const { id } = await trainedModel(test, owner, { runId: await startRun(owner, await eventDataset()) });
    return { input: { kind: KIND, modelVersionId: id }, action: 'SCORING_STARTED' };
  },
  cancelScoring: async () => {
    const { id } = await trainedModel(test, owner);
    const objectId = await startScoring(owner, { datasetId: await uploaded(TABLE_CSV), modelVersionId: id });
    return { input: { scoringId: objectId }, action: 'SCORING_CANCELLED', objectId };
  },
  promoteModel: async () => {
    const { id } = await trainedModel(test, owner);
    return { input: { modelVersionId: id }, action: 'MODEL_PROMOTED', objectId: id };
  },
  rollbackModel: async () => {
    const [first, second] = [await trainedModel(test, owner), await trainedModel(test, owner)];
    for (const { id } of [first, second])
      await owner.caller.data(
        'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
        { id },
      );
    return { input: { kind: KIND }, action: 'MODEL_ROLLED_BACK', objectId: first.id };
  },
  ...monitoringCalls(() => owner.caller),
  startChallenger: async () => {
    const input = await challengerInput(test, owner);
    return { input, action: 'CHALLENGER_STARTED' };
  },
  changeChallenger: async () => ({
    objectId: await startedChallenger(test, owner),
    input: { domain: KIND, share: 0.5 },
    action: 'CHALLENGER_CHANGED',
  }),
  endChallenger: async () => ({
    objectId: await startedChallenger(test, owner),
    input: { domain: KIND, reason: 'enough' },
    action: 'CHALLENGER_ENDED',
  }),
  promoteChallenger: async () => ({
    objectId: await startedChallenger(test, owner),
    input: { domain: KIND },
    action: 'CHALLENGER_PROMOTED',
  }),
  ...subjectCalls(() => owner),
  ...studyCalls(
    () => owner,
    () => uploaded(TABLE_CSV),
  ),
  ...accessCalls(() => ({ test, owner, provider })),
  draftRiskPolicy: () => ({
    input: { policy: everybody('REVIEW') },
    action: 'POLICY_DRAFTED',
    objectId: 'FINANCIAL_RISK',
  }),
  draftAdPolicy: () => ({
    input: { policy: { floorEcpm: 2 } },
    action: 'POLICY_DRAFTED',
    objectId: 'SOCIAL_AD_CTR',
  }),
  draftShopPolicy: () => ({
    input: { policy: { audience: { contactCost: 1 } } },
    action: 'POLICY_DRAFTED',
    objectId: 'ECOMMERCE_PURCHASE',
  }),
  activatePolicy: async () => ({
    input: { policyId: await draftRiskPolicy(owner.caller, everybody('REVIEW')) },
    action: 'POLICY_ACTIVATED',
    objectId: 'FINANCIAL_RISK',
  }),
  rollbackPolicy: async () => {
    await activatePolicy(owner.caller, await draftRiskPolicy(owner.caller, everybody('REVIEW')));
    return { input: { kind: 'FINANCIAL_RISK' }, action: 'POLICY_ROLLED_BACK', objectId: 'FINANCIAL_RISK' };
  },
};

interface Entry {
  readonly action: string;
  readonly object_id: string;
  readonly actor_role: string;
  readonly ip: string | null;
  readonly user_agent: string | null;
}

/** The entries of a request, whichever tenant's. */
async function entriesOf(requestId: string): Promise<Entry[]> {
  const tenants = await test.platform.data<{ tenants: { nodes: { id: string }[] } }>(
    '{ tenants(first: 100) { nodes { id } } }',
  );
  const found = await Promise.all(
    tenants.tenants.nodes.map(({ id }) =>
      test.database.inTenant(id, (scope) =>
        scope.query<Entry>('SELECT * FROM audit_entries WHERE request_id = $1 ORDER BY sequence', [
          requestId,
        ]),
      ),
    ),
  );
  return found.flat();
}

const mutations = (): string[] => Object.keys(test.api.schema.getMutationType()?.getFields() ?? {});

describe('every mutation of the schema', () => {
  it('is called below, or is known to change nothing: a new one needs a case here, and an entry in the audit log', () => {
    expect([...Object.keys(CALLS), ...Object.keys(CHANGES_NOTHING)].sort()).toEqual(mutations().sort());
  });

  it.each(Object.entries(CALLS))('%s leaves an entry', async (name, prepare) => {
    const { input, action, objectId, byPlatform, headers } = await prepare();
    const requestId = randomUUID();
    const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
    const { data, errors } = await (byPlatform ? test.platform : owner.caller).send<
      Record<string, { __typename: string }>
    >(
      `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename } }`,
      { input },
      { 'x-request-id': requestId, 'user-agent': 'contract-test', ...headers },
    );
    expect(errors).toEqual([]);
    expect(data?.[name]?.__typename).toMatch(/Success$/);
    const entry = (await entriesOf(requestId)).find((candidate) => candidate.action === action);
    expect(entry).toMatchObject({
      object_id: objectId ?? (expect.any(String) as string),
      actor_role: byPlatform ? 'PLATFORM_ADMIN' : 'TENANT_ADMIN',
      ip: '127.0.0.1',
      user_agent: 'contract-test',
    });
  });
});

describe('the audit log', () => {
  it('counts the events of a batch, names none, and has nothing of a batch that changed nothing', async () => {
    const batch = [view('person-1'), view('person-2'), view('')];
    for (const requestId of ['first-time', 'second-time'])
      await owner.caller.send(
        INGEST,
        { input: { domain: KIND, events: batch } },
        { 'x-request-id': requestId },
      );
    const entries = (await entriesOf('first-time')).filter(({ action }) => action === 'EVENTS_INGESTED');
    expect(entries).toMatchObject([{ before: null, after: { accepted: 2, duplicates: 0, refused: 1 } }]);
    expect(JSON.stringify(entries)).not.toMatch(/person-|garden/);
    expect(await entriesOf('second-time')).toEqual([]);
  });

  it('has what became of an uploaded file', async () => {
    const id = await uploaded(TABLE_CSV);
    const { id: bad, uploadUrl } = await announceDataset(owner.caller, 'bad');
    expect((await owner.caller.http(uploadUrl, { method: 'PUT', body: 'y\n1\n' })).status).toBe(422);
    const entries = await test.database.inTenant(owner.id, (scope) =>
      scope.query(
        "SELECT object_id, action FROM audit_entries WHERE action LIKE 'DATASET_%' ORDER BY sequence",
      ),
    );
    expect(entries).toEqual([
      { object_id: id, action: 'DATASET_CREATED' },
      { object_id: id, action: 'DATASET_UPLOADED' },
      { object_id: bad, action: 'DATASET_CREATED' },
      { object_id: bad, action: 'DATASET_REJECTED' },
    ]);
  });
});
