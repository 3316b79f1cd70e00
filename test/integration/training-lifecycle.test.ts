import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../src/errors';
import { DamagedObjectError } from '../../src/platform/artifacts/damage-report';
import { Notifications } from '../../src/platform/persistence/notifications';
import { Checkpoints } from '../../src/services/training/checkpoints';
import { PROGRESS_CHANNEL } from '../../src/services/training/progress-channel';
import { LeaseLostError } from '../../src/services/training/run-lease';
import { takeRun } from '../support/training/take-run';
import { KIND } from '../support/training/tenant-fixture';
import { LEASE_MS, TrainingHarness } from '../support/training/training-harness';
import { until } from '../support/training/until';

let harness: TrainingHarness;

beforeAll(async () => {
  harness = await TrainingHarness.create();
});

afterAll(() => harness.close());

describe('a training run', () => {
  beforeEach(() => harness.tenant.configure({}));

  it('goes from the queue to a model version', async () => {
    const { run, lease } = await harness.taken();
    expect(run).toMatchObject({ state: 'QUEUED', attempt: 0, requestId: harness.tenant.ctx.requestId });
    expect(await harness.read(run)).toMatchObject({ state: 'PREPARING', attempt: 1 });
    await harness.execute(lease);
    const ended = await harness.read(run);
    expect(ended).toMatchObject({ state: 'SUCCEEDED', leaseOwner: null, device: 'cpu' });
    expect(ended.progress).toMatchObject({ step: 3, totalSteps: 3 });
    expect(ended.epochs).toHaveLength(3);
    expect(ended.finishedAt).toBeInstanceOf(Date);
    const [version] = await harness.versionsOf(run);
    expect(version).toMatchObject({ kind: KIND, runId: run.id, recommendedThreshold: 0.5 });
    expect(await harness.objects.forTenant(run.tenantId).has(version!.artifactSha256)).toBe(true);
    const predictions = await harness.objects.forTenant(run.tenantId).get(version!.predictionsSha256);
    expect(Buffer.from(predictions).toString()).toContain('test,1,1,0.75');
  });

  it('numbers the versions of a kind one after the other, also when runs end at once', async () => {
    const runs = await Promise.all([harness.taken(), harness.taken(), harness.taken()]);
    await Promise.all(runs.map(({ lease }) => harness.execute(lease)));
    const versions = (await Promise.all(runs.map(({ run }) => harness.versionsOf(run)))).flat();
    const numbers = versions.map(({ number }) => number).sort((a, b) => a - b);
    expect(numbers[2]! - numbers[0]!).toBe(2);
    expect(new Set(numbers).size).toBe(3);
  });

  it('announces every change', async () => {
    const notifications = new Notifications(harness.db.database.applicationUrl);
    const heard: unknown[] = [];
    await notifications.listen(PROGRESS_CHANNEL, (payload) => heard.push(payload));
    const { run, lease } = await harness.taken();
    await harness.execute(lease);
    await until(
      () => heard.length,
      (count) => count >= 4,
    );
    expect(heard).toContainEqual({ tenantId: run.tenantId, runId: run.id });
    await notifications.close();
  });

  it('fails at once, with code and reason, when its data cannot be used', async () => {
    await harness.tenant.configure({ behaviour: 'has-invalid-data' });
    const { run, lease } = await harness.taken();
    await harness.execute(lease);
    expect(await harness.read(run)).toMatchObject({
      state: 'FAILED',
      errorCode: 'INVALID_DATA',
      errorMessage: 'the column "label" has three values (label: must have two values)',
    });
  });

  it('fails at once, and says which, when an object that it needs is damaged', async () => {
    const { run, lease } = await harness.taken();
    const sha256 = 'ab'.repeat(32);
    const damaged = jest.spyOn(harness.objects, 'forTenant').mockReturnValue({
      ...harness.objects.forTenant(run.tenantId),
      localPath: () => Promise.reject(new DamagedObjectError(sha256)),
    });
    await harness.execute(lease);
    damaged.mockRestore();
    expect(await harness.read(run)).toMatchObject({
      state: 'FAILED',
      errorCode: 'UNAVAILABLE',
      errorMessage: `the stored object ${sha256} is damaged: it has to be restored from a backup`,
    });
  });

  it('waits while the store of objects is away', async () => {
    const { run, lease } = await harness.taken();
    const store = harness.objects.forTenant(run.tenantId);
    let failures = 0;
    const away = jest.spyOn(harness.objects, 'forTenant').mockReturnValue({
      ...store,
      localPath: (sha256) => {
        failures += 1;
        return failures < 3 ? Promise.reject(new AppError('UNAVAILABLE', 'away')) : store.localPath(sha256);
      },
    });
    await harness.execute(lease);
    away.mockRestore();
    expect(failures).toBe(3);
    expect(await harness.read(run)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });
  });

  it('stays open when the execution hits a defect', async () => {
    await harness.tenant.configure({ behaviour: 'has-a-defect' });
    const { run, lease } = await harness.taken();
    await expect(harness.execute(lease)).rejects.toThrow(TypeError);
    expect(await harness.read(run)).toMatchObject({ state: 'PREPARING' });
  });

  it('is given up after three executions that crashed, and keeps the reason', async () => {
    const run = await harness.start();
    for (let crash = 1; crash <= 3; crash += 1) {
      const lease = harness.leaseOf(run);
      await takeRun(harness.db.database, lease);
      await lease.settle({ kind: 'crashed', detail: 'was ended by SIGKILL' });
    }
    expect(await harness.read(run)).toMatchObject({
      state: 'FAILED',
      attempt: 3,
      crashes: 3,
      errorCode: 'TRAINING_FAILED',
      errorMessage: expect.stringContaining('was ended by SIGKILL') as string,
    });
  });

  it('goes on from its checkpoint', async () => {
    const { run, lease } = await harness.taken();
    await new Checkpoints(harness.objects).of(lease.key).save(Buffer.from('2'));
    await harness.execute(lease);
    expect((await harness.read(run)).progress).toMatchObject({ step: 3 });
    expect((await harness.read(run)).epochs).toHaveLength(3);
  });

  it('is asked for again as it was after it failed, and goes on from its checkpoint', async () => {
    const trace = path.join(tmpdir(), `steps-${randomUUID()}`);
    await harness.tenant.configure({ trace });
    const { run, lease } = await harness.taken();
    const { service, tenant, db, objects } = harness;
    await expect(service.retry(tenant.ctx, run.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await new Checkpoints(objects).of(lease.key).save(Buffer.from('2'));
    await lease.fail('TRAINING_FAILED', 'too little memory');
    await tenant.configure({ steps: 9 });

    // One that was called off before it began keeps the way to the checkpoint.
    const first = await service.retry(tenant.ctx, run.id);
    await service.cancel(tenant.ctx, first.id);
    const second = await service.retry(tenant.ctx, first.id);
    const { datasetId, configurationId, mapping, cleaning } = run;
    expect(second).toMatchObject({
      retryOf: first.id,
      attempt: 0,
      datasetId,
      configurationId,
      mapping,
      cleaning,
    });
    const again = harness.leaseOf(second);
    await takeRun(db.database, again);
    await harness.execute(again);
    const ended = await harness.read(second);
    expect(ended).toMatchObject({ state: 'SUCCEEDED', progress: { step: 3, totalSteps: 3 } });
    const steps = readFileSync(trace, 'utf8').trim().split('\n');
    expect(steps.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([3]);
    rmSync(trace);
    expect(await harness.read(run)).toMatchObject({ state: 'FAILED' });
    await expect(service.retry(tenant.ctx, second.id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is left as it was when the execution is asked to leave off', async () => {
    await harness.tenant.configure({ steps: 1000 });
    const { run, lease } = await harness.taken();
    const leaving = new AbortController();
    const execution = harness.execute(lease, leaving.signal);
    await until(
      () => harness.read(run),
      ({ state }) => state === 'TRAINING',
    );
    leaving.abort();
    await execution;
    expect(await harness.read(run)).toMatchObject({ state: 'TRAINING', finishedAt: null });
    await lease.settle({ kind: 'drained' });
    expect(await harness.read(run)).toMatchObject({ state: 'QUEUED', crashes: 0, leaseOwner: null });
  });
});

describe('fencing', () => {
  it('refuses every write of an execution that has lost its run', async () => {
    const { run, lease: old } = await harness.taken();
    await old.settle({ kind: 'drained' });
    const current = harness.leaseOf(run);
    await takeRun(harness.db.database, current);
    await current.enter('TRAINING');
    await expect(old.enter('TRAINING')).rejects.toThrow(LeaseLostError);
    await expect(old.fail('INVALID_DATA', 'x')).rejects.toThrow(LeaseLostError);
    await expect(old.succeed('cpu', () => Promise.resolve())).rejects.toThrow(LeaseLostError);
    expect(await old.renew(LEASE_MS)).toBe('lost');
    expect(await old.settle({ kind: 'crashed', detail: 'x' })).toBeNull();
    expect(await current.renew(LEASE_MS)).toBe('held');
    expect(await harness.read(run)).toMatchObject({ state: 'TRAINING', attempt: 2 });
  });

  it('ends an execution quietly when its run was given to another', async () => {
    await harness.tenant.configure({ steps: 1000 });
    const { run, lease } = await harness.taken();
    const execution = harness.execute(lease);
    await until(
      () => harness.read(run),
      ({ state }) => state === 'TRAINING',
    );
    await lease.settle({ kind: 'drained' });
    await execution;
    expect(await harness.read(run)).toMatchObject({ state: 'QUEUED' });
    expect(await harness.versionsOf(run)).toEqual([]);
    await harness.tenant.configure({});
  });

  it('leaves a run as it was when the model version cannot be written', async () => {
    const { run, lease } = await harness.taken();
    await lease.enter('TRAINING');
    await lease.enter('EVALUATING');
    await lease.enter('EXPORTING');
    await expect(lease.succeed('cpu', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await harness.read(run)).toMatchObject({ state: 'EXPORTING', finishedAt: null });
  });

  it('tells a mistaken phase from a lost run', async () => {
    const { run, lease } = await harness.taken();
    await expect(lease.enter('EXPORTING')).rejects.toThrow('from PREPARING to EXPORTING');
    await expect(lease.succeed('cpu', () => Promise.resolve())).rejects.toThrow(
      'from PREPARING to SUCCEEDED',
    );
    expect(await harness.read(run)).toMatchObject({ state: 'PREPARING' });
  });

  it('does not let an execution that has lost its run replace the checkpoint', async () => {
    await harness.tenant.configure({ steps: 1000 });
    const { run, lease } = await harness.taken();
    const checkpoint = new Checkpoints(harness.objects).of(lease.key);
    const execution = harness.execute(lease);
    await until(
      () => harness.read(run),
      ({ state }) => state === 'TRAINING',
    );
    await lease.settle({ kind: 'drained' });
    await execution;
    await checkpoint.save(Buffer.from('of another'));
    await harness.execute(lease);
    expect(Buffer.from((await checkpoint.load()) ?? []).toString()).toBe('of another');
    await harness.tenant.configure({});
  });
});
