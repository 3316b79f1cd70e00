import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MasterKeys } from '../../../src/platform/encryption/master-keys';
import { TenantKeys } from '../../../src/platform/encryption/tenant-keys';
import { createLogger } from '../../../src/platform/telemetry/logger';
import { raiseAlert } from '../../../src/services/monitoring/raise-alert';
import {
  WebhookWorker,
  type WebhookWorkerOptions,
} from '../../../src/services/monitoring/webhooks/webhook-worker';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Statuses of the next answers; the last one stays. 0: no answer at all. */
  statuses: number[];
}
interface Delivery {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly nextAttemptAt: string | null;
}

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const servers: Server[] = [];
const workers: WebhookWorker[] = [];
let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ config: { webhookTargets: 'any', masterKey: MASTER_KEY } });
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await test.close();
});

async function receiver(...statuses: number[]): Promise<Receiver> {
  const made: Receiver = { url: '', received: [], statuses };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      made.received.push({ headers: request.headers, body });
      const status = made.statuses.length > 1 ? made.statuses.shift() : made.statuses[0];
      if (status) response.writeHead(status).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(made, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` });
}

function worker(options: Partial<WebhookWorkerOptions> = {}): WebhookWorker {
  const made = new WebhookWorker({
    database: test.database,
    logger: createLogger('test', 'silent'),
    keys: new TenantKeys(new MasterKeys({ masterKey: MASTER_KEY, masterKeyFile: null, dataDirectory: '' })),
    targets: 'any',
    firstDelayMs: 1,
    timeoutMs: 5_000,
    ...options,
  });
  workers.push(made);
  return made;
}

const SET = `mutation ($input: SetWebhookInput!) { setWebhook(input: $input) { __typename
  ... on SetWebhookSuccess { secret webhook { id url events disabledAt failures } }
  ... on InvalidInput { issues { path message } } } }`;
interface SetAnswer {
  readonly __typename: string;
  readonly secret: string | null;
  readonly webhook: { readonly id: string; readonly disabledAt: string | null; readonly failures: number };
  readonly issues?: readonly { path: string }[];
}

async function set(url: string, events?: readonly string[]): Promise<SetAnswer> {
  return (await owner.caller.data<{ setWebhook: SetAnswer }>(SET, { input: { url, events } })).setWebhook;
}

const raise = (kind: 'DRIFT' | 'NO_EVENTS' = 'DRIFT') =>
  test.database.inTenant(owner.id, (scope) =>
    raiseAlert(scope, {
      ...{ domain: KIND, kind, from: 'OK', to: 'BAD', message: 'x has drifted', modelVersionId: null },
    }),
  );

async function deliveries(webhookId: string): Promise<readonly Delivery[]> {
  const answer = await owner.caller.data<{ webhookDeliveries: { nodes: Delivery[] } }>(
    `query ($id: ID!) { webhookDeliveries(webhookId: $id, first: 100) {
      nodes { id state attempts status error nextAttemptAt } } }`,
    { id: webhookId },
  );
  return answer.webhookDeliveries.nodes;
}

/** Lets workers call until nothing is pending; retries are due at once in these tests. */
async function settle(made: WebhookWorker, webhookId: string): Promise<readonly Delivery[]> {
  for (;;) {
    await made.callDue();
    await made.idle();
    const all = await deliveries(webhookId);
    if (all.every(({ state }) => state !== 'PENDING')) return all;
    await sleep(5);
  }
}

describe('webhooks', () => {
  it('are sent each alert once, signed, by however many workers', async () => {
    const there = await receiver(204);
    const { secret, webhook } = await set(there.url);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9_-]{43}$/);
    const alerts = [await raise(), await raise('NO_EVENTS')];
    const all = [worker(), worker(), worker()];
    await Promise.all(all.map((made) => made.callDue()));
    await Promise.all(all.map((made) => made.idle()));
    expect(await settle(worker(), webhook.id)).toMatchObject([
      { state: 'DELIVERED', attempts: 1, status: 204, error: null, nextAttemptAt: null },
      { state: 'DELIVERED', attempts: 1 },
    ]);
    expect(there.received).toHaveLength(2);
    const told = there.received.map(({ headers, body }) => {
      const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['propensity-signature'])) ?? [];
      expect(
        createHmac('sha256', secret ?? '')
          .update(`${t}.${body}`)
          .digest('hex'),
      ).toBe(v1);
      expect(Math.abs(Number(t) - Date.now() / 1000)).toBeLessThan(300);
      const parsed = JSON.parse(body) as { id: string; alert: { id: string } };
      expect(headers['propensity-delivery']).toBe(parsed.id);
      return parsed.alert.id;
    });
    expect(told.sort()).toEqual(alerts.map(({ id }) => id).sort());
  });

  it('are sent what they are for, and their secret is told once', async () => {
    const there = await receiver(200);
    const { webhook } = await set(there.url, ['NO_EVENTS']);
    await raise('DRIFT');
    await raise('NO_EVENTS');
    expect(await settle(worker(), webhook.id)).toHaveLength(1);
    expect(await set(there.url, [])).toMatchObject({ secret: null, webhook: { id: webhook.id } });
    const { webhooks } = await owner.caller.data<{ webhooks: object[] }>('{ webhooks { id url events } }');
    expect(webhooks).toEqual([{ id: webhook.id, url: there.url, events: [] }]);
  });

  it('are tried again after an error, with the same body', async () => {
    const there = await receiver(500, 503, 302, 200);
    const { webhook } = await set(there.url);
    await raise();
    const [delivery] = await settle(worker(), webhook.id);
    expect(delivery).toMatchObject({ state: 'DELIVERED', attempts: 4, status: 200, error: null });
    expect(new Set(there.received.map(({ body }) => body)).size).toBe(1);
  });

  it('wait longer before each further attempt', async () => {
    const there = await receiver(500);
    const { webhook } = await set(there.url);
    await raise();
    const made = worker({ firstDelayMs: 1_000_000 });
    await made.callDue();
    await made.idle();
    const [delivery] = await deliveries(webhook.id);
    expect(delivery).toMatchObject({ state: 'PENDING', attempts: 1, status: 500, error: 'it answered 500' });
    const ahead = new Date(delivery?.nextAttemptAt ?? 0).getTime() - Date.now();
    expect(ahead).toBeGreaterThan(400_000);
    expect(ahead).toBeLessThan(1_000_001);
    expect(await made.callDue()).toBe(0);
  });

  it('are given up when nothing helps, with an alert, until they are set again', async () => {
    const there = await receiver(500);
    const { webhook } = await set(there.url);
    for (let n = 0; n < 3; n++) await raise();
    const made = worker({ maxAttempts: 2, disableAfter: 2, perTenant: 1 });
    const all = await settle(made, webhook.id);
    expect(all.map(({ state }) => state)).toEqual(['FAILED', 'FAILED', 'FAILED']);
    // The third was not tried to the end.
    expect(there.received.length).toBeLessThan(6);
    const { alerts, webhooks } = await owner.caller.data<{
      alerts: { nodes: { kind: string }[] };
      webhooks: { disabledAt: string | null; failures: number }[];
    }>('{ alerts { nodes { kind } } webhooks { disabledAt failures } }');
    expect(alerts.nodes[0]?.kind).toBe('WEBHOOK_DISABLED');
    expect(webhooks).toEqual([{ disabledAt: expect.any(String) as string, failures: 2 }]);
    await raise();
    expect(await deliveries(webhook.id)).toHaveLength(3);
    there.statuses = [200];
    expect((await set(there.url)).webhook).toMatchObject({ disabledAt: null, failures: 0 });
    await raise();
    expect((await settle(made, webhook.id))[0]).toMatchObject({ state: 'DELIVERED' });
  });

  it('that hang hold up nobody but themselves, and no more calls at a time than a tenant may have', async () => {
    const silent = await receiver(0);
    const { webhook: slow } = await set(silent.url);
    for (let n = 0; n < 5; n++) await raise();
    const made = worker({ timeoutMs: 2_000, perTenant: 2, maxAttempts: 1 });
    const another = worker({ timeoutMs: 2_000, perTenant: 2, maxAttempts: 1 });
    await Promise.all([made.callDue(), another.callDue(), made.callDue()]);
    const other = await test.tenant();
    const waiting = owner;
    owner = other;
    const there = await receiver(200);
    const { webhook } = await set(there.url);
    await raise();
    await made.callDue();
    await another.callDue();
    while (there.received.length === 0) await sleep(10);
    expect(silent.received.length).toBeLessThanOrEqual(2);
    await made.idle();
    await another.idle();
    expect(await deliveries(webhook.id)).toMatchObject([{ state: 'DELIVERED' }]);
    owner = waiting;
    const first = (await deliveries(slow.id)).filter(({ state }) => state === 'FAILED');
    expect(first).toHaveLength(2);
    expect(first[0]?.error).toBe('no answer came within 2 seconds');
  });

  it('go on after a worker that fell silent', async () => {
    const there = await receiver(200);
    const { webhook } = await set(there.url);
    await raise();
    const lease = (until: string) =>
      test.database.inTenant(owner.id, (scope) =>
        scope.query(
          'UPDATE webhook_deliveries SET leased_until = now() + $2::interval WHERE tenant_id = $1',
          [owner.id, until],
        ),
      );
    await lease('1 minute');
    const made = worker();
    await made.callDue();
    expect(there.received).toHaveLength(0);
    await lease('-1 second');
    expect(await settle(made, webhook.id)).toMatchObject([{ state: 'DELIVERED' }]);
  });

  it('never lead inside where they may not, also those that were set before', async () => {
    const inside = await receiver(200);
    const { webhook } = await set(inside.url);
    await raise();
    expect(await settle(worker({ targets: 'public', maxAttempts: 1 }), webhook.id)).toMatchObject([
      { state: 'FAILED', status: null, error: 'the URL must begin with https://' },
    ]);
    expect(inside.received).toEqual([]);
  });

  it('are refused with the path of what is wrong, and are of their own tenant', async () => {
    expect(await set('ftp://example.com/')).toMatchObject({
      __typename: 'InvalidInput',
      issues: [{ path: 'url' }],
    });
    const { webhook } = await set('https://example.com/alerts');
    const stranger = await test.tenant();
    const query = 'query ($id: ID!) { webhookDeliveries(webhookId: $id) { nodes { id } } }';
    expect(await stranger.caller.code(query, { id: webhook.id })).toBe('NOT_FOUND');
    const remove =
      'mutation ($id: ID!) { deleteWebhook(input: { webhookId: $id }) { ... on DeleteWebhookSuccess { webhook { id } } } }';
    expect(await stranger.caller.code(remove, { id: webhook.id })).toBe('NOT_FOUND');
    await owner.caller.data(remove, { id: webhook.id });
    expect(await owner.caller.code(query, { id: webhook.id })).toBe('NOT_FOUND');
    const analyst = await test.tenant('ANALYST');
    expect(await analyst.caller.code(SET, { input: { url: 'https://example.com/' } })).toBe('FORBIDDEN');
  });
});
