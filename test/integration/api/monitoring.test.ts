import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createLogger } from '../../../src/platform/telemetry/logger';
import { DriftService } from '../../../src/services/monitoring/drift.service';
import { MonitorWorker } from '../../../src/services/monitoring/monitor-worker';
import { type NewAlert, raiseAlert } from '../../../src/services/monitoring/raise-alert';
import { type ScoredExample } from '../../../src/services/prediction/log/recorded-prediction';
import { likeTraining, TABLE_REFERENCE } from '../../support/api/drifting-model';
import { logPrediction } from '../../support/api/log-prediction';
import { type ServingApi, startServingApi } from '../../support/api/served-models';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';
import { linearArtifact } from '../../support/linear-artifact';

interface Alert {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

const TRIAL: NewAlert = {
  ...{
    domain: null,
    kind: 'WEBHOOK_DISABLED',
    from: 'OK',
    to: 'BAD',
    message: 'a trial',
    modelVersionId: null,
  },
};

let serving: ServingApi;
let test: TestApi;
let owner: ApiTenant;
const clients: Client[] = [];
beforeAll(async () => {
  serving = await startServingApi();
  test = serving.test;
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(async () => {
  for (const client of clients) await client.dispose();
  await serving.close();
});

const worker = (): MonitorWorker =>
  new MonitorWorker({
    database: test.database,
    objects: test.stores,
    drifts: new DriftService(test.database, test.stores),
    logger: createLogger('test', 'silent'),
  });

async function promoted(predictionsCsv?: string): Promise<string> {
  const { id } = await trainedModel(test, owner, {
    driftReference: TABLE_REFERENCE,
    artifactFile: linearArtifact(1),
    ...(predictionsCsv === undefined ? {} : { predictionsCsv }),
  });
  await owner.caller.data(
    'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
    { id },
  );
  return id;
}

async function record(
  modelVersionId: string,
  change: (n: number) => Partial<ScoredExample> = () => ({}),
): Promise<string[]> {
  return Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      logPrediction(test, owner, { ...likeTraining(n), modelVersionId, ...change(n) }),
    ),
  );
}

const green = (n: number): Partial<ScoredExample> => {
  const { example } = likeTraining(n);
  return {
    example: { ...example, record: { features: { ...example.record.features, color: 'green' } } },
  };
};

async function alerts(): Promise<readonly Alert[]> {
  const { alerts: page } = await owner.caller.data<{ alerts: { nodes: Alert[] } }>(
    `{ alerts(first: 100) { nodes { kind from to message domain modelVersionId raisedAt } } }`,
  );
  return page.nodes;
}

/** Makes the tenant's domain due, as if its period had ended long ago. */
async function makeDue(): Promise<void> {
  await test.database.inTenant(owner.id, (scope) =>
    scope.query(`UPDATE monitors SET next_at = now() - interval '10 days' WHERE tenant_id = $1`, [owner.id]),
  );
}

const REPORTS = `query ($domain: DomainKind!) { driftReports(domain: $domain) {
  nodes { computedAt report { state inputs predictions features { name state } } } } }`;
interface Reports {
  readonly driftReports: { readonly nodes: readonly { report: { state: string; predictions: number } }[] };
}

describe('the monitoring', () => {
  it('looks once in a period, however many workers there are, and tells what has changed', async () => {
    const id = await promoted();
    await record(id, green);
    const client = createClient({
      url: test.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { apiKey: owner.caller.key },
      retryAttempts: 0,
    });
    clients.push(client);
    const events = client.iterate({ query: 'subscription { alertRaised { kind from to domain } }' });
    // Once one of these is heard, the subscription follows.
    const follower = { hears: false };
    const first = events.next().then(() => (follower.hears = true));
    while (!follower.hears) {
      await test.database.inTenant(owner.id, (scope) => raiseAlert(scope, TRIAL));
      await Promise.race([first, sleep(50)]);
    }

    await Promise.all([worker().monitorDue(), worker().monitorDue(), worker().monitorDue()]);
    for (;;) {
      const { value } = (await events.next()) as { value: { data: { alertRaised: Alert } } };
      if (value.data.alertRaised.kind === TRIAL.kind) continue;
      expect(value.data.alertRaised).toEqual({ kind: 'DRIFT', from: 'OK', to: 'BAD', domain: KIND });
      break;
    }
    const told = (await alerts()).filter(({ kind }) => kind !== TRIAL.kind);
    expect(told).toMatchObject([{ kind: 'DRIFT', from: 'OK', to: 'BAD' }]);
    expect(told[0]?.message).toContain('color');
    const { driftReports } = await owner.caller.data<Reports>(REPORTS, { domain: KIND });
    expect(driftReports.nodes).toMatchObject([{ report: { state: 'DRIFTED', predictions: 200 } }]);

    const { domain, purchaseIntent } = await owner.caller.data<{
      domain: { driftState: string };
      purchaseIntent: { driftState: string };
    }>(
      `query ($kind: DomainKind!, $input: PurchaseIntentInput!) {
        domain(kind: $kind) { driftState }
        purchaseIntent(input: $input) { ... on PurchaseIntent { driftState } }
      }`,
      { kind: KIND, input: { features: [{ name: 'x', number: 1 }] } },
    );
    expect(domain.driftState).toBe('DRIFTED');
    expect(purchaseIntent.driftState).toBe('DRIFTED');
  });

  it('makes up for all that was missed by one look', async () => {
    const id = await promoted();
    await record(id);
    await worker().monitorDue();
    await worker().monitorDue();
    await makeDue();
    await worker().monitorDue();
    await worker().monitorDue();
    const { driftReports } = await owner.caller.data<Reports>(REPORTS, { domain: KIND });
    expect(driftReports.nodes).toHaveLength(2);
    expect(await alerts()).toEqual([]);
    const [monitor] = await test.database.inTenant(owner.id, (scope) =>
      scope.query<{ ahead: number }>(
        'SELECT extract(epoch FROM next_at - now())::float8 AS ahead FROM monitors WHERE tenant_id = $1',
        [owner.id],
      ),
    );
    expect(monitor?.ahead).toBeGreaterThan(0);
    expect(monitor?.ahead).toBeLessThanOrEqual(3_600);
  });

  it('leaves a domain to the worker that has it, until that falls silent', async () => {
    const id = await promoted();
    await record(id);
    await worker().monitorDue();
    await makeDue();
    const lease = (until: string) =>
      test.database.inTenant(owner.id, (scope) =>
        scope.query(`UPDATE monitors SET leased_until = now() + $2::interval WHERE tenant_id = $1`, [
          owner.id,
          until,
        ]),
      );
    const count = async () =>
      (await owner.caller.data<Reports>(REPORTS, { domain: KIND })).driftReports.nodes.length;
    await lease('1 minute');
    await worker().monitorDue();
    expect(await count()).toBe(1);
    await lease('-1 second');
    await worker().monitorDue();
    expect(await count()).toBe(2);
  });

  it('says once that it has become bad, and once that it is over', async () => {
    await record(await promoted(), green);
    for (let round = 0; round < 2; round++) {
      await worker().monitorDue();
      await makeDue();
    }
    // Trained again, on what has come since.
    await record(await promoted());
    for (let round = 0; round < 2; round++) {
      await worker().monitorDue();
      await makeDue();
    }
    expect((await alerts()).map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['DRIFT', 'BAD', 'OK'],
      ['DRIFT', 'OK', 'BAD'],
    ]);
  });

  it('notices outcomes that turn out worse than the test part said, and other than in training', async () => {
    const lines = Array.from({ length: 100 }, (_, n) => `test,${n},${n % 2},${n % 2 === 0 ? 0.1 : 0.9}`);
    const ids = await record(await promoted(`part,id,label,probability\n${lines.join('\n')}\n`));
    const outcomes = ids.map((predictionId, n) => ({
      predictionId,
      label: likeTraining(n).probability < 0.5,
      at: new Date().toISOString(),
    }));
    await owner.caller.data(
      'mutation ($input: RecordOutcomesInput!) { recordOutcomes(input: $input) { __typename } }',
      { input: { domain: KIND, outcomes } },
    );
    await worker().monitorDue();
    expect((await alerts()).map(({ kind }) => kind).sort()).toEqual(['LABEL_DRIFT', 'LIVE_QUALITY']);
  });

  it('notices that events have stopped', async () => {
    await record(await promoted());
    await test.database.inTenant(owner.id, (scope) =>
      scope.query(
        `INSERT INTO event_stores (tenant_id, domain, last_sequence, last_received_at)
         VALUES ($1, $2, 1, now() - interval '25 hours')`,
        [owner.id, KIND],
      ),
    );
    await worker().monitorDue();
    expect(await alerts()).toMatchObject([{ kind: 'NO_EVENTS', from: 'OK', to: 'BAD' }]);
  });

  it('is seen by its own tenant alone', async () => {
    await record(await promoted(), green);
    await worker().monitorDue();
    const stranger = await test.tenant();
    const { alerts: theirs } = await stranger.caller.data<{ alerts: { nodes: unknown[] } }>(
      '{ alerts { nodes { id } } }',
    );
    expect(theirs.nodes).toEqual([]);
  });
});
