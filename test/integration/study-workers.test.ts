import pino from 'pino';
import { jobBackend } from '../../src/platform/jobs/job-backend';
import { JobQueue } from '../../src/platform/jobs/job-queue';
import { JobRequests } from '../../src/services/jobs/job-requests';
import { StudiesService } from '../../src/services/studies/studies.service';
import { type TrainingStudy } from '../../src/services/studies/training-study.entity';
import { type TrainingRun } from '../../src/services/training/training-run.entity';
import { trainingDatabase, type TrainingDatabase } from '../support/training/database';
import { KIND, type TenantFixture, tenantFixture } from '../support/training/tenant-fixture';
import { until } from '../support/training/until';
import { WorkerProcesses } from '../support/training/worker-processes';

const logger = pino({ level: 'silent' });

let db: TrainingDatabase;
let queue: JobQueue<'training'>;
let studies: StudiesService;
let tenant: TenantFixture;
let workers: WorkerProcesses;

beforeAll(async () => {
  db = await trainingDatabase();
  const { database } = db;
  workers = await WorkerProcesses.create({ DATABASE_URL: db.ownerUrl });
  queue = new JobQueue(jobBackend({ databaseUrl: database.applicationUrl, redisUrl: null }), 'training');
  studies = new StudiesService(database, new JobRequests({ database, queue, logger }));
  tenant = await tenantFixture(database, { dataDirectory: workers.dataDirectory });
});
afterAll(async () => {
  await workers.remove();
  await queue.close();
  await db.close();
});

/** Two folds, of which each step is traced. */
async function start(trace: string, steps: number): Promise<TrainingStudy> {
  await tenant.configure({ steps, stepMs: 40, trace: workers.traceFile(trace) });
  const crossValidation = { folds: 2 };
  return studies.start(tenant.ctx, { kind: KIND, datasetId: tenant.datasetId, crossValidation });
}

const ended = ({ id }: TrainingStudy): Promise<TrainingStudy> =>
  until(
    () => studies.get(tenant.ctx, id),
    ({ finishedAt }) => finishedAt !== null,
  );
const runsOf = async ({ id }: TrainingStudy): Promise<readonly TrainingRun[]> =>
  (await studies.runsOf(tenant.ctx, [id])).get(id) ?? [];

describe('studies on worker processes', () => {
  it('are gone through with when the worker is killed in the middle, each training once', async () => {
    const doomed = await workers.start();
    const study = await start('killed', 15);
    await until(
      () => workers.trace('killed'),
      (lines) => lines.length >= 3,
    );
    doomed.kill('SIGKILL');
    await doomed.ended;
    await Promise.all([workers.start(), workers.start()]);
    expect(await ended(study)).toMatchObject({ state: 'SUCCEEDED', errorMessage: null });
    const runs = await runsOf(study);
    expect(runs).toMatchObject([
      { trial: 0, state: 'SUCCEEDED', attempt: 2, result: { epochs: 15 } },
      { trial: 1, state: 'SUCCEEDED', attempt: 1, result: { epochs: 15 } },
    ]);
  });

  it('stop what is executed when they are cancelled', async () => {
    await workers.any();
    const study = await start('cancelled', 400);
    await until(
      () => workers.trace('cancelled'),
      (lines) => lines.length >= 3,
    );
    expect(await studies.cancel(tenant.ctx, study.id)).toMatchObject({ state: 'CANCELLED' });
    await until(
      () => runsOf(study),
      (runs) => runs.every(({ state }) => state === 'CANCELLED'),
    );
    expect(await studies.get(tenant.ctx, study.id)).toMatchObject({ state: 'CANCELLED' });
  });
});
