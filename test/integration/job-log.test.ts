import { randomUUID } from 'node:crypto';
import { appendLines, MAX_LINES } from '../../src/services/jobs/log/append-lines';
import { type JobLogLine } from '../../src/services/jobs/log/job-log-line.entity';
import { JobLog } from '../../src/services/jobs/log/job-log';
import { JobLogsService } from '../../src/services/jobs/log/job-logs.service';
import { logLine, type LogLevel, type LogLine } from '../../src/services/jobs/log/log-line';
import { type TrainingRun } from '../../src/services/training/training-run.entity';
import { tenantFixture } from '../support/training/tenant-fixture';
import { takeRun } from '../support/training/take-run';
import { TrainingHarness } from '../support/training/training-harness';

let harness: TrainingHarness;
let logs: JobLogsService;

beforeAll(async () => {
  harness = await TrainingHarness.create();
  logs = new JobLogsService(harness.db.database);
});
afterAll(() => harness.close());
beforeEach(() => harness.tenant.configure({}));

async function linesOf(run: TrainingRun, level: LogLevel = 'DETAIL'): Promise<JobLogLine[]> {
  const lines: JobLogLine[] = [];
  for (let after: string | null = null; ;) {
    const page = await logs.lines(harness.tenant.ctx, run.id, { first: 100, after, level });
    lines.push(...page.items);
    after = page.endCursor;
    if (!page.hasNextPage) return lines;
  }
}

const attemptsOf = (run: TrainingRun) => logs.attempts(harness.tenant.ctx, [run.id]);
const append = (run: TrainingRun, lines: readonly LogLine[], owner?: string): Promise<void> =>
  harness.db.database.inTenant(run.tenantId, (scope) =>
    appendLines(scope, { jobId: run.id, ...(owner === undefined ? {} : { owner }) }, lines),
  );
const say = (message: string, level: LogLevel = 'INFO') => logLine('TRAINING', { level, message });

describe('the log of a run', () => {
  it('tells what it came to, in order, and of which phase', async () => {
    const { run, lease } = await harness.taken();
    await harness.execute(lease);
    const lines = await linesOf(run);
    expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1));
    expect(lines.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(lines.map(({ phase, level, message }) => [phase, level, message])).toEqual([
      ['PREPARING', 'INFO', 'An execution begins.'],
      ['TRAINING', 'INFO', 'Trains counting on cpu with 1 threads: 1 parameters, batches of 1 examples.'],
      ['TRAINING', 'DETAIL', 'Checkpoint after step 1: 1 bytes.'],
      ['TRAINING', 'DETAIL', 'Checkpoint after step 2: 1 bytes.'],
      ['TRAINING', 'DETAIL', 'Checkpoint after step 3: 1 bytes.'],
      ['SUCCEEDED', 'INFO', expect.stringMatching(/^Version \d+ of ECOMMERCE_PURCHASE came of it\.$/)],
    ]);
    expect(await linesOf(run, 'INFO')).toHaveLength(3);
  });

  it('tells why it failed, in the words of its owner', async () => {
    await harness.tenant.configure({ behaviour: 'has-invalid-data' });
    const { run, lease } = await harness.taken();
    await harness.execute(lease);
    expect(await linesOf(run, 'ERROR')).toMatchObject([
      {
        phase: 'PREPARING',
        message: 'INVALID_DATA: the column "label" has three values (label: must have two values)',
      },
    ]);
    expect(await attemptsOf(run)).toMatchObject([{ attempt: 1, ending: 'FAILED' }]);
  });

  it('says nothing of a defect but that there is one', async () => {
    await harness.tenant.configure({ behaviour: 'has-a-defect' });
    const { run, lease } = await harness.taken();
    await expect(harness.execute(lease)).rejects.toThrow(TypeError);
    const [line] = await linesOf(run, 'ERROR');
    expect(line!.message).toBe(
      'The execution ended unexpectedly; whoever operates the platform finds the reason in its logs.',
    );
  });

  it('tells who called it off, once', async () => {
    const run = await harness.start();
    await harness.service.cancel(harness.tenant.ctx, run.id);
    await harness.service.cancel(harness.tenant.ctx, run.id);
    expect(await linesOf(run)).toMatchObject([
      {
        attempt: 0,
        phase: 'QUEUED',
        message: `Called off by the API key ${harness.tenant.ctx.actor.id}.`,
      },
    ]);
    expect(await attemptsOf(run)).toEqual([]);
  });

  it('counts the executions that are lost, and says when it is given up', async () => {
    const run = await harness.start();
    for (let crash = 1; crash <= 3; crash += 1) {
      const lease = harness.leaseOf(run);
      await takeRun(harness.db.database, lease);
      await lease.settle({ kind: 'crashed', detail: 'was ended by SIGKILL' });
    }
    const said = await linesOf(run);
    expect(said.map(({ level, attempt }) => [level, attempt])).toEqual([
      ['WARNING', 1],
      ['WARNING', 2],
      ['ERROR', 3],
    ]);
    expect(await attemptsOf(run)).toMatchObject(
      [1, 2, 3].map((attempt) => ({ attempt, ending: 'LOST', endedAt: expect.any(Date) as Date })),
    );
  });

  it('keeps so many lines and no more: the oldest details go, and the first line counts them', async () => {
    const run = await harness.start();
    await append(run, [say('the first of all')]);
    const batch = 700;
    const total = MAX_LINES + 900;
    for (let from = 0; from < total; from += batch)
      await append(
        run,
        Array.from({ length: Math.min(batch, total - from) }, (_, index) =>
          say(`detail ${from + index}`, 'DETAIL'),
        ),
      );
    await append(run, [say('the last of all')]);
    const [counted, ...kept] = await linesOf(run);
    expect(kept.length).toBeLessThanOrEqual(MAX_LINES);
    const left = total + 2 - kept.length;
    expect(counted).toMatchObject({ number: 0, level: 'INFO' });
    expect(counted!.message).toContain(`${left} lines are left out`);
    expect(kept[0]).toMatchObject({ message: 'the first of all' });
    expect(kept.slice(1, -1).map(({ message }) => message)).toEqual(
      Array.from({ length: kept.length - 2 }, (_, index) => `detail ${left + index}`),
    );
  });

  it('has a line once that is written again, and none of an execution that has lost the run', async () => {
    const { run, lease } = await harness.taken();
    const lines = [say('a'), say('b')];
    await append(run, lines, lease.key.owner);
    await append(run, lines, lease.key.owner);
    await append(run, [say('c')], randomUUID());
    expect((await linesOf(run)).map(({ message }) => message)).toEqual(['a', 'b']);
  });

  it('numbers the lines of those who write at once', async () => {
    const run = await harness.start();
    await Promise.all(Array.from({ length: 8 }, (_, writer) => append(run, [say(`${writer}`), say('')])));
    expect((await linesOf(run)).map(({ number }) => number)).toEqual(
      Array.from({ length: 16 }, (_, index) => index + 1),
    );
  });

  it('takes whatever text comes', async () => {
    const run = await harness.start();
    const texts = ['a\0b\nc', '\ud800', '😀'.repeat(2_000), '', `${'x'.repeat(999)}😀`];
    await append(
      run,
      texts.map((text) => say(text)),
    );
    const said = (await linesOf(run)).map(({ message }) => message);
    expect(said).toEqual(['a b c', '\uFFFD', `${'😀'.repeat(999)}…`, '–', `${'x'.repeat(999)}😀`]);
  });

  it('is of its tenant alone', async () => {
    const { run, lease } = await harness.taken();
    await harness.execute(lease);
    const { ctx } = await tenantFixture(harness.db.database);
    expect(await logs.lines(ctx, run.id, { first: 100, level: 'DETAIL' })).toMatchObject({ items: [] });
    expect(await logs.attempts(ctx, [run.id])).toEqual([]);
    const [line] = await linesOf(run);
    const after = Buffer.from(line!.id).toString('base64url');
    await expect(logs.lines(ctx, run.id, { first: 100, after, level: 'DETAIL' })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });
});

