import { type QuotaKind, QuotaExceededError } from '../../src/platform/tenancy/quotas/quota';
import { setQuotaLimits } from '../../src/platform/tenancy/quotas/quota-limits';
import { usageOf } from '../../src/services/quotas/usage';
import { beyondTrainingQuota, deviceWithinQuota } from '../../src/services/quotas/training-quota';
import { type ExecutorOptions, RunExecutor } from '../../src/services/training/run-executor';
import { type TakenRun } from '../../src/services/training/run-turns';
import { FakeDeviceWorker } from '../support/training/fake-device-worker';
import { RunLine } from '../support/training/run-line';
import { silentLogger } from '../support/training/training-harness';

const CPU = 'CPU_TRAINING_SECONDS_PER_MONTH';
const GPU = 'GPU_TRAINING_SECONDS_PER_MONTH';

let line: RunLine;
beforeAll(async () => {
  line = await RunLine.create(2);
});
afterAll(() => line.close());
beforeEach(async () => {
  await line.begin([{}, {}]);
  await line.change('DELETE FROM quota_usage');
  for (const tenant of [0, 1]) await limit(tenant, { [CPU]: null, [GPU]: null });
});

const limit = (tenant: number, limits: Partial<Record<QuotaKind, number | null>>): Promise<void> =>
  line.database.inTenant(line.tenantId(tenant), (scope) =>
    setQuotaLimits(scope, new Map(Object.entries(limits) as [QuotaKind, number | null][])),
  );
const used = (tenant: number, kind: QuotaKind): Promise<number> =>
  line.database.inTenant(line.tenantId(tenant), (scope) => usageOf(scope, kind, Date.now()));
const within = (tenant: number, wanted: 'AUTO' | 'CPU' | 'GPU') =>
  line.database.inTenant(line.tenantId(tenant), (scope) => deviceWithinQuota(scope, {}, wanted));
async function taken(tenant: number, by?: FakeDeviceWorker): Promise<TakenRun> {
  await line.ask(tenant);
  const run = await (by ? by.take() : line.take());
  if (!run) throw new Error('no run was taken');
  return run;
}
/** As if it had begun so long ago, and its lease had ended or will. */
const begun = ({ runId }: TakenRun, seconds: number, leaseEndedAgo = -60): Promise<void> =>
  line.change(
    `UPDATE jobs SET leased_at = now() - interval '${seconds} s', lease_expires_at = now() - interval '${leaseEndedAgo} s' WHERE id = '${runId}'`,
  );
/** To within the seconds that a test takes. */
const expectAbout = (seconds: number, about: number): void => {
  expect(seconds).toBeGreaterThanOrEqual(about);
  expect(seconds).toBeLessThan(about + 60);
};

describe('seconds of training', () => {
  it('count while a run is executed, for each execution, and are its tenant’s alone', async () => {
    const run = await taken(0);
    expect(await used(0, CPU)).toBeLessThan(60);
    await begun(run, 1_000);
    expectAbout(await used(0, CPU), 1_000);
    await run.lease.settle({ kind: 'drained' });
    expectAbout(await used(0, CPU), 1_000);
    // It goes on, and what comes is added.
    const again = await line.take();
    expect(again?.runId).toBe(run.runId);
    await begun(again!, 500);
    await line.end(again!);
    expectAbout(await used(0, CPU), 1_500);
    expect([await used(1, CPU), await used(0, GPU)]).toEqual([0, 0]);
  });

  it('end with the lease of a worker that was lost', async () => {
    const run = await taken(0);
    await begun(run, 1_000, 700);
    await run.lease.settle({ kind: 'crashed', detail: 'lost' }, { onlyIfExpired: true });
    expectAbout(await used(0, CPU), 300);
  });

  it('are of the device that the worker has', async () => {
    const worker = await FakeDeviceWorker.announce(line.database, { gpu: true });
    const run = await taken(0, worker);
    await begun(run, 1_000);
    await line.end(run);
    expectAbout(await used(0, GPU), 1_000);
    expect(await used(0, CPU)).toBe(0);
  });
});

describe('a limit of seconds', () => {
  it('keeps off what is used up, and gives any device a CPU where that is GPUs', async () => {
    expect(await within(0, 'AUTO')).toBe('AUTO');
    await limit(0, { [GPU]: 0 });
    expect(await within(0, 'AUTO')).toBe('CPU');
    expect(await within(0, 'CPU')).toBe('CPU');
    await expect(within(0, 'GPU')).rejects.toThrow(QuotaExceededError);
    expect(await within(1, 'GPU')).toBe('GPU');
    await limit(0, { [CPU]: 1_000, [GPU]: null });
    const run = await taken(0);
    expect(await within(0, 'AUTO')).toBe('AUTO');
    await begun(run, 1_000);
    await expect(within(0, 'AUTO')).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      details: { kind: CPU, limit: 1_000 },
    });
    expect(await within(0, 'GPU')).toBe('GPU');
  });

  it('lets a run whose turn comes too late end with the reason, and one that had begun go on', async () => {
    const executor = new RunExecutor({ database: line.database } as ExecutorOptions);
    const signal = new AbortController().signal;
    const run = await taken(0);
    await limit(0, { [CPU]: 0 });
    await executor.execute(run, { jobId: 'job', logger: silentLogger, signal });
    const [ended] = await line.database.inTenant(line.tenantId(0), (scope) =>
      scope.query<object>('SELECT state, error_code, lease_owner FROM jobs WHERE id = $1', [run.runId]),
    );
    expect(ended).toEqual({ state: 'FAILED', error_code: 'QUOTA_EXCEEDED', lease_owner: null });
    await line.ask(0, 1, { begun: true });
    const again = await line.take();
    expect(await beyondTrainingQuota(line.database, again!.lease.key)).toBeNull();
  });
});
