import { randomUUID } from 'node:crypto';
import { type JobQueue } from '../../src/platform/jobs/job-queue';
import { Reconciler } from '../../src/services/training/reconciler';
import { RunTurns } from '../../src/services/training/run-turns';
import { DEFAULT_TIMINGS } from '../../src/services/training/timings';
import { TrainingService } from '../../src/services/training/training.service';
import { type TrainingRun } from '../../src/services/training/training-run.entity';
import { takeRun } from '../support/training/take-run';
import { KIND, tenantFixture } from '../support/training/tenant-fixture';
import { LEASE_MS, silentLogger, TrainingHarness } from '../support/training/training-harness';

let harness: TrainingHarness;

beforeAll(async () => {
  harness = await TrainingHarness.create();
});

afterAll(() => harness.close());

describe('cancelling', () => {
  it('ends a run that waits at once', async () => {
    const run = await harness.start();
    expect(await harness.service.cancel(harness.tenant.ctx, run.id)).toMatchObject({ state: 'CANCELLED' });
    expect(await takeRun(harness.db.database, harness.leaseOf(run))).toBe(false);
    expect(await harness.service.cancel(harness.tenant.ctx, run.id)).toMatchObject({ state: 'CANCELLED' });
  });

  it('is seen at the next renewal of a run that is executed', async () => {
    const { run, lease } = await harness.taken();
    expect(await harness.service.cancel(harness.tenant.ctx, run.id)).toMatchObject({ state: 'PREPARING' });
    expect(await lease.renew(LEASE_MS)).toBe('cancel-requested');
    await lease.settle({ kind: 'crashed', detail: 'was ended by SIGKILL' });
    expect(await harness.read(run)).toMatchObject({ state: 'CANCELLED', crashes: 0 });
  });

  it('wins over a success that comes after it, and leaves no model version', async () => {
    const { run, lease } = await harness.taken();
    await harness.service.cancel(harness.tenant.ctx, run.id);
    await harness.execute(lease);
    expect(await harness.versionsOf(run)).toEqual([]);
    await lease.settle({ kind: 'crashed', detail: 'ended without a result' });
    expect(await harness.read(run)).toMatchObject({ state: 'CANCELLED' });
  });

  it('is refused for a run that has ended otherwise', async () => {
    const { run, lease } = await harness.taken();
    await harness.execute(lease);
    await expect(harness.service.cancel(harness.tenant.ctx, run.id)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('the reconciler', () => {
  const timings = { ...DEFAULT_TIMINGS, leaseMs: 0 };
  const enqueued: unknown[] = [];
  const recording = {
    add: (payload: unknown) => Promise.resolve(void enqueued.push(payload)),
  } as unknown as JobQueue<'training'>;
  let called = 0;

  function reconcilerWith(queue: JobQueue<'training'>, patience = timings): Reconciler {
    const { database } = harness.db;
    const turns = new RunTurns(database);
    const call = () => void (called += 1);
    return new Reconciler({ database, queue, turns, timings: patience, logger: silentLogger, call });
  }

  beforeEach(() => (enqueued.length = 0));

  it('enqueues what was acknowledged by a process that died before it could', async () => {
    const lost = { add: () => Promise.reject(new Error('died')) } as unknown as JobQueue<'training'>;
    const dying = new TrainingService({ database: harness.db.database, queue: lost, logger: silentLogger });
    const run = await dying.start(harness.tenant.ctx, { kind: KIND, datasetId: harness.tenant.datasetId });
    const reconciler = reconcilerWith(recording);
    await reconciler.reconcile();
    const job = { tenantId: run.tenantId, runId: run.id, attempt: 1 };
    expect(enqueued).toContainEqual(expect.objectContaining(job));
    // Enqueued is enqueued, for as long as the queue can be expected to remember.
    enqueued.length = 0;
    await reconciler.reconcile();
    expect(enqueued).not.toContainEqual(expect.objectContaining(job));
  });

  it('calls its worker while a run may begin, for the queue may have lost its job', async () => {
    const run = await harness.start();
    await reconcilerWith(recording).reconcile();
    called = 0;
    await reconcilerWith(recording).reconcile();
    expect(called).toBe(1);
    await harness.service.cancel(harness.tenant.ctx, run.id);
  });

  it('does not keep the others waiting when one run cannot be taken up', async () => {
    const [broken, sound] = [await harness.taken(), await harness.taken()];
    await broken.lease.renew(-1);
    await sound.lease.renew(-1);
    const picky = {
      add: (payload: { runId: string }) =>
        payload.runId === broken.run.id ? Promise.reject(new Error('no')) : recording.add(payload as never),
    } as unknown as JobQueue<'training'>;
    const reconciler = reconcilerWith(picky);
    await expect(reconciler.reconcile()).rejects.toThrow('no');
    expect(enqueued).toContainEqual(expect.objectContaining({ runId: sound.run.id }));
  });

  it('takes up a run whose execution fell silent, and no other', async () => {
    const silent = await harness.taken();
    const alive = await harness.taken();
    await silent.lease.renew(-1);
    const reconciler = reconcilerWith(recording);
    await reconciler.reconcile();
    expect(enqueued).toContainEqual(expect.objectContaining({ runId: silent.run.id, attempt: 2 }));
    expect(enqueued).not.toContainEqual(expect.objectContaining({ runId: alive.run.id }));
    expect(await harness.read(silent.run)).toMatchObject({ state: 'QUEUED', crashes: 1 });
    expect(await harness.read(alive.run)).toMatchObject({ state: 'PREPARING' });
    expect(await silent.lease.renew(LEASE_MS)).toBe('lost');
  });

  it('lets an execution keep its run that was silent and is back before anybody noticed', async () => {
    const { lease } = await harness.taken();
    await lease.renew(-1);
    expect(await lease.renew(LEASE_MS)).toBe('held');
  });

  it('gives the executions time after a restart of the database', async () => {
    const silent = await harness.taken();
    await silent.lease.renew(-1);
    const aDay = 24 * 60 * 60 * 1000;
    const patient = { ...timings, leaseMs: aDay };
    await reconcilerWith(recording, patient).reconcile();
    expect(await harness.read(silent.run)).toMatchObject({ state: 'PREPARING' });
  });
});

describe('asking for a training', () => {
  it('is refused for what cannot be trained on', async () => {
    const other = await tenantFixture(harness.db.database);
    const input = { kind: KIND, datasetId: harness.tenant.datasetId };
    await expect(harness.service.start(other.ctx, input)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(
      harness.service.start(harness.tenant.ctx, { ...input, kind: 'OTHER' }),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('ECOMMERCE_PURCHASE, not OTHER') as string,
    });
  });

  it("does not show a tenant another's runs", async () => {
    const run = await harness.start();
    const other = await tenantFixture(harness.db.database);
    await expect(harness.service.get(other.ctx, run.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(harness.service.cancel(other.ctx, run.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await harness.service.list(other.ctx, { first: 10 })).items).toEqual([]);
  });

  it('lists the newest first, and tells the place in the queue over all tenants', async () => {
    const other = await tenantFixture(harness.db.database);
    const before = await harness.service.start(other.ctx, { kind: KIND, datasetId: other.datasetId });
    const run = await harness.start();
    const placeOf = async (of: TrainingRun, { ctx } = harness.tenant) =>
      (await harness.service.outlooks(ctx, [of.id])).get(of.id)?.place ?? null;
    expect(await placeOf(before, other)).toBeLessThan((await placeOf(run)) ?? 0);
    expect(await placeOf(before)).toBeNull();
    await takeRun(harness.db.database, harness.leaseOf(run));
    expect(await placeOf(run)).toBeNull();
    const { items, hasNextPage } = await harness.service.list(harness.tenant.ctx, { first: 1, kind: KIND });
    expect(items.map(({ id }) => id)).toEqual([run.id]);
    expect(hasNextPage).toBe(true);
  });
});

describe('what a worker learns of a job', () => {
  it('is told of one that there is, and of no other tenant', async () => {
    const run = await harness.start();
    const turns = new RunTurns(harness.db.database);
    expect(await turns.describe({ tenantId: run.tenantId, runId: run.id })).toEqual({
      type: 'training',
      traceparent: null,
    });
    expect(await turns.describe({ tenantId: randomUUID(), runId: run.id })).toMatchObject({
      type: 'unknown',
    });
  });
});
