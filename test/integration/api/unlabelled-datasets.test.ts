import { configureTable, KIND, stateOf } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
  await configureTable(owner.caller);
});
afterAll(() => test.close());

async function uploaded(isLabelled: boolean, csv: string): Promise<{ id: string; status: number }> {
  const { createDataset } = await owner.caller.data<{
    createDataset: { dataset: { id: string }; uploadUrl: string };
  }>(
    `mutation ($input: CreateDatasetInput!) {
      createDataset(input: $input) { ... on CreateDatasetSuccess { dataset { id } uploadUrl } } }`,
    { input: { kind: KIND, name: 'rows', isLabelled } },
  );
  const { status } = await owner.caller.http(createDataset.uploadUrl, { method: 'PUT', body: csv });
  return { id: createDataset.dataset.id, status };
}

const CSV = 'x,color\n1.5,red\n2.5,blue\n,green\n';

describe('a dataset without labels', () => {
  it('is taken where it is announced as such, and only there', async () => {
    expect((await uploaded(true, CSV)).status).toBe(422);
    const { id, status } = await uploaded(false, CSV);
    expect(status).toBe(200);
    expect(await stateOf(owner.caller, id)).toBe('READY');
  });

  it('has a profile', async () => {
    const { id } = await uploaded(false, CSV);
    const { dataset } = await owner.caller.data<{
      dataset: { isLabelled: boolean; profile: { __typename: string; rowCount: number } };
    }>(
      `query ($id: ID!) { dataset(id: $id) { isLabelled profile { __typename ... on DatasetProfile { rowCount } } } }`,
      { id },
    );
    expect(dataset).toMatchObject({ isLabelled: false, profile: { __typename: 'DatasetProfile' } });
  });

  it('cannot be trained on, and can be scored', async () => {
    const version = await trainedModel(test, owner);
    const { id } = await uploaded(false, CSV);
    const { startTraining } = await owner.caller.data<{ startTraining: { code: string; message: string } }>(
      `mutation ($input: StartTrainingInput!) { startTraining(input: $input) { ... on Conflict { code message } } }`,
      { input: { kind: KIND, datasetId: id } },
    );
    expect(startTraining).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/no labels/) as string,
    });
    const { scoreDataset } = await owner.caller.data<{
      scoreDataset: { scoring: { state: string; dataset: { id: string }; queuePosition: number } };
    }>(
      `mutation ($input: ScoreDatasetInput!) { scoreDataset(input: $input) {
        ... on ScoreDatasetSuccess { scoring { state queuePosition dataset { id } mapping { columns { column } } } } } }`,
      { input: { datasetId: id, modelVersionId: version.id } },
    );
    expect(scoreDataset.scoring).toEqual({
      state: 'QUEUED',
      queuePosition: 0,
      dataset: { id },
      mapping: { columns: [{ column: 'x' }, { column: 'color' }] },
    });
  });
});

describe('a scoring that cannot be', () => {
  const ask = async (mutation: string, input: object) => {
    const type = `${mutation[0]?.toUpperCase() ?? ''}${mutation.slice(1)}`;
    const { data, errors } = await owner.caller.send<Record<string, { __typename: string; message: string }>>(
      `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { __typename ... on UserError { message } } }`,
      { input },
    );
    return data?.[mutation] ?? errors[0];
  };

  it('is refused with what is to be done', async () => {
    const { id } = await uploaded(false, CSV);
    expect(await ask('scoreDataset', { datasetId: id })).toMatchObject({ __typename: 'ModelNotReady' });
    const version = await trainedModel(test, owner);
    const other = await test.tenant();
    await configureTable(other.caller);
    const theirs = await trainedModel(test, other);
    expect(await ask('scoreDataset', { datasetId: id, modelVersionId: theirs.id })).toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    });
    expect(await ask('scoreDataset', { datasetId: 'x', modelVersionId: version.id })).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(await ask('scoreSubjects', { kind: KIND, modelVersionId: version.id })).toMatchObject({
      __typename: 'InvalidConfiguration',
    });
    expect(await ask('scoreSubjects', { kind: 'FINANCIAL_RISK', modelVersionId: version.id })).toMatchObject({
      __typename: 'Conflict',
    });
    expect(
      await ask('scoreSubjects', { kind: KIND, modelVersionId: version.id, asOf: '1492-10-12T00:00:00Z' }),
    ).toMatchObject({ __typename: 'InvalidInput' });
  });
});
