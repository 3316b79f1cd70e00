import ecommerce from '../../domains/ecommerce-purchase';
import { generatedEvents } from '../support/api/generated-events';
import { hasEnded, TestClient } from '../support/e2e/client';
import { PlatformProcess, withDataDirectory } from '../support/e2e/platform';
import { processesOf } from '../support/e2e/processes';
import { until } from '../support/training/until';

const KIND = 'ECOMMERCE_PURCHASE';

const INGEST = `mutation ($input: IngestEventsInput!) { ingestEvents(input: $input) {
  ... on IngestEventsSuccess { accepted duplicates refused } ... on UserError { code message } } }`;

const INTENT = `query ($input: PurchaseIntentInput!) { purchaseIntent(input: $input) {
  ... on PurchaseIntent { probability interval { level } modelVersion { trainedUntil } reasons(first: 100) { ... on Reasons { logit baselineLogit error items { contribution } } } history { source count latestAt } } ... on UserError { code message } } }`;

interface Intent {
  readonly probability: number;
  readonly reasons: {
    readonly logit: number;
    readonly baselineLogit: number;
    readonly error: number;
    readonly items: ReadonlyArray<{ readonly contribution: number }>;
  };
}

interface Snapshot {
  readonly state: string;
  readonly error: object | null;
  readonly dataset: { readonly id: string } | null;
}

describe('events as they happen', () => {
  test(
    'are sent, become a dataset although a worker is killed, train a model, and are in its next prediction',
    () =>
      withDataDirectory(async (dataDirectory) => {
        const platform = PlatformProcess.start({ dataDirectory });
        try {
          const url = await platform.url();
          const admin = new TestClient(url, await platform.platformAdminKey());
          const tenant = await admin.createTenant('live-shop');
          await tenant.field(
            `mutation { configureDomain(input: { kind: ${KIND}, preset: TINY }) { __typename } }`,
          );
          const events = generatedEvents(ecommerce, 0.02);
          for (let start = 0; start < events.length; start += 1000) {
            const input = { domain: KIND, events: events.slice(start, start + 1000) };
            expect(await tenant.field(INGEST, { input })).toHaveProperty('accepted');
          }

          const { snapshot } = await tenant.field<{ snapshot: { id: string } }>(
            `mutation { snapshotEvents(input: { domain: ${KIND} }) { ... on SnapshotEventsSuccess { snapshot { id } } } }`,
          );
          for (const pid of processesOf('queue-workers/main.js', dataDirectory)) process.kill(pid, 'SIGKILL');
          const made = await until(
            () =>
              tenant.field<Snapshot>(
                'query ($id: ID!) { eventSnapshot(id: $id) { state error { message } dataset { id } } }',
                snapshot,
              ),
            ({ state }) => state === 'SUCCEEDED' || state === 'FAILED',
            100_000,
          );
          expect(made).toMatchObject({ state: 'SUCCEEDED', error: null });

          const run = await tenant.runUntil(
            await tenant.startTraining(KIND, made.dataset?.id ?? ''),
            hasEnded,
          );
          expect(run).toMatchObject({ state: 'SUCCEEDED', error: null });
          await tenant.promote(run.modelVersion?.id ?? '');

          const at = new Date().toISOString();
          const event = { id: 'now', subjectId: 'somebody new', at, kind: 'view', values: [] };
          const input = { userId: event.subjectId, at: new Date(Date.now() + 1_000).toISOString() };
          expect(await tenant.field(INTENT, { input })).toMatchObject({
            history: { source: 'LOOKED_UP', count: 0 },
          });
          await tenant.field(INGEST, { input: { domain: KIND, events: [event] } });
          const intent = await tenant.field<Intent>(INTENT, { input });
          expect(intent).toMatchObject({
            probability: expect.any(Number) as number,
            history: { source: 'LOOKED_UP', count: 1, latestAt: at },
            interval: { level: 0.9 },
            modelVersion: { trainedUntil: expect.any(String) as string },
          });
          // The worker has stored what explains the model, and its certificate.
          const { logit, baselineLogit, error, items } = intent.reasons;
          const added = items.reduce((sum, { contribution }) => sum + contribution, 0);
          expect(baselineLogit + added + error).toBeCloseTo(logit, 5);
          expect(1 / (1 + Math.exp(-logit))).toBeCloseTo(intent.probability, 5);
        } finally {
          await platform.stop();
        }
      }),
    240_000,
  );
});
