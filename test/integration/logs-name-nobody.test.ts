import { MasterKeys } from '../../src/platform/encryption/master-keys';
import { TenantKeys } from '../../src/platform/encryption/tenant-keys';
import { raiseAlert } from '../../src/services/monitoring/raise-alert';
import { createLogger } from '../../src/platform/telemetry/logger';
import { withOwner } from '../../src/platform/persistence/owner-connection';
import { WebhookWorker } from '../../src/services/monitoring/webhooks/webhook-worker';
import { RetentionWorker } from '../../src/services/retention/retention-worker';
import { askSnapshot } from '../support/api/event-snapshots';
import { SnapshotWorker } from '../../src/services/events/snapshot-worker';
import { INGEST, view } from '../support/api/stored-events';
import { announceDataset, KIND } from '../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';
import { subjectWorker } from '../support/privacy/subject-worker';

/** Of a person, and nowhere else. */
const ID = 'subject-9c41f7';
const EMAIL = 'wilhelmina.9c41f7@example.org';
const PLANTED = [ID, EMAIL, 'wilhelmina', '9c41f7'];

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

const lines: string[] = [];
const logger = createLogger('test', 'trace', { write: (line) => lines.push(line) });

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ logger, config: { webhookTargets: 'any', masterKey: MASTER_KEY } });
});
beforeEach(async () => {
  owner = await test.tenant();
  lines.length = 0;
});
afterAll(() => test.close());

const found = (): string[] => lines.filter((line) => PLANTED.some((text) => line.includes(text)));

const event = view(`event-${ID}`, {
  subjectId: ID,
  values: [
    { name: 'category', text: 'garden' },
    { name: 'price', number: 1 },
    { name: 'note', text: EMAIL },
  ],
});

/** With a table out of the way, so that whoever needs it fails with all that it was given. */
async function without(table: string, work: () => Promise<unknown>): Promise<void> {
  const rename = (from: string, to: string) =>
    withOwner(test.ownerUrl, (connection) => connection.query(`ALTER TABLE ${from} RENAME TO ${to}`));
  await rename(table, `${table}_away`);
  try {
    await work();
  } finally {
    await rename(`${table}_away`, table);
  }
}

describe('the log of the API', () => {
  it('does not hold what is sent, where it is stored', async () => {
    await owner.caller.data(INGEST, { input: { domain: KIND, events: [event] } });
    const { id, uploadUrl } = await announceDataset(owner.caller, `rows of ${EMAIL}`);
    const body = `event_id,user_id,time,kind,label\n1,${ID},${EMAIL},view,1\n"${EMAIL}\n`;
    await owner.caller.http(uploadUrl, { method: 'PUT', body });
    await owner.caller.send('query ($id: ID!) { dataset(id: $id) { profile { __typename } } }', { id });
    expect(found()).toEqual([]);
  });

  it('does not hold what is wrong in a request', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const body of [`{"query": "${EMAIL}`, `{"query": "{ ${ID} }"}`, EMAIL])
      await owner.caller.http('/graphql', { method: 'POST', headers, body });
    await owner.caller.http(`/graphql?query=${ID}&variables={"email":"${EMAIL}"}`, { method: 'GET' });
    await owner.caller.http(`/downloads/datasets/${ID}/quarantine.csv?of=${EMAIL}`, { method: 'GET' });
    await owner.caller.send(INGEST, { input: { domain: KIND, events: [{ ...event, at: EMAIL }] } });
    await owner.caller.send('query ($id: ID!) { subjectRequest(id: $id) { id } }', { id: EMAIL });
    expect(found()).toEqual([]);
  });

  it.each(['events', 'event_kinds'])(
    'says that a request failed, and not with what, where %s is out of reach',
    async (table) => {
      await without(table, () => owner.caller.send(INGEST, { input: { domain: KIND, events: [event] } }));
      expect(lines.join('')).toContain('an operation failed');
      expect(lines.join('')).toContain(owner.id);
      expect(found()).toEqual([]);
    },
  );

  it('says that a request about a subject failed, and not which', async () => {
    await without('subject_requests', () =>
      owner.caller.send(
        `mutation { exportSubject(input: { subjectId: "${ID}" }) { ... on ExportSubjectSuccess { request { id } } } }`,
      ),
    );
    expect(lines.join('')).toContain('an operation failed');
    expect(found()).toEqual([]);
  });
});

describe('the log of the workers', () => {
  it('does not hold what a job fails of', async () => {
    const { database, stores: objects } = test;
    await owner.caller.data(INGEST, { input: { domain: KIND, events: [event] } });
    await askSnapshot(owner.caller, { name: EMAIL });
    const snapshots = new SnapshotWorker({
      database,
      objects,
      logger,
      dataDirectory: '/nowhere',
      maxBytes: 1,
    });
    await snapshots.makeWaiting();
    await owner.caller.data(
      `mutation { eraseSubject(input: { subjectId: "${ID}", models: RETIRE }) { __typename } }`,
    );
    await without('event_index_entries', () => subjectWorker(test, { logger }).workOff());
    await without('event_rates', () => new RetentionWorker({ database, objects, logger }).enforce());
    expect(lines.length).toBeGreaterThan(0);
    expect(found()).toEqual([]);
  });

  it('does not hold the address of a webhook that fails', async () => {
    const { database } = test;
    const url = `http://127.0.0.1:9/hooks/${ID}?to=${EMAIL}`;
    await owner.caller.data(
      'mutation ($url: String!) { setWebhook(input: { url: $url, events: [DRIFT] }) { ... on SetWebhookSuccess { webhook { id } } } }',
      { url },
    );
    await test.database.inTenant(owner.id, (scope) =>
      raiseAlert(scope, {
        ...{
          domain: KIND,
          kind: 'DRIFT',
          from: 'OK',
          to: 'BAD',
          message: `${EMAIL} has drifted`,
          modelVersionId: null,
        },
      }),
    );
    const keys = new TenantKeys(
      new MasterKeys({ masterKey: MASTER_KEY, masterKeyFile: null, dataDirectory: '' }),
    );
    const worker = new WebhookWorker({
      database,
      logger,
      targets: 'any',
      keys,
      maxAttempts: 2,
      firstDelayMs: 1,
    });
    const call = async () => {
      await worker.callDue();
      await worker.idle();
    };
    await call();
    await call();
    await worker.close();
    expect(found()).toEqual([]);
  });
});
