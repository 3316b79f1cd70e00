import { createHash } from 'node:crypto';
import { startRun } from '../../support/api/trained-model';
import { configureTable, KIND, TABLE_CSV } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const EXACT = `query ($id: ID!) {
  trainingRun(id: $id) {
    exactConfiguration {
      version isInForce featureSpec modelConfig datasetSha256 startFromVersionId codeVersion startTrainingInput
    }
  }
}`;

interface Exact {
  readonly isInForce: boolean;
  readonly startTrainingInput: object;
}

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});
afterAll(() => test.close());

const exactOf = async (id: string): Promise<Exact> =>
  (await owner.caller.data<{ trainingRun: { exactConfiguration: Exact } }>(EXACT, { id })).trainingRun
    .exactConfiguration;

it('says with what a run is executed, and what asks for the same again', async () => {
  const id = await startRun(owner);
  const exact = await exactOf(id);
  expect(exact).toMatchObject({
    ...{ version: 1, isInForce: true, startFromVersionId: null, codeVersion: null },
    featureSpec: { shape: 'TABLE', label: { column: 'label' }, features: { length: 2 } },
    // Complete, although the preset that was chosen says little.
    modelConfig: { architecture: expect.any(String) as string, seed: expect.any(Number) as number },
    datasetSha256: createHash('sha256').update(TABLE_CSV).digest('hex'),
    startTrainingInput: { kind: KIND, priority: 'NORMAL', device: 'AUTO', entities: [] },
  });
  const { startTraining } = await owner.caller.data<{ startTraining: { run: { id: string } } }>(
    `mutation ($input: StartTrainingInput!) {
      startTraining(input: $input) { ... on StartTrainingSuccess { run { id } } }
    }`,
    { input: exact.startTrainingInput },
  );
  expect(await exactOf(startTraining.run.id)).toEqual(exact);

  await configureTable(owner.caller);
  expect(await exactOf(id)).toEqual({ ...exact, isInForce: false });
  const stranger = await test.tenant();
  expect(await stranger.caller.code(EXACT, { id })).toBe('NOT_FOUND');
});
