import { createLogger } from '../../../src/platform/telemetry/logger';
import { type JobQueue } from '../../../src/platform/jobs/job-queue';
import { EventSnapshotsService } from '../../../src/services/events/event-snapshots.service';
import { EventSnapshot } from '../../../src/services/events/event-snapshot.entity';
import { EvaluationsService } from '../../../src/services/models/evaluations.service';
import { ModelsService } from '../../../src/services/models/models.service';
import { StoredDrift } from '../../../src/services/monitoring/drift-report.entity';
import { ConfiguredDomains } from '../../../src/services/schedules/configured-domains';
import { ScheduleWorker } from '../../../src/services/schedules/schedule-worker';
import { TrainingService } from '../../../src/services/training/training.service';
import { ingest, views } from '../../support/api/stored-events';
import { KIND, readyDataset } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { baselineOf, changeRun, startRun, trainedModel } from '../../support/api/trained-model';

interface Schedule {
  readonly id: string;
  readonly nextAt: string | null;
  readonly lastStartedAt: string | null;
}
interface Retraining {
  readonly reason: string;
  readonly state: string;
  readonly runId: string | null;
  readonly snapshotId: string | null;
  readonly modelVersionId: string | null;
  readonly promoted: boolean;
  readonly detail: string | null;
}

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

function worker(): ScheduleWorker {
  const { database, stores } = test;
  const logger = createLogger('test', 'silent');
  const queue = { add: () => Promise.resolve() } as unknown as JobQueue<'training'>;
  return new ScheduleWorker({
    database,
    logger,
    snapshots: new EventSnapshotsService(database, new ConfiguredDomains(database)),
    training: new TrainingService({ database, queue, logger }),
    models: new ModelsService(database, stores),
    evaluations: new EvaluationsService(database, stores),
  });
}

const SET = `mutation ($input: SetRetrainingScheduleInput!) { setRetrainingSchedule(input: $input) { __typename
  ... on SetRetrainingScheduleSuccess { schedule { id nextAt lastStartedAt } }
  ... on InvalidInput { issues { path } } } }`;

async function set(input: object): Promise<Schedule> {
  const answer = await owner.caller.data<{ setRetrainingSchedule: { schedule: Schedule } }>(SET, {
    input: { domain: KIND, ...input },
  });
  return answer.setRetrainingSchedule.schedule;
}

async function retrainings(scheduleId: string): Promise<readonly Retraining[]> {
  const answer = await owner.caller.data<{ retrainings: { nodes: Retraining[] } }>(
    `query ($id: ID!) { retrainings(scheduleId: $id) {
      nodes { reason state runId snapshotId modelVersionId promoted detail } } }`,
    { id: scheduleId },
  );
  return answer.retrainings.nodes;
}

/** As if its time had come ten days ago, and nobody had been there. */
const makeDue = (id: string) =>
  test.database.inTenant(owner.id, (scope) =>
    scope.query(
      `UPDATE retraining_schedules SET next_at = now() - interval '10 days', created_at = now() - interval '1 year'
        WHERE tenant_id = $1 AND id = $2`,
      [owner.id, id],
    ),
  );

/** Held-out predictions of a hundred examples, right by a margin. */
const predictions = (margin: number): string =>
  `part,id,label,probability\n${Array.from(
    { length: 100 },
    (_, n) => `test,${n},${n % 2},${n % 2 === 0 ? 0.5 - margin : 0.5 + margin}`,
  ).join('\n')}\n`;

