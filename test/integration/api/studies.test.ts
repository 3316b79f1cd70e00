import { createLogger } from '../../../src/platform/telemetry/logger';
import { StudyWorker } from '../../../src/services/studies/study-worker';
import { lookAtStudy, startedStudy, startStudy, type Study } from '../../support/api/studies';
import { announceDataset, KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { executeWaiting } from '../../support/training/execute-waiting';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

/** Rows whose label follows from the colour, but for some. */
const CSV = `x,color,label\n${Array.from({ length: 240 }, (_, row) => {
  const color = (row * 7) % 4;
  return `${row % 13}.${row},${['red', 'blue', 'green', 'grey'][color]},${Number((color + (row % 5 === 0 ? 1 : 0)) % 2 === 0)}`;
}).join('\n')}\n`;

async function dataset(split: object = {}): Promise<string> {
  const { configureDomain } = await owner.caller.data<{ configureDomain: { __typename: string } }>(
    'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
    {
      input: {
        kind: KIND,
        featureSpec: {
          shape: 'TABLE',
          label: { column: 'label' },
          features: [
            { type: 'numeric', name: 'x' },
            { type: 'categorical', name: 'color' },
          ],
          ...split,
        },
        modelConfig: { architecture: 'bag', dense: [8], maxEpochs: 2, batchSize: 32 },
      },
    },
  );
  expect(configureDomain.__typename).toBe('ConfigureDomainSuccess');
  const { id, uploadUrl } = await announceDataset(owner.caller);
  expect((await owner.caller.http(uploadUrl, { method: 'PUT', body: CSV })).status).toBe(200);
  return id;
}

const look = (id: string): Promise<Study> => lookAtStudy(owner, id);

/** As many workers as there may be. */
async function step(): Promise<void> {
  const { database } = test;
  const workers = [1, 2, 3].map(() => new StudyWorker({ database, logger: createLogger('test', 'silent') }));
  await Promise.all(workers.map((worker) => worker.stepDue()));
}

const cancel = (studyId: string) =>
  owner.caller.data<{ cancelStudy: { __typename: string; study?: { state: string } } }>(
    `mutation ($input: CancelStudyInput!) { cancelStudy(input: $input) { __typename
      ... on CancelStudySuccess { study { state } } } }`,
    { input: { studyId } },
  );

const versions = async (): Promise<number> =>
  (await owner.caller.data<{ modelVersions: { nodes: unknown[] } }>('{ modelVersions { nodes { id } } }'))
    .modelVersions.nodes.length;

describe('a cross-validation', () => {
  it('tests each example in one fold, and says how far the figures of the folds lie apart', async () => {
    const datasetId = await dataset();
    const { study } = await startStudy(owner, { datasetId, crossValidation: { folds: 3 } });
    const id = study?.id ?? '';
    expect(await look(id)).toMatchObject({
      ...{ method: 'CROSS_VALIDATION', state: 'RUNNING', search: null, best: null, refitRun: null },
      trials: [1, 2, 3].map((fold) => ({
        fold,
        state: 'WAITING',
        validation: null,
        run: { priority: 'LOW' },
      })),
      comparison: { ranking: [], metrics: [] },
    });
    await executeWaiting(test, owner.id, 1);
    await step();
    const { state, comparison } = await look(id);
    expect(state).toBe('RUNNING');
    expect(new Set(comparison.metrics.map(({ count }) => count))).toEqual(new Set([1]));
    await executeWaiting(test, owner.id);
    await step();
    const ended = await look(id);
    expect(ended).toMatchObject({ state: 'SUCCEEDED', error: null, best: null, refitRun: null });
    expect(ended.finishedAt).not.toBeNull();
    expect(ended.trials.reduce((sum, { test }) => sum + (test?.count ?? 0), 0)).toBe(240);
    const losses = ended.trials.map((trial) => trial.test?.logLoss ?? NaN);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / 3;
    const spread = ended.comparison.metrics.find(({ metric }) => metric === 'LOG_LOSS');
    expect(spread?.count).toBe(3);
    expect(spread?.mean).toBeCloseTo(mean, 10);
    expect(spread?.standardDeviation).toBeCloseTo(
      Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / 2),
      10,
    );
    // Folds are to be compared, and not to serve.
    expect(ended.trials.every(({ run }) => run.state === 'SUCCEEDED' && run.modelVersion === null)).toBe(
      true,
    );
    expect(await versions()).toBe(0);
  });

  it('cannot be made of a number of folds that there is not', async () => {
    const datasetId = await dataset();
    expect(await startStudy(owner, { datasetId, crossValidation: { folds: 1 } })).toMatchObject({
      __typename: 'InvalidInput',
      issues: [{ path: 'crossValidation.folds' }],
    });
    expect(await startStudy(owner, { datasetId })).toMatchObject({ issues: [{ path: 'crossValidation' }] });
    expect(await startStudy(owner, { datasetId, crossValidation: {}, search: { space: {} } })).toMatchObject({
      issues: [{ path: 'search' }],
    });
  });

  it('fails when a fold does, and says why', async () => {
    const datasetId = await dataset();
    const id = await startedStudy(owner, datasetId);
    const [first] = (await look(id)).trials;
    await owner.caller.data('mutation ($id: ID!) { cancelTraining(input: { runId: $id }) { __typename } }', {
      id: first?.run.id,
    });
    await executeWaiting(test, owner.id);
    await step();
    expect(await look(id)).toMatchObject({
      state: 'FAILED',
      error: '1 of 2 folds succeeded; fold 1: it was cancelled.',
      trials: [{ state: 'CANCELLED' }, { state: 'FINISHED' }],
    });
    const { retryTrainingRun } = await owner.caller.data<{ retryTrainingRun: { message: string } }>(
      'mutation ($id: ID!) { retryTrainingRun(input: { runId: $id }) { ... on Conflict { message } } }',
      { id: first?.run.id },
    );
    expect(retryTrainingRun.message).toMatch(/trial of a study/);
  });
});

