import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { filesWith } from '../support/artifacts/files-with';
import { S3_BUCKET, S3_CREDENTIALS, startS3, type TestS3 } from '../support/artifacts/s3-server';
import { PLATFORM_ADMIN_KEY } from '../support/api/test-api';
import { hasEnded, TestClient } from '../support/e2e/client';
import { Machine } from '../support/e2e/machine';
import { INTENT, visit } from '../support/e2e/visits';
import { ONLINE_SHOPPERS_SPEC, onlineShoppersCsv } from '../support/online-shoppers';
import { redisProgram, startRedis, type TestRedis } from '../support/redis';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const KIND = 'ECOMMERCE_PURCHASE';
const CONFIGURE = `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) {
  ... on ConfigureDomainSuccess { configuration { version } } ... on UserError { code message } } }`;

let shared: string;
let database: TestDatabase;
let objects: TestS3;
let redis: TestRedis | null = null;
const machines: Machine[] = [];

beforeAll(async () => {
  shared = mkdtempSync(path.join(tmpdir(), 'propensity-secrets-'));
  database = await createTestDatabase();
  objects = await startS3();
  const program = redisProgram();
  if (program !== null) redis = await startRedis(program);
});
afterAll(async () => {
  for (const machine of machines) await machine.remove();
  await redis?.stop();
  await objects.stop();
  await database.drop();
  rmSync(shared, { recursive: true });
});

/** A machine of a role; it shares the database, the queue, the bucket and the secrets with the others, and no disk. */
function machine(role: 'api' | 'worker'): Machine {
  const made = new Machine(role, {
    ...S3_CREDENTIALS,
    DATABASE_URL: database.ownerUrl,
    ...(redis && { REDIS_URL: redis.url }),
    ARTIFACT_URL: `s3://${S3_BUCKET}/platform`,
    PROPENSITY_S3_ENDPOINT: objects.endpoint,
    PROPENSITY_PLATFORM_ADMIN_KEY: PLATFORM_ADMIN_KEY,
    PROPENSITY_PRIVACY_KEY_FILE: path.join(shared, 'privacy-keys.json'),
    PROPENSITY_MASTER_KEY_FILE: path.join(shared, 'master-keys'),
    PROPENSITY_INFERENCE_THREADS: '1',
  });
  machines.push(made);
  return made;
}

/** Sends requests one after the other until told to stop; each must be answered as wanted. */
function traffic(send: () => Promise<void>): { stop(): Promise<number> } {
  const state = { stopped: false };
  const sending = (async () => {
    let count = 0;
    for (; !state.stopped; count++) await send();
    return count;
  })();
  // It is waited for when it is stopped.
  sending.catch(() => undefined);
  return {
    stop: () => {
      state.stopped = true;
      return sending;
    },
  };
}

describe('many machines on one database, one queue and one bucket', () => {
  test('a worker that dies is followed by another from its checkpoint, an API is replaced under traffic, and a damaged model predicts nothing', async () => {
    const [firstApi, secondApi] = [machine('api'), machine('api')];
    const firstUrl = await firstApi.start();
    const secondUrl = await secondApi.start();
    const workers = [machine('worker'), machine('worker')];
    for (const worker of workers) await worker.start();

    const tenant = await new TestClient(firstUrl, PLATFORM_ADMIN_KEY).createTenant('many-machines');
    const second = new TestClient(secondUrl, tenant.apiKey);
    await tenant.field(CONFIGURE, { input: { kind: KIND, featureSpec: ONLINE_SHOPPERS_SPEC } });
    const dataset = await tenant.announceDataset(KIND);
    const upload = await tenant.put(dataset.uploadUrl, onlineShoppersCsv(3_000, 7));
    expect([upload.status, await upload.text()]).toEqual([200, expect.stringContaining('READY')]);

    // The worker that trains dies once the bucket has a checkpoint of it.
    const runId = await second.startTraining(KIND, dataset.id);
    const ofCheckpoint = (method: string): string[] =>
      objects.requests.filter((request) => request.startsWith(`${method} `) && request.includes(runId));
    await second.runUntil(runId, (run) => ofCheckpoint('PUT').length > 0 || hasEnded(run));
    const readBefore = ofCheckpoint('GET').length;
    const dying = workers.filter((worker) => worker.executions().length > 0);
    expect(dying).toHaveLength(1);
    dying[0]?.kill();

    // Meanwhile an API is replaced; nobody who asks the other notices.
    const reading = traffic(async () => {
      const { errors } = await second.send('query ($id: ID!) { trainingRun(id: $id) { state } }', {
        id: runId,
      });
      if (errors) throw new Error(JSON.stringify(errors));
    });
    await firstApi.stop();
    await firstApi.start(Number(new URL(firstUrl).port));
    expect(await reading.stop()).toBeGreaterThan(0);

    const run = await tenant.runUntil(runId, hasEnded);
    expect(run).toMatchObject({ state: 'SUCCEEDED', error: null });
    expect(run.attempt).toBeGreaterThan(1);
    expect(ofCheckpoint('GET').length).toBeGreaterThan(readBefore);

    // Promoted through one, served by both, with the same bits.
    const modelVersionId = run.modelVersion?.id ?? '';
    await tenant.promote(modelVersionId);
    const predicted = (client: TestClient): Promise<{ __typename: string; probability?: number }> =>
      client.field(INTENT, visit());
    let theirs = await predicted(second);
    while (theirs.__typename === 'ModelNotReady') {
      await sleep(50);
      theirs = await predicted(second);
    }
    expect(theirs).toMatchObject({ __typename: 'PurchaseIntent', modelVersion: { id: modelVersionId } });
    const predicting = traffic(async () => {
      expect(await predicted(second)).toEqual(theirs);
    });
    await firstApi.stop();
    await firstApi.start(Number(new URL(firstUrl).port));
    expect(await predicted(tenant)).toEqual(theirs);
    expect(await predicting.stop()).toBeGreaterThan(0);

    // Values of the file are in what was stored of it, of the model and of its predictions, and cannot be read there.
    expect(filesWith(objects.folder, 'Returning_Visitor')).toEqual([]);

    // One bit of each stored object flips: a machine that reads them says so and predicts nothing.
    const stored = readdirSync(objects.folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\/objects\/[0-9a-f]{64}\._S3rver_object$/.test(file))
      .map((file) => path.join(objects.folder, file));
    expect(stored.length).toBeGreaterThan(1);
    for (const file of stored) {
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
    }
    const third = machine('api');
    const asked = await new TestClient(await third.start(), tenant.apiKey).send(INTENT, visit());
    expect(asked).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    expect(third.written).toContain('a stored object is damaged');
    // Whoever has loaded it whole goes on.
    expect(await predicted(second)).toEqual(theirs);

    // Nothing that names the store's secret is in a log.
    for (const { written } of machines) expect(written).not.toContain(S3_CREDENTIALS.AWS_SECRET_ACCESS_KEY);
  }, 300_000);
});