describe('an execution', () => {
  it('is on record from the moment that it is taken, with what it took', async () => {
    const { run, lease } = await harness.taken();
    expect(await attemptsOf(run)).toMatchObject([
      { attempt: 1, startedAt: expect.any(Date) as Date, endedAt: null, ending: null, measuredAt: null },
    ]);
    await harness.execute(lease);
    const [attempt] = await attemptsOf(run);
    expect(attempt).toMatchObject({ ending: 'SUCCEEDED', device: 'cpu', endedAt: expect.any(Date) as Date });
    expect(attempt!.processorSeconds).toBeGreaterThan(0);
    expect(attempt!.peakMemoryBytes).toBeGreaterThan(2 ** 20);
    expect(attempt!.codeVersion).toMatch(/^\d+\.\d+\.\d+/);
  });

  it.each([
    ['CANCELLED', { kind: 'crashed', detail: 'was ended by SIGKILL' }, true],
    ['LEFT_OFF', { kind: 'drained' }, false],
  ] as const)('that ended as %s says so', async (ending, interruption, isCancelled) => {
    const { run, lease } = await harness.taken();
    if (isCancelled) await harness.service.cancel(harness.tenant.ctx, run.id);
    await lease.settle(interruption);
    expect(await attemptsOf(run)).toMatchObject([{ ending }]);
  });
});

it('goes on while its lines cannot be written, and then writes them', async () => {
  const { run, lease } = await harness.taken();
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  let isAway = true;
  const log = new JobLog({
    inTenant: (work) => (isAway ? Promise.reject(new Error('away')) : lease.inTenant(work)),
    ...{ jobId: run.id, owner: lease.key.owner, intervalMs: 3_600_000 },
  });
  for (let index = 0; index < 600; index += 1) log.say({ level: 'DETAIL', message: `${index}` });
  log.say({ level: 'INFO', message: 'matters' });
  await log.flush();
  await log.flush();
  expect(warned).toHaveBeenCalledTimes(1);
  warned.mockRestore();
  isAway = false;
  await log.close();
  const lines = await linesOf(run);
  expect(lines[0]!.message).toBe('101 lines are left out: the database was away for too long.');
  expect(lines).toHaveLength(501);
  expect(lines.at(-1)!.message).toBe('matters');
});
