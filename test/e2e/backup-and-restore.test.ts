import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { S3_BUCKET, S3_CREDENTIALS, startS3, type TestS3 } from '../support/artifacts/s3-server';
import { PLATFORM_ADMIN_KEY } from '../support/api/test-api';
import { hasEnded, TestClient } from '../support/e2e/client';
import { Machine } from '../support/e2e/machine';
import { INTENT, visit } from '../support/e2e/visits';
import { ONLINE_SHOPPERS_SPEC, onlineShoppersCsv } from '../support/online-shoppers';
import { PostgresCluster, postgresPrograms } from '../support/postgres-cluster';

const KIND = 'ECOMMERCE_PURCHASE';
const CONFIGURE = `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) {
  ... on ConfigureDomainSuccess { configuration { version } } ... on UserError { code message } } }`;

const programs = postgresPrograms();
const title = 'a platform that is backed up, destroyed and restored';
if (programs === null) describe.skip(`${title} (needs PostgreSQL's programs)`, () => suite(''));
else describe(title, () => suite(programs));

/** What a platform consists of: the database, the bucket, and the files of keys. */
interface Site {
  readonly cluster: PostgresCluster;
  readonly objects: TestS3;
  readonly folder: string;
  readonly databaseUrl: string;
}

function suite(bin: string): void {
  const sites: Site[] = [];
  const machines: Machine[] = [];

  afterAll(async () => {
    for (const machine of machines) await machine.remove();
    for (const site of sites) await destroy(site);
  });

  /** A site with an empty database server, and a bucket that is empty or has what was copied; its platform uses a role and a database of its own. */
  async function build(password: string, copied?: string): Promise<Site> {
    const cluster = await PostgresCluster.start(bin);
    const site = {
      cluster,
      objects: await startS3(copied),
      folder: mkdtempSync(path.join(tmpdir(), 'propensity-site-')),
      databaseUrl: cluster.url('propensity', password, 'propensity'),
    };
    sites.push(site);
    return site;
  }

  async function destroy({ cluster, objects, folder }: Site): Promise<void> {
    await cluster.destroy();
    await objects.stop().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }

  function machine(site: Site, role: 'api' | 'worker'): Machine {
    const made = new Machine(role, {
      ...S3_CREDENTIALS,
      DATABASE_URL: site.databaseUrl,
      ARTIFACT_URL: `s3://${S3_BUCKET}/platform`,
      PROPENSITY_S3_ENDPOINT: site.objects.endpoint,
      PROPENSITY_PLATFORM_ADMIN_KEY: PLATFORM_ADMIN_KEY,
      PROPENSITY_PRIVACY_KEY_FILE: path.join(site.folder, 'privacy-keys.json'),
      PROPENSITY_MASTER_KEY_FILE: path.join(site.folder, 'master-keys'),
      PROPENSITY_INFERENCE_THREADS: '1',
    });
    machines.push(made);
    return made;
  }

  test('predicts the same bits, goes on with its jobs, and has an audit log that verifies', async () => {
    const first = await build('before');
    const psql = (site: Site, sql: string): Promise<string> =>
      site.cluster.run('psql', '-d', site.cluster.superuserUrl, '-v', 'ON_ERROR_STOP=1', '-c', sql);
    await psql(first, `CREATE ROLE propensity LOGIN CREATEROLE PASSWORD 'before'`);
    await psql(first, 'CREATE DATABASE propensity OWNER propensity');

    const api = machine(first, 'api');
    const url = await api.start();
    const worker = machine(first, 'worker');
    await worker.start();
    const tenant = await new TestClient(url, PLATFORM_ADMIN_KEY).createTenant('kept-shop');
    await tenant.field(CONFIGURE, { input: { kind: KIND, featureSpec: ONLINE_SHOPPERS_SPEC } });
    const dataset = await tenant.announceDataset(KIND);
    await tenant.put(dataset.uploadUrl, onlineShoppersCsv(3_000, 7));
    const run = await tenant.runUntil(await tenant.startTraining(KIND, dataset.id), hasEnded);
    expect(run).toMatchObject({ state: 'SUCCEEDED' });
    await tenant.promote(run.modelVersion?.id ?? '');
    const before = await tenant.field(INTENT, visit());
    expect(before).toMatchObject({ __typename: 'PurchaseIntent' });
    // One more is acknowledged and interrupted in the middle.
    const open = await tenant.startTraining(KIND, dataset.id);
    await tenant.runUntil(open, ({ epochs }) => epochs.length > 0);
    worker.kill();

    // The backup, while the API serves: the database first, then the objects, then the keys.
    const backup = mkdtempSync(path.join(tmpdir(), 'propensity-backup-'));
    const [roles, dump, keys, masterKeys] = ['roles.sql', 'database.dump', 'keys.json', 'master-keys'].map(
      (name) => path.join(backup, name),
    ) as [string, string, string, string];
    const { cluster } = first;
    await cluster.run(
      'pg_dumpall',
      '-d',
      cluster.superuserUrl,
      '--roles-only',
      '--no-role-passwords',
      '-f',
      roles,
    );
    const databaseOf = (site: Site): string => site.cluster.url('postgres', 'superuser', 'propensity');
    // Whom policies hold for cannot dump: half a backup would be worse than none.
    await expect(cluster.run('pg_dump', '-d', first.databaseUrl, '-f', dump)).rejects.toThrow(
      /row-level security/,
    );
    await cluster.run('pg_dump', '-d', databaseOf(first), '-Fc', '-f', dump);
    const objects = path.join(backup, 'objects');
    cpSync(first.objects.folder, objects, { recursive: true });
    const keyFile = path.join(first.folder, 'privacy-keys.json');
    // It is made when it is first needed.
    const hasKeys = existsSync(keyFile);
    if (hasKeys) copyFileSync(keyFile, keys);
    copyFileSync(path.join(first.folder, 'master-keys'), masterKeys);

    await api.stop();
    await destroy(first);

    // Another server, another bucket, another password, machines with empty disks.
    const second = await build('after', objects);
    await second.cluster.run('psql', '-d', second.cluster.superuserUrl, '-f', roles);
    await psql(second, `ALTER ROLE propensity PASSWORD 'after'`);
    await psql(second, 'CREATE DATABASE propensity OWNER propensity');
    await second.cluster.run('pg_restore', '-d', databaseOf(second), '--exit-on-error', dump);
    if (hasKeys) copyFileSync(keys, path.join(second.folder, 'privacy-keys.json'));
    copyFileSync(masterKeys, path.join(second.folder, 'master-keys'));
    rmSync(backup, { recursive: true });

    const restored = new TestClient(await machine(second, 'api').start(), tenant.apiKey);
    expect(await restored.field(INTENT, visit())).toEqual(before);
    await machine(second, 'worker').start();
    expect(await restored.runUntil(open, hasEnded)).toMatchObject({ state: 'SUCCEEDED', error: null });

    const verified = spawnSync(process.execPath, ['dist/src/app/verify-audit.js'], {
      env: { PATH: process.env['PATH'], DATABASE_URL: second.databaseUrl },
      encoding: 'utf8',
    });
    expect([verified.status, verified.stderr]).toEqual([0, '']);
  }, 300_000);
}
