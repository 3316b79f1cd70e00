import { randomUUID, verify } from 'node:crypto';
import { type ObjectStore, type ObjectStores } from '../../src/platform/artifacts/object-store';
import { type IndexEntry } from '../../src/services/events/keys/event-index';
import { registerIndexes } from '../../src/services/events/keys/register-indexes';
import { type ReceiptContent } from '../../src/services/privacy/erasure/receipt';
import { eventsOf, ingest, storeOf, view } from '../support/api/stored-events';
import { DatasetProfileRecord } from '../../src/services/datasets/dataset-profile.entity';
import { announceDataset, KIND } from '../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';
import { startRun } from '../support/api/trained-model';
import { findEverywhere } from '../support/privacy/find-everywhere';
import { events, INDEXES, plant, PLANTED, SUBJECT } from '../support/privacy/planted-subject';
import { subjectWorker } from '../support/privacy/subject-worker';

let test: TestApi;
let owner: ApiTenant;
let other: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  [owner, other] = [await test.tenant(), await test.tenant()];
});
afterAll(() => test.close());

const REQUEST = `id state pseudonym error { message } receipt { document signature publicKey removed { what count }
  modelVersions { modelVersionId outcome legalGround retrainedBy servesUntilReplaced trainingRunId datasets { datasetId rows } } }`;

interface RequestAnswer {
  readonly id: string;
  readonly state: string;
  readonly pseudonym: string;
  readonly receipt: {
    readonly document: string;
    readonly signature: string;
    readonly publicKey: string;
    readonly removed: ReadonlyArray<{ readonly what: string; readonly count: number }>;
    readonly modelVersions: ReadonlyArray<{
      readonly modelVersionId: string;
      readonly outcome: string;
      readonly retrainedBy: string | null;
      readonly servesUntilReplaced: boolean;
    }>;
  } | null;
}

async function erase(tenant: ApiTenant, input: object = { models: 'RETIRE' }): Promise<string> {
  const { eraseSubject } = await tenant.caller.data<{ eraseSubject: { request: { id: string } } }>(
    `mutation ($input: EraseSubjectInput!) { eraseSubject(input: $input) {
      ... on EraseSubjectSuccess { request { id } } } }`,
    { input: { subjectId: SUBJECT, ...input } },
  );
  return eraseSubject.request.id;
}

async function lookAt(tenant: ApiTenant, id: string): Promise<RequestAnswer> {
  const { subjectRequest } = await tenant.caller.data<{ subjectRequest: RequestAnswer }>(
    `query ($id: ID!) { subjectRequest(id: $id) { ${REQUEST} } }`,
    { id },
  );
  return subjectRequest;
}

const removedOf = ({ receipt }: RequestAnswer): Record<string, number> =>
  Object.fromEntries((receipt?.removed ?? []).map(({ what, count }) => [what, count]));

/** What is left anywhere but at other tenants'. */
const left = async (): Promise<string[]> =>
  (await findEverywhere(test, [PLANTED])).filter(
    (place) => place.includes(owner.id) || !/[0-9a-f]{8}-[0-9a-f]{4}-/.test(place),
  );

const REMOVED = {
  EVENTS: 10,
  INDEX_ENTRIES: 20,
  DATASET_ROWS: 20,
  BROKEN_LINES: 1,
  HELD_OUT_PREDICTIONS: 1,
  SCORES: 1,
  PREDICTIONS: 1,
  OUTCOMES: 1,
  EXPORTS: 0,
};

