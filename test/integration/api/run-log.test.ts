import { randomUUID } from 'node:crypto';
import { createLogger } from '../../../src/platform/telemetry/logger';
import { appendLines } from '../../../src/services/jobs/log/append-lines';
import { logLine } from '../../../src/services/jobs/log/log-line';
import { RetentionWorker } from '../../../src/services/retention/retention-worker';
import { RunLease } from '../../../src/services/training/run-lease';
import { changeRun, startRun } from '../../support/api/trained-model';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { takeRun } from '../../support/training/take-run';

const LOG = `query ($id: ID!, $after: String, $level: LogLevel) {
  trainingRun(id: $id) {
    log(first: 2, after: $after, level: $level) {
      nodes { level attempt phase message }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;
const ATTEMPTS = `query ($id: ID!) {
  trainingRun(id: $id) { doneShare attempts { attempt ending device endedAt peakMemoryBytes phases { state attempt } } }
}`;

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});
afterAll(() => test.close());

interface Log {
  readonly trainingRun: {
    readonly log: {
      readonly nodes: readonly Readonly<Record<string, unknown>>[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  };
}

it('shows the log of a run page by page, from a level upwards', async () => {
  const id = await startRun(owner);
  await test.database.inTenant(owner.id, (scope) =>
    appendLines(
      scope,
      { jobId: id },
      (['DETAIL', 'INFO', 'WARNING', 'ERROR'] as const).map((level) =>
        logLine('TRAINING', { level, message: `of ${level}` }),
      ),
    ),
  );
  const first = await owner.caller.data<Log>(LOG, { id });
  expect(first.trainingRun.log).toMatchObject({
    nodes: [
      { level: 'INFO', attempt: 0, phase: 'TRAINING', message: 'of INFO' },
      { level: 'WARNING', message: 'of WARNING' },
    ],
    pageInfo: { hasNextPage: true },
  });
  const after = first.trainingRun.log.pageInfo.endCursor;
  expect((await owner.caller.data<Log>(LOG, { id, after })).trainingRun.log.nodes).toMatchObject([
    { message: 'of ERROR' },
  ]);
  const details = await owner.caller.data<Log>(LOG, { id, level: 'DETAIL' });
  expect(details.trainingRun.log.nodes[0]).toMatchObject({ message: 'of DETAIL' });
  const stranger = await test.tenant();
  expect(await stranger.caller.code(LOG, { id })).toBe('NOT_FOUND');
  expect(await stranger.caller.code(LOG, { id: await startRun(stranger), after })).toBe('BAD_USER_INPUT');
});

it('shows each execution with its own phases', async () => {
  const id = await startRun(owner);
  expect(await owner.caller.data(ATTEMPTS, { id })).toEqual({ trainingRun: { doneShare: 0, attempts: [] } });
  for (const phase of ['TRAINING', null] as const) {
    const key = { tenantId: owner.id, runId: id, owner: randomUUID() };
    const lease = new RunLease(test.database, key);
    await takeRun(test.database, lease);
    if (phase) await lease.enter(phase);
    await (phase
      ? lease.settle({ kind: 'crashed', detail: 'fell silent' })
      : lease.fail('INVALID_DATA', 'too small'));
  }
  const unknown = { device: null, peakMemoryBytes: null };
  expect(await owner.caller.data(ATTEMPTS, { id })).toMatchObject({
    trainingRun: {
      doneShare: null,
      attempts: [
        {
          ...{ attempt: 1, ending: 'LOST', ...unknown },
          phases: [
            { state: 'PREPARING', attempt: 1 },
            { state: 'TRAINING', attempt: 1 },
          ],
        },
        { attempt: 2, ending: 'FAILED', ...unknown, phases: [{ state: 'PREPARING', attempt: 2 }] },
      ],
    },
  });
});

it('loses lines to the period that the tenant set, once the run has ended', async () => {
  const [ended, open] = [await startRun(owner), await startRun(owner)];
  for (const id of [ended, open])
    await test.database.inTenant(owner.id, (scope) =>
      scope.query(
        `INSERT INTO job_log_lines (tenant_id, id, job_id, number, at, level, attempt, phase, message)
         SELECT $1, gen_random_uuid(), $2, n, now() - make_interval(days => 10 - n), 'INFO', 1, 'TRAINING', 'x'
           FROM generate_series(1, 10) n`,
        [owner.id, id],
      ),
    );
  await changeRun(test, owner, { runId: ended, state: 'FAILED', finishedAt: new Date() });
  await owner.caller.data(
    'mutation { setRetention(input: { periods: [{ kind: RUN_LOGS, days: 4 }] }) { __typename } }',
  );
  const logger = createLogger('test', 'silent');
  const worker = new RetentionWorker({ database: test.database, objects: test.stores, logger });
  expect(await worker.enforce()).toEqual({ count: 6, objects: 0 });
  const logOf = async (id: string) =>
    (
      await owner.caller.data<Log>(
        'query ($id: ID!) { trainingRun(id: $id) { log { nodes { message } } } }',
        { id },
      )
    ).trainingRun.log.nodes;
  expect(await logOf(ended)).toHaveLength(4);
  expect(await logOf(open)).toHaveLength(10);
});
