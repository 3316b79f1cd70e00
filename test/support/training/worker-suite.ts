import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import pino from 'pino';
import { jobBackend } from '../../../src/platform/jobs/job-backend';
import { JobQueue } from '../../../src/platform/jobs/job-queue';
import { setTrainingShare } from '../../../src/platform/tenancy/tenants';
import { ModelVersion } from '../../../src/services/models/model-version.entity';
import { JobLogsService } from '../../../src/services/jobs/log/job-logs.service';
import { type LogLevel } from '../../../src/services/jobs/log/log-line';
import { TrainingService } from '../../../src/services/training/training.service';
import { type TrainingRun } from '../../../src/services/training/training-run.entity';
import { hasEnded } from '../../../src/services/training/run-state';
import { trainingDatabase, type TrainingDatabase } from './database';
import { type FakeModel, type TraceLine } from './fake-pipeline';
import { KIND, type TenantFixture, tenantFixture } from './tenant-fixture';
import { until } from './until';
import { isAlive, WorkerProcesses } from './worker-processes';

const logger = pino({ level: 'silent' });

/** Longer than a test: such a training is cancelled, killed or drained, or the test fails. */
const LONG = { steps: 400, stepMs: 50 };
/** Long enough to be disturbed in the middle. */
const MEDIUM = { steps: 15, stepMs: 40 };

export interface WorkerSuiteOptions {
  /** Null for the queue in PostgreSQL. */
  readonly redisUrl: () => string | null;
  /** Makes the queue forget every job. */
  readonly loseJobs: (databaseUrl: string) => Promise<void>;
}