describe('schedules', () => {
  it('start one run when their time has come, whatever was missed, and however many workers there are', async () => {
    const { id } = await set({ cron: '0 3 * * *', datasetId: await readyDataset(owner.caller) });
    await worker().stepDue();
    expect(await retrainings(id)).toEqual([]);
    await makeDue(id);
    await Promise.all([worker().stepDue(), worker().stepDue(), worker().stepDue()]);
    await worker().stepDue();
    const [one, ...others] = await retrainings(id);
    expect(others).toEqual([]);
    expect(one).toMatchObject({ reason: 'CRON', state: 'TRAINING', promoted: false });
    const { trainingRuns, schedules } = await owner.caller.data<{
      trainingRuns: { nodes: { id: string; state: string }[] };
      schedules: Schedule[];
    }>('{ trainingRuns { nodes { id state } } schedules { id nextAt lastStartedAt } }');
    expect(trainingRuns.nodes).toEqual([{ id: one?.runId, state: 'QUEUED' }]);
    expect(new Date(schedules[0]?.nextAt ?? 0).getTime()).toBeGreaterThan(Date.now());
    expect(new Date(schedules[0]?.nextAt ?? 0).getTime()).toBeLessThan(Date.now() + 25 * 3_600_000);
  });

  it('promote nothing unless they may', async () => {
    const { id } = await set({ cron: '0 3 * * *', datasetId: await readyDataset(owner.caller) });
    await makeDue(id);
    await worker().stepDue();
    const runId = (await retrainings(id))[0]?.runId ?? '';
    const { id: version } = await trainedModel(test, owner, { runId });
    await worker().stepDue();
    expect(await retrainings(id)).toMatchObject([
      { state: 'SUCCEEDED', modelVersionId: version, promoted: false },
    ]);
    // Nothing is left to do.
    await worker().stepDue();
    expect(await retrainings(id)).toHaveLength(1);
  });

  it.each([
    ['better', 0.45, true],
    ['as good', 0.1, false],
    ['worse', 0.01, false],
  ])('promote what is %s only when that is so, where they may', async (_name, margin, promoted) => {
    const datasetId = await readyDataset(owner.caller);
    const { id } = await set({ cron: '0 3 * * *', datasetId, promote: 'IF_BETTER' });
    await makeDue(id);
    await worker().stepDue();
    const runId = (await retrainings(id))[0]?.runId ?? '';
    const run = await owner.caller.data<{ startTraining: { run: { id: string } } }>(
      `mutation ($input: StartTrainingInput!) { startTraining(input: $input) { ... on StartTrainingSuccess { run { id } } } }`,
      { input: { kind: KIND, datasetId } },
    );
    const champion = await trainedModel(test, owner, {
      runId: run.startTraining.run.id,
      predictionsCsv: predictions(0.1),
    });
    await owner.caller.data(
      'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
      { id: champion.id },
    );
    const version = await trainedModel(test, owner, { runId, predictionsCsv: predictions(margin) });
    await worker().stepDue();
    expect(await retrainings(id)).toMatchObject([
      { state: 'SUCCEEDED', promoted, detail: expect.stringContaining('log loss') as string },
    ]);
    const [decision] = await new ModelsService(test.database, test.stores).currentPromotions(
      { requestId: 'test', actor: { id: owner.keyId, role: 'TENANT_ADMIN', tenantId: owner.id } },
      [KIND],
    );
    expect(decision?.modelVersionId).toBe(promoted ? version.id : champion.id);
  });

  it('promote nothing that is better than the champion, but not than its baseline', async () => {
    const datasetId = await readyDataset(owner.caller);
    const { id } = await set({ cron: '0 3 * * *', datasetId, promote: 'IF_BETTER' });
    await makeDue(id);
    await worker().stepDue();
    const champion = await trainedModel(test, owner, {
      runId: await startRun(owner, datasetId),
      predictionsCsv: predictions(0.1),
    });
    await owner.caller.data(
      'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
      { id: champion.id },
    );
    const runId = (await retrainings(id))[0]?.runId ?? '';
    await trainedModel(test, owner, { runId, predictionsCsv: predictions(0.45), baseline: baselineOf(0.01) });
    await worker().stepDue();
    expect(await retrainings(id)).toMatchObject([
      {
        ...{ state: 'SUCCEEDED', promoted: false },
        detail: expect.stringContaining('is not worth more than logistic regression') as string,
      },
    ]);
  });

  it('say why a training failed, and start the next one when its time comes', async () => {
    const { id } = await set({ cron: '0 3 * * *', datasetId: await readyDataset(owner.caller) });
    await makeDue(id);
    await worker().stepDue();
    await changeRun(test, owner, {
      runId: (await retrainings(id))[0]?.runId ?? '',
      state: 'CANCELLED',
      finishedAt: new Date(),
    });
    await worker().stepDue();
    expect(await retrainings(id)).toMatchObject([{ state: 'FAILED', detail: 'the training was cancelled' }]);
    await makeDue(id);
    await worker().stepDue();
    expect(await retrainings(id)).toMatchObject([{ state: 'TRAINING' }, { state: 'FAILED' }]);
  });

  it('start from the champion where that has weights, or from nothing, as they are told', async () => {
    const datasetId = await readyDataset(owner.caller);
    const startedFrom = async (input: object): Promise<string | null> => {
      const { id } = await set({ cron: '0 3 * * *', datasetId, ...input });
      await makeDue(id);
      await worker().stepDue();
      const [{ runId } = { runId: null }] = await retrainings(id);
      const { trainingRun } = await owner.caller.data<{
        trainingRun: { warmStart: { modelVersionId: string } | null };
      }>('query ($id: ID!) { trainingRun(id: $id) { warmStart { modelVersionId } } }', { id: runId });
      await changeRun(test, owner, { runId: runId ?? '', state: 'CANCELLED', finishedAt: new Date() });
      await worker().stepDue();
      return trainingRun.warmStart?.modelVersionId ?? null;
    };
    expect(await startedFrom({})).toBeNull();
    const promote = (id: string) =>
      owner.caller.data(
        'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
        { id },
      );
    await promote((await trainedModel(test, owner)).id);
    expect(await startedFrom({})).toBeNull();
    const champion = await trainedModel(test, owner, { weights: Buffer.from('weights') });
    await promote(champion.id);
    expect(await startedFrom({ startFrom: 'NOTHING' })).toBeNull();
    expect(await startedFrom({})).toBe(champion.id);
  });

  it('start because of drift, once until the data has cooled down', async () => {
    const { id } = await set({
      onDrift: true,
      coolDownHours: 5,
      datasetId: await readyDataset(owner.caller),
    });
    const { id: modelVersionId } = await trainedModel(test, owner);
    const drifted = (state: 'STABLE' | 'DRIFTED') =>
      test.database.inTenant(owner.id, (scope) =>
        scope.repository(StoredDrift).insert({
          ...{ domain: KIND, modelVersionId, from: new Date(0), until: new Date(), predictions: 1 },
          ...{ state, inputs: state, report: null },
        }),
      );
    await drifted('STABLE');
    await worker().stepDue();
    expect(await retrainings(id)).toEqual([]);
    await drifted('DRIFTED');
    await worker().stepDue();
    expect(await retrainings(id)).toMatchObject([{ reason: 'DRIFT', state: 'TRAINING' }]);
    await trainedModel(test, owner, { runId: (await retrainings(id))[0]?.runId ?? '' });
    await worker().stepDue();
    await drifted('DRIFTED');
    await worker().stepDue();
    expect(await retrainings(id)).toHaveLength(1);
    await test.database.inTenant(owner.id, (scope) =>
      scope.query(
        `UPDATE retraining_schedules SET last_started_at = now() - interval '6 hours' WHERE tenant_id = $1`,
        [owner.id],
      ),
    );
    await worker().stepDue();
    expect(await retrainings(id)).toHaveLength(2);
  });

  it('train on a fresh snapshot of the stored events where no dataset is named', async () => {
    await ingest(owner.caller, views(3));
    const { id } = await set({ cron: '0 3 * * *' });
    await makeDue(id);
    for (let step = 0; step < 3; step++) await worker().stepDue();
    const [waiting] = await retrainings(id);
    expect(waiting).toMatchObject({ state: 'PREPARING', runId: null });
    const snapshots = await test.database.inTenant(owner.id, (scope) =>
      scope.repository(EventSnapshot).find(),
    );
    expect(snapshots.map(({ id: snapshot }) => snapshot)).toEqual([waiting?.snapshotId]);
    await test.database.inTenant(owner.id, (scope) =>
      scope
        .repository(EventSnapshot)
        .update(
          { id: waiting?.snapshotId ?? '' },
          { state: 'FAILED', errorCode: 'UNAVAILABLE', errorMessage: 'no room', finishedAt: new Date() },
        ),
    );
    await worker().stepDue();
    expect(await retrainings(id)).toMatchObject([{ state: 'FAILED', detail: 'no room' }]);
  });

  it('are refused with the path of what is wrong, and are of their own tenant', async () => {
    const issues = async (input: object) => {
      const { setRetrainingSchedule } = await owner.caller.data<{
        setRetrainingSchedule: { issues?: readonly { path: string }[] };
      }>(SET, { input: { domain: KIND, ...input } });
      return setRetrainingSchedule.issues?.map(({ path }) => path);
    };
    expect(await issues({})).toEqual(['cron']);
    expect(await issues({ cron: '* * * * *' })).toEqual(['cron']);
    expect(await issues({ cron: '0 3 * * *', timeZone: 'Mars/Olympus', coolDownHours: 0 })).toEqual([
      'timeZone',
      'coolDownHours',
    ]);
    const { id } = await set({ onDrift: true });
    expect(await set({ cron: '0 3 * * *' })).toMatchObject({ id });
    const stranger = await test.tenant();
    const remove = 'mutation ($id: ID!) { deleteSchedule(input: { scheduleId: $id }) { __typename } }';
    expect(await stranger.caller.code(remove, { id })).toBe('NOT_FOUND');
    expect(
      await stranger.caller.code('query ($id: ID!) { retrainings(scheduleId: $id) { nodes { id } } }', {
        id,
      }),
    ).toBe('NOT_FOUND');
    await owner.caller.data(remove, { id });
    const { schedules } = await owner.caller.data<{ schedules: unknown[] }>('{ schedules { id } }');
    expect(schedules).toEqual([]);
  });
});