describe('the erasure of a subject', () => {
  it('leaves nothing in any table or object, and everything of others as it was', async () => {
    const ours = await plant(test, owner);
    await plant(test, other);
    expect((await left()).length).toBeGreaterThan(5);
    const before = await findEverywhere(test, [PLANTED]);
    const id = await erase(owner);
    await subjectWorker(test).workOff();
    const request = await lookAt(owner, id);
    expect(request).toMatchObject({ state: 'SUCCEEDED' });
    expect(removedOf(request)).toEqual(REMOVED);
    expect(await left()).toEqual([]);
    expect((await findEverywhere(test, [PLANTED])).filter((place) => place.includes(other.id))).toEqual(
      before.filter((place) => place.includes(other.id)),
    );
    expect((await eventsOf(owner.caller, SUBJECT)).nodes).toEqual([]);
    expect((await eventsOf(other.caller, SUBJECT)).nodes).toHaveLength(10);
    expect(await storeOf(owner.caller)).toMatchObject({ count: 30, kindCount: 4 });
    const { dataset } = await owner.caller.data<{
      dataset: { rowCount: number; quarantinedCount: number; state: string };
    }>('query ($id: ID!) { dataset(id: $id) { state rowCount quarantinedCount } }', { id: ours.uploadedId });
    expect(dataset).toMatchObject({ state: 'READY', rowCount: 31 });
  });

  it('leaves no profile of rows that were joined with a file of the subject', async () => {
    const { uploadedId } = await plant(test, owner);
    const events = await announceDataset(owner.caller);
    const store = test.stores.forTenant(owner.id);
    const { sha256 } = await store.put(Buffer.from(`{"frequentValues": ["${PLANTED}"]}`));
    await test.database.inTenant(owner.id, async (scope) => {
      const [configuration] = await scope.query<{ id: string }>(
        'SELECT id FROM domain_configurations ORDER BY version DESC LIMIT 1',
      );
      await scope.repository(DatasetProfileRecord).insert({
        datasetId: events.id,
        configurationId: configuration?.id ?? '',
        mappingVersion: 0,
        joined: `items:${events.id}:0:0 users:${uploadedId}:1:0`,
        format: 1,
        sha256,
      });
    });
    expect((await left()).filter((place) => place.includes(sha256))).toHaveLength(1);
    await erase(owner);
    await subjectWorker(test).workOff();
    expect(await left()).toEqual([]);
  });

  it('is the store of events that never had the subject', async () => {
    await plant(test, owner);
    await test.database.inTenant(other.id, (scope) => registerIndexes(scope, KIND, INDEXES));
    await ingest(
      other.caller,
      events().filter(({ subjectId }) => subjectId !== SUBJECT),
    );
    await erase(owner);
    await subjectWorker(test).workOff();
    const stateOf = (tenant: ApiTenant) =>
      test.database.inTenant(tenant.id, async (scope) => ({
        kinds: await scope.query('SELECT kind, count, first_at, last_at FROM event_kinds ORDER BY kind'),
        rates: await scope.query('SELECT item, day, shown, positives FROM event_rates ORDER BY item, day'),
        entries: await scope.query<IndexEntry>(
          `SELECT i.definition, e.key, e.at_ms, e.kind, e.number, e.value FROM event_index_entries e
             JOIN event_indexes i ON i.tenant_id = e.tenant_id AND i.id = e.index_id ORDER BY 1, 2, 3`,
        ),
        counts: await scope.query(
          `SELECT i.definition, c.key, c.level, c.bucket, c.kind, c.value, c.count, c.numbers, c.sum, c.min, c.max
             FROM event_index_counts c JOIN event_indexes i ON i.tenant_id = c.tenant_id AND i.id = c.index_id
            ORDER BY 1, 2, 3, 4, 5, 6`,
        ),
      }));
    const state = await stateOf(owner);
    expect(state.counts.length).toBeGreaterThan(10);
    expect(state).toEqual(await stateOf(other));
  });

  it('gives a receipt that anybody can check, which names what became of each version', async () => {
    const { modelVersionId, uploadedId, runId } = await plant(test, owner);
    const id = await erase(owner);
    await subjectWorker(test).workOff();
    const { receipt, pseudonym } = await lookAt(owner, id);
    const { privacySigningKey } = await owner.caller.data<{ privacySigningKey: { publicKey: string } }>(
      '{ privacySigningKey { publicKey } }',
    );
    const document = receipt?.document ?? '';
    const isSigned = (text: string) =>
      verify(
        null,
        Buffer.from(text),
        privacySigningKey.publicKey,
        Buffer.from(receipt?.signature ?? '', 'base64'),
      );
    expect(isSigned(document)).toBe(true);
    expect(isSigned(document.replace('"EVENTS","count":10', '"EVENTS","count":11'))).toBe(false);
    const content = JSON.parse(document) as ReceiptContent;
    expect(content).toMatchObject({ tenantId: owner.id, receiptId: id, subject: pseudonym });
    expect(document).not.toContain(`"${SUBJECT}"`);
    expect(content.modelVersions).toEqual([
      {
        modelVersionId,
        domain: KIND,
        number: 1,
        trainingRunId: runId,
        datasets: [{ datasetId: uploadedId, rows: 10 }],
        inheritedFrom: null,
        outcome: 'RETIRED',
        legalGround: null,
        retrainedBy: null,
        servesUntilReplaced: false,
        remark: null,
      },
    ]);
    const { promoteModel } = await owner.caller.data<{ promoteModel: { message: string } }>(
      'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { ... on UserError { message } } }',
      { id: modelVersionId },
    );
    expect(promoteModel.message).toContain('it was retired');
  });

  it('keeps models on a ground, or has them trained again on what is left, once for each file', async () => {
    const { modelVersionId } = await plant(test, owner);
    const kept = await erase(owner, { models: 'KEEP', legalGround: 'Art. 17(3)(b)' });
    await subjectWorker(test).workOff();
    expect((await lookAt(owner, kept)).receipt?.modelVersions).toMatchObject([
      { modelVersionId, outcome: 'KEPT', legalGround: 'Art. 17(3)(b)' },
    ]);
    const again = await plant(test, other);
    const retrained = await erase(other, { models: 'RETRAIN' });
    await subjectWorker(test).workOff();
    const [version] = (await lookAt(other, retrained)).receipt?.modelVersions ?? [];
    expect(version).toMatchObject({
      modelVersionId: again.modelVersionId,
      outcome: 'RETRAINING',
      servesUntilReplaced: true,
    });
    const { trainingRun } = await other.caller.data<{
      trainingRun: { state: string; dataset: { id: string } };
    }>('query ($id: ID!) { trainingRun(id: $id) { state dataset { id } } }', { id: version?.retrainedBy });
    expect(trainingRun).toEqual({ state: 'QUEUED', dataset: { id: again.uploadedId } });
  });

  it('waits for jobs that began with the data', async () => {
    const { uploadedId } = await plant(test, owner);
    const runId = await startRun(owner, uploadedId);
    const change = (set: string) =>
      test.database.inTenant(owner.id, (scope) =>
        scope.query(`UPDATE jobs SET ${set} WHERE tenant_id = $1 AND id = $2`, [owner.id, runId]),
      );
    await change("attempt = 1, state = 'TRAINING', started_at = now()");
    const id = await erase(owner);
    await subjectWorker(test).workOff();
    expect((await lookAt(owner, id)).state).toBe('QUEUED');
    await change("state = 'CANCELLED', finished_at = now()");
    await subjectWorker(test).workOff();
    expect(removedOf(await lookAt(owner, id))).toEqual(REMOVED);
  });

  it('comes to the same end wherever its worker is lost', async () => {
    let crashes = 0;
    for (let after = 1; ; after += 2) {
      const tenant = await test.tenant();
      owner = tenant;
      await plant(test, owner);
      const id = await erase(owner);
      const dying = subjectWorker(test, { objects: dyingAfter(after), leaseMs: 1 });
      await dying.workOff();
      if ((await lookAt(owner, id)).state === 'SUCCEEDED') break;
      crashes += 1;
      await test.database.inTenant(owner.id, (scope) =>
        scope.query('UPDATE subject_requests SET wake_at = NULL WHERE tenant_id = $1', [owner.id]),
      );
      await subjectWorker(test).workOff();
      expect(removedOf(await lookAt(owner, id))).toEqual(REMOVED);
      expect(await left()).toEqual([]);
    }
    expect(crashes).toBeGreaterThan(5);
  }, 240_000);

  it('keeps the subject from coming back until it is allowed to', async () => {
    const { uploadUrl, body } = await plant(test, owner);
    await erase(owner);
    await subjectWorker(test).workOff();
    const again = { ...view('new'), subjectId: SUBJECT };
    const refused = await ingest(owner.caller, [again, view('of-another', { subjectId: 'u2' })]);
    expect(refused).toMatchObject({ accepted: 1, refused: 1 });
    expect(refused.outcomes[0]?.issues[0]?.path).toBe('events.0.subjectId');
    // The file that the dataset had may be sent again, and changes nothing.
    expect((await owner.caller.http(uploadUrl, { method: 'PUT', body })).status).toBe(200);
    // In another dataset it is taken without the subject.
    const { id, uploadUrl: newUrl } = await announceDataset(owner.caller);
    expect((await owner.caller.http(newUrl, { method: 'PUT', body })).status).toBe(200);
    const { dataset } = await owner.caller.data<{ dataset: { rowCount: number } }>(
      'query ($id: ID!) { dataset(id: $id) { rowCount } }',
      { id },
    );
    expect(dataset.rowCount).toBe(31);
    expect(await left()).toEqual([]);
    const { allowSubject } = await owner.caller.data<{ allowSubject: { domains: string[] } }>(
      `mutation { allowSubject(input: { subjectId: "${SUBJECT}", domain: ${KIND} }) { ... on AllowSubjectSuccess { domains } } }`,
    );
    expect(allowSubject.domains).toEqual([KIND]);
    expect(await ingest(owner.caller, [again])).toMatchObject({ accepted: 1 });
  });

  it('needs a ground to keep models, and says nothing of other tenants’ requests', async () => {
    const { eraseSubject } = await owner.caller.data<{ eraseSubject: { issues: { path: string }[] } }>(
      `mutation { eraseSubject(input: { subjectId: "x", models: KEEP }) { ... on InvalidInput { issues { path } } } }`,
    );
    expect(eraseSubject.issues).toEqual([{ path: 'legalGround' }]);
    const id = await erase(other);
    const query = 'query ($id: ID!) { subjectRequest(id: $id) { id } }';
    const answers = [
      await owner.caller.send(query, { id }),
      await owner.caller.send(query, { id: randomUUID() }),
    ];
    expect(answers.map(({ errors }) => errors[0]?.extensions['code'])).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  });
});

/** The stores, of which a process loses its life at the n-th operation. */
function dyingAfter(operations: number): ObjectStores {
  let left = operations;
  return {
    forTenant: (tenantId) =>
      new Proxy(test.stores.forTenant(tenantId), {
        get(store, name) {
          const operation = store[name as keyof ObjectStore].bind(store) as (
            ...given: unknown[]
          ) => Promise<unknown>;
          return async (...given: unknown[]) => {
            left -= 1;
            if (left < 0) throw new Error('lost');
            return operation(...given);
          };
        },
      }),
  };
}