/** What must hold of workers whatever keeps their queue. */
export function testTrainingWorkers({ redisUrl, loseJobs }: WorkerSuiteOptions): void {
  let db: TrainingDatabase;
  let queue: JobQueue<'training'>;
  let service: TrainingService;
  let tenant: TenantFixture;
  let workers: WorkerProcesses;

  beforeAll(async () => {
    db = await trainingDatabase();
    const redis = redisUrl();
    workers = await WorkerProcesses.create({
      DATABASE_URL: db.ownerUrl,
      ...(redis === null ? {} : { REDIS_URL: redis }),
    });
    queue = new JobQueue(
      jobBackend({ databaseUrl: db.database.applicationUrl, redisUrl: redis }),
      'training',
    );
    service = new TrainingService({ database: db.database, queue, logger });
    tenant = await tenantFixture(db.database, { dataDirectory: workers.dataDirectory });
  });

  afterAll(async () => {
    await workers.remove();
    await queue.close();
    await db.close();
  });

  /** Starts a training that goes as described; its steps are traced under the returned name. */
  async function start(model: Partial<FakeModel>): Promise<{ run: TrainingRun; trace: string }> {
    const trace = randomUUID();
    await tenant.configure({ ...model, trace: workers.traceFile(trace) });
    const run = await service.start(tenant.ctx, { kind: KIND, datasetId: tenant.datasetId });
    return { run, trace };
  }

  const read = (run: TrainingRun): Promise<TrainingRun> => service.get(tenant.ctx, run.id);
  const ended = (run: TrainingRun): Promise<TrainingRun> =>
    until(
      () => read(run),
      ({ state }) => hasEnded(state),
    );

  async function versionsOf(run: TrainingRun): Promise<ModelVersion[]> {
    return db.database.inTenant(run.tenantId, (scope) =>
      scope.repository(ModelVersion).find({ runId: run.id }),
    );
  }

  /** Waits until some steps are done, and returns the last one. */
  async function underWay(trace: string): Promise<TraceLine> {
    const lines = await until(
      () => workers.trace(trace),
      (all) => all.length >= 3,
    );
    return lines.at(-1)!;
  }

  it('executes what was acknowledged by a process that died before it could enqueue the job', async () => {
    const lost = { add: () => Promise.reject(new Error('died')) } as unknown as JobQueue<'training'>;
    const dying = new TrainingService({ database: db.database, queue: lost, logger });
    const run = await dying.start(tenant.ctx, { kind: KIND, datasetId: tenant.datasetId });
    await workers.any();
    expect(await ended(run)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });
  });

  it('executes what is asked for, in a process of its own', async () => {
    const worker = await workers.any();
    const { run, trace } = await start({});
    expect(await ended(run)).toMatchObject({ state: 'SUCCEEDED', attempt: 1, crashes: 0 });
    expect(await versionsOf(run)).toHaveLength(1);
    const steps = await workers.trace(trace);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3]);
    const { pid } = steps[0]!;
    expect(pid).not.toBe(worker.pid);
    // Which is gone by now, with its files.
    await until(
      () => isAlive(pid),
      (alive) => !alive,
    );
    await until(
      () => readdir(path.join(workers.dataDirectory, 'work')),
      (names) => names.length === 0,
    );
    await until(
      () => checkpointExists(run),
      (exists) => !exists,
    );
  });

  it('fails a run at once whose data cannot be used', async () => {
    await workers.any();
    const { run } = await start({ behaviour: 'has-invalid-data' });
    expect(await ended(run)).toMatchObject({ state: 'FAILED', attempt: 1, errorCode: 'INVALID_DATA' });
  });

  it('cancels a run that is executed, and leaves nothing of it', async () => {
    await workers.any();
    const { run, trace } = await start(LONG);
    const { pid } = await underWay(trace);
    await service.cancel(tenant.ctx, run.id);
    expect(await ended(run)).toMatchObject({ state: 'CANCELLED', crashes: 0 });
    await until(
      () => isAlive(pid),
      (alive) => !alive,
    );
    expect(await versionsOf(run)).toEqual([]);
    await until(
      () => checkpointExists(run),
      (exists) => !exists,
    );
  });

  it('executes what the queue has forgotten', async () => {
    await workers.any();
    const { run: blocking, trace } = await start(LONG);
    await underWay(trace);
    const { run } = await start({});
    await until(
      () => read(run),
      ({ enqueuedAt }) => enqueuedAt !== null,
    );
    await loseJobs(db.ownerUrl);
    await service.cancel(tenant.ctx, blocking.id);
    expect(await ended(run)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });
    expect(await read(blocking)).toMatchObject({ state: 'CANCELLED' });
  });

  it('begins what a quota held back when the quota is lifted, though its job was used up', async () => {
    await workers.any();
    const limit = (maxRunningTrainings: number | null) =>
      db.database.inTenant(tenant.ctx.actor.tenantId, (scope) =>
        setTrainingShare(scope, { trainingWeight: 1, maxRunningTrainings }),
      );
    await limit(0);
    const { run } = await start({});
    await until(
      async () => ({ waiting: await queue.waiting(), enqueuedAt: (await read(run)).enqueuedAt }),
      ({ waiting, enqueuedAt }) => waiting === 0 && enqueuedAt !== null,
    );
    expect(await read(run)).toMatchObject({ state: 'QUEUED', attempt: 0 });
    await limit(null);
    expect(await ended(run)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });
  });

  it('goes on from the checkpoint when the executing process is killed', async () => {
    await workers.any();
    const { run, trace } = await start(MEDIUM);
    process.kill((await underWay(trace)).pid, 'SIGKILL');
    expect(await ended(run)).toMatchObject({ state: 'SUCCEEDED', attempt: 2, crashes: 1 });
    expect(await versionsOf(run)).toHaveLength(1);
    expectResumed(await workers.trace(trace), MEDIUM.steps);
    const attempts = await new JobLogsService(db.database).attempts(tenant.ctx, [run.id]);
    expect(attempts).toMatchObject([
      { attempt: 1, ending: 'LOST', endedAt: expect.any(Date) as Date },
      { attempt: 2, ending: 'SUCCEEDED', device: 'cpu', processorSeconds: expect.any(Number) as number },
    ]);
    expect(attempts[0]!.workerId).toBe(attempts[1]!.workerId);
  });

  it('keeps what a killed process said and took until it wrote that down last', async () => {
    await workers.any();
    const { run, trace } = await start(LONG);
    const { pid } = await underWay(trace);
    const logs = new JobLogsService(db.database);
    const read = (level: LogLevel) => logs.lines(tenant.ctx, run.id, { first: 100, level });
    const { items: before } = await until(
      () => read('DETAIL'),
      ({ items }) => items.some(({ message }) => message.startsWith('Checkpoint')),
    );
    process.kill(pid, 'SIGKILL');
    await until(
      () => read('WARNING'),
      ({ items }) => items.length === 1,
    );
    await service.cancel(tenant.ctx, run.id);
    await ended(run);
    const { items: after } = await read('DETAIL');
    expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
    const [first, lost] = [after[0]!, after.find(({ level }) => level === 'WARNING')!];
    expect(first).toMatchObject({ attempt: 1, phase: 'PREPARING', message: 'An execution begins.' });
    expect(lost).toMatchObject({ attempt: 1, phase: 'TRAINING' });
    expect(lost.message).toContain('was ended by SIGKILL');
    const [attempt] = await logs.attempts(tenant.ctx, [run.id]);
    expect(attempt).toMatchObject({ ending: 'LOST', device: 'cpu' });
    expect(attempt!.processorSeconds).toBeGreaterThan(0);
    expect(attempt!.peakMemoryBytes).toBeGreaterThan(2 ** 20);
  });

  it('gives up a run that kills its process each time, and keeps its checkpoint for a retry', async () => {
    await workers.any();
    const { run } = await start({ ...LONG, behaviour: 'dies' });
    expect(await ended(run)).toMatchObject({
      state: 'FAILED',
      attempt: 3,
      errorCode: 'TRAINING_FAILED',
      errorMessage: expect.stringContaining('was ended by SIGKILL') as string,
    });
    await until(
      () => readdir(path.join(workers.dataDirectory, 'work')),
      (names) => names.length === 0,
    );
    expect(checkpointExists(run)).toBe(true);
  });

  it('hands the run of a killed worker to another', async () => {
    const doomed = await workers.any();
    const { run, trace } = await start(MEDIUM);
    const { pid } = await underWay(trace);
    doomed.kill('SIGKILL');
    await doomed.ended;
    await workers.any();
    expect(await ended(run)).toMatchObject({ state: 'SUCCEEDED', attempt: 2, crashes: 1 });
    expect(isAlive(pid)).toBe(false);
    expect(await versionsOf(run)).toHaveLength(1);
    expectResumed(await workers.trace(trace), MEDIUM.steps);
  });

  it('drains: another worker goes on at once, and the run has not crashed', async () => {
    const leaving = await workers.any();
    const { run, trace } = await start(MEDIUM);
    await underWay(trace);
    leaving.kill('SIGTERM');
    expect(await leaving.ended).toBe(0);
    expect(await read(run)).toMatchObject({ state: 'QUEUED', crashes: 0, leaseOwner: null });
    await workers.any();
    expect(await ended(run)).toMatchObject({ state: 'SUCCEEDED', attempt: 2, crashes: 0 });
    expectResumed(await workers.trace(trace), MEDIUM.steps);
  });

  it('never executes a run twice at a time, however many workers there are', async () => {
    await workers.any();
    await workers.start({ PROPENSITY_TRAINING_CONCURRENCY: '2' });
    const started = [];
    for (let index = 0; index < 4; index += 1) started.push(await start({ steps: 10, stepMs: 20 }));
    for (const { run, trace } of started) {
      expect(await ended(run)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });
      const lines = await workers.trace(trace);
      expect(lines.map(({ step }) => step)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
      expect(new Set(lines.map(({ pid }) => pid)).size).toBe(1);
    }
  });

  function checkpointExists(run: TrainingRun): boolean {
    return existsSync(path.join(workers.dataDirectory, 'objects', run.tenantId, 'named/checkpoints', run.id));
  }
}

/** Two processes, one after the other: each step done, and none after a checkpoint done again. */
function expectResumed(lines: readonly TraceLine[], steps: number): void {
  const pids = [...new Set(lines.map(({ pid }) => pid))];
  expect(pids).toHaveLength(2);
  const [before, after] = pids.map((pid) => lines.filter((line) => line.pid === pid));
  expect(after![0]!.at).toBeGreaterThanOrEqual(before!.at(-1)!.at);
  expect(after![0]!.step).toBeGreaterThan(1);
  expect(after![0]!.step).toBeLessThanOrEqual(before!.at(-1)!.step + 1);
  expect(new Set(lines.map(({ step }) => step)).size).toBe(steps);
}
