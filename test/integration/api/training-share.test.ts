import { KIND, readyDataset } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

let test: TestApi;
let owner: ApiTenant;

beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});

afterAll(() => test.close());

const SET = `mutation ($input: SetTrainingShareInput!) {
  setTrainingShare(input: $input) {
    ... on SetTrainingShareSuccess { tenant { id trainingWeight maxRunningTrainings } }
    ... on InvalidInput { code issues { path } }
  }
}`;

interface Run {
  readonly id: string;
  readonly priority: string;
  readonly queuePosition: number;
  readonly predictedStartAt: string | null;
}

async function start(datasetId: string, priority?: string): Promise<Run> {
  const { startTraining } = await owner.caller.data<{ startTraining: { run: Run } }>(
    `mutation ($input: StartTrainingInput!) {
      startTraining(input: $input) {
        ... on StartTrainingSuccess { run { id priority queuePosition predictedStartAt } }
      }
    }`,
    { input: { kind: KIND, datasetId, priority } },
  );
  return startTraining.run;
}

describe('setTrainingShare', () => {
  it('is what the tenant has from then on, and sees', async () => {
    const share = { trainingWeight: 3, maxRunningTrainings: 2 };
    const answer = await test.platform.data(SET, { input: { tenantId: owner.id, ...share } });
    expect(answer).toEqual({ setTrainingShare: { tenant: { id: owner.id, ...share } } });
    const seen = '{ viewer { tenant { trainingWeight maxRunningTrainings } } }';
    expect(await owner.caller.data(seen)).toEqual({ viewer: { tenant: share } });
    await test.platform.data(SET, { input: { tenantId: owner.id, trainingWeight: 1 } });
    expect(await owner.caller.data(seen)).toEqual({
      viewer: { tenant: { trainingWeight: 1, maxRunningTrainings: null } },
    });
  });

  it('is refused out of bounds, for nobody, and to a tenant', async () => {
    const input = { tenantId: owner.id, trainingWeight: 0, maxRunningTrainings: -1 };
    expect(await test.platform.data(SET, { input })).toEqual({
      setTrainingShare: {
        code: 'BAD_USER_INPUT',
        issues: [{ path: 'trainingWeight' }, { path: 'maxRunningTrainings' }],
      },
    });
    const nobody = { tenantId: '00000000-0000-4000-8000-000000000000', trainingWeight: 1 };
    expect(await test.platform.code(SET, { input: nobody })).toBe('NOT_FOUND');
    const own = { tenantId: owner.id, trainingWeight: 1000 };
    expect(await owner.caller.code(SET, { input: own })).toBe('FORBIDDEN');
  });
});

describe('the place in the queue', () => {
  it("follows the priority among the tenant's own runs, and their list is one look", async () => {
    const datasetId = await readyDataset(owner.caller);
    const normal = await start(datasetId);
    const low = await start(datasetId, 'LOW');
    const high = await start(datasetId, 'HIGH');
    expect(normal).toMatchObject({ priority: 'NORMAL', queuePosition: 0, predictedStartAt: null });
    const { trainingRuns } = await owner.caller.data<{ trainingRuns: { nodes: Run[] } }>(
      '{ trainingRuns(first: 10) { nodes { id priority queuePosition } } }',
    );
    expect(trainingRuns.nodes).toEqual([
      { id: high.id, priority: 'HIGH', queuePosition: 0 },
      { id: low.id, priority: 'LOW', queuePosition: 2 },
      { id: normal.id, priority: 'NORMAL', queuePosition: 1 },
    ]);
  });
});