const SEARCH = {
  space: {
    learningRate: { logUniform: { min: 0.0001, max: 0.1 } },
    dense: { choices: [[4], [16]] },
    seed: { uniform: { min: 1, max: 1000, integer: true } },
  },
  trials: 4,
  seed: 11,
};

describe('a search', () => {
  it('trains what it draws, ranks it by validation, and refits the best, which can be promoted', async () => {
    const datasetId = await dataset();
    const { study } = await startStudy(owner, { datasetId, search: SEARCH });
    const id = study?.id ?? '';
    const begun = await look(id);
    expect(begun.trials).toHaveLength(4);
    for (const { parameters, run, number } of begun.trials) {
      expect(run).toMatchObject({
        trialNumber: number,
        studyId: id,
        exactConfiguration: { modelConfig: { ...parameters, maxEpochs: 2 } },
      });
      expect(Object.keys(parameters).toSorted()).toEqual(Object.keys(SEARCH.space).toSorted());
    }
    await executeWaiting(test, owner.id);
    await step();
    await step();
    const judged = await look(id);
    expect(judged.state).toBe('REFITTING');
    // All on the same examples, which are not those of the test.
    expect(new Set(judged.trials.map(({ validation }) => validation?.count)).size).toBe(1);
    expect(
      judged.trials.every(({ state, test, epochs }) => state === 'FINISHED' && test === null && epochs === 2),
    ).toBe(true);
    const loss = (number: number) => judged.trials[number - 1]?.validation?.logLoss ?? NaN;
    const byLoss = [1, 2, 3, 4].toSorted((a, b) => loss(a) - loss(b));
    expect(judged.comparison.ranking.map(({ number }) => number)).toEqual(byLoss);
    expect(judged.best?.number).toBe(byLoss[0]);
    expect(await versions()).toBe(0);
    expect(await executeWaiting(test, owner.id)).toEqual([judged.refitRun?.id]);
    await step();
    const ended = await look(id);
    expect(ended).toMatchObject({
      state: 'SUCCEEDED',
      refitRun: { state: 'SUCCEEDED', trialNumber: null, modelVersion: { number: 1 } },
    });
    expect(ended.refitRun?.exactConfiguration).toEqual(
      ended.trials[(byLoss[0] ?? 0) - 1]?.run.exactConfiguration,
    );
    const { promoteModel } = await owner.caller.data<{ promoteModel: { __typename: string } }>(
      'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id, baselineOverride: { reason: "a small model" } }) { __typename } }',
      { id: ended.refitRun?.modelVersion?.id },
    );
    expect(promoteModel.__typename).toBe('PromoteModelSuccess');
    const { auditLog } = await owner.caller.data<{
      auditLog: { nodes: { action: string; objectId: string }[] };
    }>('{ auditLog { nodes { action objectId } } }');
    expect(auditLog.nodes).toContainEqual({ action: 'TRAINING_STARTED', objectId: ended.refitRun?.id });
  });

  it('by successive halving stops the losers, and trains the others for longer', async () => {
    const datasetId = await dataset();
    const search = { ...SEARCH, successiveHalving: { minEpochs: 1, eta: 2 } };
    const id = (await startStudy(owner, { datasetId, search })).study?.id ?? '';
    expect(await executeWaiting(test, owner.id)).toHaveLength(4);
    await step();
    expect(await executeWaiting(test, owner.id)).toHaveLength(2);
    await step();
    const { trials, best, comparison, state } = await look(id);
    expect(state).toBe('REFITTING');
    expect(trials.map((trial) => [trial.state, trial.epochs]).toSorted()).toEqual([
      ['FINISHED', 2],
      ['FINISHED', 2],
      ['STOPPED', 1],
      ['STOPPED', 1],
    ]);
    expect(trials[(best?.number ?? 0) - 1]?.state).toBe('FINISHED');
    expect(comparison.ranking).toHaveLength(4);
    expect(comparison.ranking[0]).toEqual(best);
    const wrong = { ...SEARCH, successiveHalving: { minEpochs: 2, eta: 1 } };
    expect(await startStudy(owner, { datasetId, search: wrong })).toMatchObject({
      issues: [{ path: 'search.successiveHalving.eta' }, { path: 'search.successiveHalving.minEpochs' }],
    });
  });

  it('draws the same again from the same seed', async () => {
    const datasetId = await dataset();
    const [first, second] = await Promise.all(
      [1, 2].map(async () => look((await startStudy(owner, { datasetId, search: SEARCH })).study?.id ?? '')),
    );
    expect(second?.trials.map(({ parameters }) => parameters)).toEqual(
      first?.trials.map(({ parameters }) => parameters),
    );
  });

  it('says which option of its space is wrong', async () => {
    const datasetId = await dataset();
    const search = { space: { dropout: { uniform: { min: 2, max: 3 } } } };
    expect(await startStudy(owner, { datasetId, search })).toMatchObject({
      __typename: 'InvalidInput',
      issues: [{ path: 'search.space.dropout' }],
    });
    expect(
      await startStudy(owner, {
        datasetId,
        search: { space: { dropout: { uniform: {} } }, trials: 1, seed: 0.5 },
      }),
    ).toMatchObject({
      issues: [
        { path: 'search.space.dropout.uniform.min' },
        { path: 'search.space.dropout.uniform.max' },
        { path: 'search.trials' },
        { path: 'search.seed' },
      ],
    });
  });

  it('ends with all its trainings when it is cancelled, once', async () => {
    const datasetId = await dataset();
    const { study } = await startStudy(owner, { datasetId, search: SEARCH });
    const id = study?.id ?? '';
    await executeWaiting(test, owner.id, 1);
    expect((await cancel(id)).cancelStudy.study?.state).toBe('CANCELLED');
    expect((await cancel(id)).cancelStudy.study?.state).toBe('CANCELLED');
    await step();
    expect(await executeWaiting(test, owner.id)).toEqual([]);
    expect(await look(id)).toMatchObject({
      ...{ state: 'CANCELLED', best: null, refitRun: null },
      trials: [{ state: 'FINISHED' }, { state: 'CANCELLED' }, { state: 'CANCELLED' }, { state: 'CANCELLED' }],
    });
  });

  it('that has ended cannot be cancelled', async () => {
    const datasetId = await dataset();
    const id = await startedStudy(owner, datasetId);
    await executeWaiting(test, owner.id);
    await step();
    expect((await cancel(id)).cancelStudy.__typename).toBe('Conflict');
  });

  it('is nothing that another tenant can see or end', async () => {
    const id = await startedStudy(owner, await dataset());
    const stranger = await test.tenant();
    for (const query of [
      'query ($id: ID!) { trainingStudy(id: $id) { id } }',
      'mutation ($id: ID!) { cancelStudy(input: { studyId: $id }) { __typename } }',
    ])
      await expect(stranger.caller.data(query, { id })).rejects.toThrow(/has the id/);
    expect((await look(id)).state).toBe('RUNNING');
  });
});
