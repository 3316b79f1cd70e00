import { withOwner } from '../../../src/platform/persistence/owner-connection';
import { Dataset } from '../../../src/services/datasets/dataset.entity';
import { RetentionWorker } from '../../../src/services/retention/retention-worker';
import { BatchScoring } from '../../../src/services/scoring/batch-scoring.entity';
import { askSnapshot, lookAtSnapshot, snapshotWorker } from '../../support/api/event-snapshots';
import { ingest } from '../../support/api/stored-events';
import { storeScoring } from '../../support/api/stored-scoring';
import { announceDataset, configureTable, KIND, TABLE_CSV } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';
import { events } from '../../support/privacy/planted-subject';
import { silentLogger } from '../../support/training/training-harness';

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
  readonly oldestAt: string | null;
  readonly removals: readonly { readonly count: number; readonly bytes: number }[];
}

const set = (periods: object[]) =>
  owner.caller.data('mutation ($input: SetRetentionInput!) { setRetention(input: $input) { __typename } }', {
    input: { periods },
  });

async function period(kind: string): Promise<Period | undefined> {
  const { retention } = await owner.caller.data<{ retention: Period[] }>(
    '{ retention { kind oldestAt removals { count bytes } } }',
  );
  return retention.find((each) => each.kind === kind);
}

const worker = () =>
  new RetentionWorker({ database: test.database, objects: test.stores, logger: silentLogger });

/** Rows of the tenant as if they were 40 days old; the application cannot change all of them. */
const age = (table: string, column: string) =>
  withOwner(test.ownerUrl, (connection) =>
    connection.query(`UPDATE ${table} SET ${column} = now() - interval '40 days' WHERE tenant_id = $1`, [
      owner.id,
    ]),
  );

const datasetOf = (id: string): Promise<Dataset> =>
  test.database.inTenant(owner.id, (scope) => scope.repository(Dataset).getOrThrow(id));

const kept = (sha256: string | null | undefined): Promise<boolean> =>
  test.stores.forTenant(owner.id).has(sha256 ?? '');

describe('snapshots', () => {
  it('lose their file by a period of their own; the events stay, and give the same file again', async () => {
    await ingest(owner.caller, events());
    const make = async () => {
      const { snapshot } = await askSnapshot(owner.caller);
      await snapshotWorker(test).makeWaiting();
      return (
        (await lookAtSnapshot(owner.caller, snapshot.id)).dataset ?? { id: '', sha256: '', downloadUrl: '' }
      );
    };
    const snapshot = await make();
    const file = await owner.caller.http(snapshot.downloadUrl, { method: 'GET' });
    const { id, uploadUrl } = await announceDataset(owner.caller);
    const body = `${await file.text()}\n`;
    expect((await owner.caller.http(uploadUrl, { method: 'PUT', body })).status).toBe(200);
    const uploaded = await datasetOf(id);
    await age('datasets', 'uploaded_at');
    await set([{ kind: 'SNAPSHOTS', days: 30 }]);
    expect((await period('SNAPSHOTS'))?.oldestAt).not.toBeNull();
    expect(await worker().enforce()).toEqual({ count: 1, objects: 1 });
    expect(await datasetOf(snapshot.id)).toMatchObject({ state: 'REJECTED', sha256: null });
    expect(await kept(snapshot.sha256)).toBe(false);
    expect(await kept(uploaded.sha256)).toBe(true);
    expect((await make()).sha256).toBe(snapshot.sha256);
    expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
    // The period of uploads is not that of snapshots.
    await set([{ kind: 'DATASETS', days: 30 }, { kind: 'SNAPSHOTS' }]);
    await age('datasets', 'uploaded_at');
    expect(await worker().enforce()).toEqual({ count: 1, objects: 1 });
    expect(await kept(snapshot.sha256)).toBe(true);
  });
});

describe('rows that were set aside', () => {
  const quarantineOf = async (id: string): Promise<Response> => {
    const url = `/downloads/datasets/${id}/quarantine.csv`;
    return owner.caller.http(url, { method: 'GET' });
  };

  it('of a dataset go with its profile, and are made again when they are asked for', async () => {
    await configureTable(owner.caller);
    const { id, uploadUrl } = await announceDataset(owner.caller);
    const body = `${TABLE_CSV}odd,red,1\n`;
    expect((await owner.caller.http(uploadUrl, { method: 'PUT', body })).status).toBe(200);
    const { sha256 } = await datasetOf(id);
    await set([{ kind: 'REFUSED_ROWS', days: 30 }]);
    const before = await (await quarantineOf(id)).text();
    expect(before).toContain('odd');
    expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
    await age('dataset_profiles', 'created_at');
    expect((await period('REFUSED_ROWS'))?.oldestAt).not.toBeNull();
    expect(await worker().enforce()).toEqual({ count: 1, objects: 2 });
    expect(await period('REFUSED_ROWS')).toMatchObject({ oldestAt: null, removals: [{ count: 1 }] });
    expect(await datasetOf(id)).toMatchObject({ state: 'READY', sha256 });
    expect(await kept(sha256)).toBe(true);
    expect(await (await quarantineOf(id)).text()).toBe(before);
  });

  it('of a scoring go for good, and leave its scores and its accounting', async () => {
    const { id: modelVersionId } = await trainedModel(test, owner);
    const id = await storeScoring(test, owner, { kind: KIND, modelVersionId, probabilities: [0.1, 0.9] });
    const quarantine = await test.stores.forTenant(owner.id).put(Buffer.from('line,reason,text\n7,odd,x\n'));
    await test.database.inTenant(owner.id, (scope) =>
      scope.query(
        `UPDATE jobs SET result = result || jsonb_build_object('quarantine', $3::jsonb) WHERE tenant_id = $1 AND id = $2`,
        [owner.id, id, JSON.stringify(quarantine)],
      ),
    );
    await age('jobs', 'finished_at');
    await set([{ kind: 'REFUSED_ROWS', days: 30 }]);
    expect(await worker().enforce()).toEqual({ count: 1, objects: 1 });
    expect(await kept(quarantine.sha256)).toBe(false);
    const { result } = await test.database.inTenant(owner.id, (scope) =>
      scope.repository(BatchScoring).getOrThrow(id),
    );
    for (const file of [result?.scores, result?.ranking]) expect(await kept(file?.sha256)).toBe(true);
    expect((await period('REFUSED_ROWS'))?.removals).toMatchObject([{ count: 1, bytes: quarantine.bytes }]);
    expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
  });
});
