import { readFileSync } from 'node:fs';
import path from 'node:path';
import { filesIn, filesWith } from '../support/artifacts/files-with';
import { hasEnded, TestClient } from '../support/e2e/client';
import { PlatformProcess, withDataDirectory } from '../support/e2e/platform';
import { processesOf } from '../support/e2e/processes';
import { INTENT, visit } from '../support/e2e/visits';
import { ONLINE_SHOPPERS_SPEC, onlineShoppersCsv } from '../support/online-shoppers';

const KIND = 'ECOMMERCE_PURCHASE';

const CONFIGURE = `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) {
  ... on ConfigureDomainSuccess { configuration { version } }
  ... on UserError { code message } } }`;

describe('a real file through the front door', () => {
  test(
    'a tenant configures sessions, uploads, trains although a worker is killed, promotes, and predicts',
    () =>
      withDataDirectory(async (dataDirectory) => {
        const platform = PlatformProcess.start({ dataDirectory });
        try {
          const url = await platform.url();
          const admin = new TestClient(url, await platform.platformAdminKey());
          const tenant = await admin.createTenant('session-shop');
          const stranger = await admin.createTenant('another-shop');

          await tenant.field(CONFIGURE, { input: { kind: KIND, featureSpec: ONLINE_SHOPPERS_SPEC } });
          expect(await tenant.field(INTENT, visit())).toMatchObject({ __typename: 'ModelNotReady' });

          const dataset = await tenant.announceDataset(KIND);
          const upload = await tenant.put(dataset.uploadUrl, shoppersFile());
          expect([upload.status, await upload.text()]).toEqual([200, expect.stringContaining('READY')]);

          // Training is acknowledged; then whoever executes it is killed.
          const runId = await tenant.startTraining(KIND, dataset.id);
          await tenant.runUntil(runId, (run) => run.epochs.length > 0 || hasEnded(run));
          for (const entry of ['training.processor.js', 'queue-workers/main.js'])
            for (const pid of processesOf(entry, dataDirectory)) process.kill(pid, 'SIGKILL');
          const run = await tenant.runUntil(runId, hasEnded);
          expect(run).toMatchObject({ state: 'SUCCEEDED', error: null });

          const modelVersionId = run.modelVersion?.id ?? '';
          const { data } = await tenant.send(
            `query ($id: ID!) { modelVersion(id: $id) {
               evaluation { rocAuc } certificate { valid maxProbabilityDifference examples { train validation test } }
               preparation { rows quarantined used examples split { by train { examples labelRate from } test { examples } } } } }`,
            { id: modelVersionId },
          );
          expect(data).toMatchObject({ modelVersion: { certificate: { valid: true } } });
          const version = data?.['modelVersion'] as {
            evaluation: { rocAuc: number };
            certificate: { examples: { train: number; test: number } };
            preparation: { rows: number; quarantined: number; used: number; examples: number };
          };
          const { rows, quarantined, used, examples } = version.preparation;
          expect([rows - quarantined, used]).toEqual([used, examples]);
          expect(version.preparation).toMatchObject({
            split: {
              by: 'STRATIFIED',
              train: { examples: version.certificate.examples.train, from: null },
              test: { examples: version.certificate.examples.test },
            },
          });
          expect(version.evaluation.rocAuc).toBeGreaterThan(0.75);

          await tenant.promote(modelVersionId);
          const likely = await tenant.field<{ probability: number; modelVersion: object }>(INTENT, visit());
          expect(likely).toMatchObject({
            __typename: 'PurchaseIntent',
            modelVersion: { id: modelVersionId, number: 1 },
          });
          const unlikely = await tenant.field<{ probability: number }>(
            INTENT,
            visit({ pageValues: 0, exitRates: 0.2, productRelated: 1 }),
          );
          expect(likely.probability).toBeGreaterThan(unlikely.probability);

          // Values of the file are in what was stored of it, of the model and of its predictions, and cannot be read there.
          expect(filesIn(path.join(dataDirectory, 'objects')).length).toBeGreaterThan(2);
          expect(filesWith(path.join(dataDirectory, 'objects'), 'Returning_Visitor')).toEqual([]);

          // What a client gets wrong is said with its place.
          const wrong = await tenant.field<{ issues: { path: string }[] }>(
            INTENT,
            visit({ pageValues: 'many' }),
          );
          expect(wrong.issues.map(({ path: place }) => place)).toEqual(['features.pageValues']);

          // Another tenant's things do not exist.
          for (const [field, id] of [
            ['modelVersion', modelVersionId],
            ['trainingRun', runId],
            ['dataset', dataset.id],
          ] as const) {
            const answer = await stranger.send(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id });
            expect(answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
          }
          expect(await stranger.field(INTENT, visit())).toMatchObject({ __typename: 'ModelNotReady' });
        } finally {
          await platform.stop();
        }
      }),
    240_000,
  );
});

/** The public file when its folder is given, otherwise a generated one of its shape. */
function shoppersFile(): string {
  const folder = process.env['PROPENSITY_SHARED_DATA'];
  if (folder === undefined) return onlineShoppersCsv(3_000, 7);
  return readFileSync(path.join(folder, 'ecommerce/online_shoppers_intention.csv'), 'utf8');
}
