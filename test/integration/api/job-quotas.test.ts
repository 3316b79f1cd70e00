import { withOwner } from '../../../src/platform/persistence/owner-connection';
import { limitTo, seenQuota } from '../../support/api/quotas';
import { KIND, readyDataset } from '../../support/api/table-dataset';
import { startTestApi, type TestApi } from '../../support/api/test-api';
import { cancelledRun, startRun, trainedModel } from '../../support/api/trained-model';

const REFUSAL = '__typename ... on QuotaExceeded { code kind limit used resetsAt }';
const START = `mutation ($input: StartTrainingInput!) { startTraining(input: $input) { ${REFUSAL} } }`;
const RETRY = `mutation ($input: RetryTrainingRunInput!) { retryTrainingRun(input: $input) { ${REFUSAL} } }`;
const SCORE = `mutation ($input: ScoreDatasetInput!) { scoreDataset(input: $input) { ${REFUSAL} } }`;
const KINDS = { cpu: 'CPU_TRAINING_SECONDS_PER_MONTH', gpu: 'GPU_TRAINING_SECONDS_PER_MONTH' };

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

const jobsOf = (tenantId: string): Promise<{ state: string; requested_device: string }[]> =>
  test.database.inTenant(tenantId, (scope) =>
    scope.query('SELECT state, requested_device FROM jobs ORDER BY sequence'),
  );

describe('seconds of training', () => {
  it('that are used up keep a training from being asked for, again or for the first time', async () => {
    const owner = await test.tenant();
    const runId = await cancelledRun(owner);
    const datasetId = await readyDataset(owner.caller);
    await limitTo(test, owner, { [KINDS.cpu]: 0 });
    const refused = await owner.caller.send(START, { input: { kind: KIND, datasetId } });
    const quota = { kind: KINDS.cpu, limit: 0, used: 0 };
    expect(refused.data).toMatchObject({
      startTraining: {
        ...{ __typename: 'QuotaExceeded', code: 'QUOTA_EXCEEDED', ...quota },
        resetsAt: expect.stringMatching(/-01T00:00:00\.000Z$/) as unknown,
      },
    });
    expect(refused.headers.get('ratelimit-policy')).toMatch(/"cpu-training-seconds-per-month";q=0;w=\d+/);
    expect(await owner.caller.data(RETRY, { input: { runId } })).toMatchObject({ retryTrainingRun: quota });
    expect(await jobsOf(owner.id)).toHaveLength(1);
    await limitTo(test, owner, { [KINDS.cpu]: 60, [KINDS.gpu]: 0 });
    await startRun(owner, datasetId);
    // Nothing is left on GPUs: any device is a CPU.
    expect((await jobsOf(owner.id)).at(-1)).toEqual({ state: 'QUEUED', requested_device: 'CPU' });
    expect(await seenQuota(owner.caller, KINDS.cpu)).toMatchObject({ limit: 60, used: 0, period: 'MONTH' });
  });

  it('do not keep one from training that has room, but nothing more may be stored', async () => {
    const owner = await test.tenant();
    const datasetId = await readyDataset(owner.caller);
    await limitTo(test, owner, { STORED_BYTES: 1 });
    expect(await owner.caller.data(START, { input: { kind: KIND, datasetId } })).toMatchObject({
      startTraining: { __typename: 'QuotaExceeded', kind: 'STORED_BYTES' },
    });
  });
});

describe('rows scored in a day', () => {
  it('count from the request on, and as what was scored once it has ended', async () => {
    const owner = await test.tenant();
    const { id: modelVersionId } = await trainedModel(test, owner);
    const datasetId = await readyDataset(owner.caller);
    await limitTo(test, owner, { SCORED_ROWS_PER_DAY: 7 });
    const score = () =>
      owner.caller.data<{ scoreDataset: object }>(SCORE, {
        input: { datasetId, modelVersionId, format: 'CSV' },
      });
    const both = [await score(), await score()];
    expect(both).toMatchObject([
      { scoreDataset: { __typename: 'ScoreDatasetSuccess' } },
      { scoreDataset: { code: 'QUOTA_EXCEEDED', kind: 'SCORED_ROWS_PER_DAY', limit: 7, used: 4 } },
    ]);
    expect(await seenQuota(owner.caller, 'SCORED_ROWS_PER_DAY')).toMatchObject({ used: 4, remaining: 3 });
    // As a worker takes it and ends it; one row was quarantined.
    await withOwner(test.ownerUrl, async (client) => {
      const own = `tenant_id = '${owner.id}' AND type = 'SCORING'`;
      await client.query(
        `UPDATE jobs SET lease_owner = 'w', lease_expires_at = now(), state = 'SCORING' WHERE ${own}`,
      );
      await client.query(
        `UPDATE jobs SET lease_owner = NULL, lease_expires_at = NULL, finished_at = now(), state = 'SUCCEEDED',
                result = '{"accounting": {"scored": 3}}' WHERE ${own}`,
      );
    });
    expect(await seenQuota(owner.caller, 'SCORED_ROWS_PER_DAY')).toMatchObject({ used: 3, remaining: 4 });
    expect(await seenQuota(owner.caller, KINDS.cpu)).toMatchObject({ used: 0 });
    expect(await score()).toMatchObject({ scoreDataset: { __typename: 'ScoreDatasetSuccess' } });
  });
});
