import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { jobBackend } from '../../src/platform/jobs/job-backend';
import { JobQueue } from '../../src/platform/jobs/job-queue';
import { Database } from '../../src/platform/persistence/database';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/platform/persistence/embedded-postgres';
import { migrate } from '../../src/platform/persistence/migrate';
import { ModelVersion } from '../../src/services/models/model-version.entity';
import { hasEnded } from '../../src/services/training/run-state';
import { TRAINING_ENTITIES } from '../../src/services/training/training-entities';
import { TrainingService } from '../../src/services/training/training.service';
import { KIND, tenantFixture } from '../support/training/tenant-fixture';
import { until } from '../support/training/until';
import { WorkerProcesses } from '../support/training/worker-processes';

/** Asks again while the database is away. */
async function patiently<T>(ask: () => Promise<T>): Promise<T | null> {
  return ask().catch(() => null);
}

describe('a database that is killed while a run is executed', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let database: Database;
  let workers: WorkerProcesses;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'propensity-outage-'));
    server = await startEmbeddedPostgres({ dataDirectory: folder });
    await migrate(server.ownerUrl);
    database = await Database.connect({ ownerUrl: server.ownerUrl, entities: TRAINING_ENTITIES });
    workers = await WorkerProcesses.create({ DATABASE_URL: server.ownerUrl });
  });

  afterAll(async () => {
    await workers.remove();
    await database.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('holds the run up, and no more: it ends once, and the worker takes others', async () => {
    const queue = new JobQueue(
      jobBackend({ databaseUrl: database.applicationUrl, redisUrl: null }),
      'training',
    );
    const service = new TrainingService({ database, queue, logger: pino({ level: 'silent' }) });
    const tenant = await tenantFixture(database, {
      dataDirectory: workers.dataDirectory,
    });
    const worker = await workers.start();
    await tenant.configure({ steps: 40, stepMs: 50, trace: workers.traceFile('run') });
    const run = await service.start(tenant.ctx, { kind: KIND, datasetId: tenant.datasetId });
    await until(
      () => workers.trace('run'),
      (lines) => lines.length >= 5,
    );

    const pidFile = path.join(folder, 'postgres', 'data', 'postmaster.pid');
    const postmaster = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
    process.kill(postmaster, 'SIGKILL');

    const ended = await until(
      () => patiently(() => service.get(tenant.ctx, run.id)),
      (row) => row !== null && hasEnded(row.state),
    );
    expect(ended).toMatchObject({ state: 'SUCCEEDED' });
    const versions = await database.inTenant(run.tenantId, (scope) =>
      scope.repository(ModelVersion).find({ runId: run.id }),
    );
    expect(versions).toHaveLength(1);

    await tenant.configure({});
    const next = await service.start(tenant.ctx, { kind: KIND, datasetId: tenant.datasetId });
    await until(
      () => service.get(tenant.ctx, next.id),
      ({ state }) => state === 'SUCCEEDED',
    );
    // A line when something goes away and one when it is back, not one per attempt.
    expect(worker.log.length).toBeLessThan(30);
    await queue.close();
  });
});
