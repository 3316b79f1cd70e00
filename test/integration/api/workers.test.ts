import { KIND, readyDataset } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { FakeDeviceWorker } from '../../support/training/fake-device-worker';

let test: TestApi;
let owner: ApiTenant;

beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});

afterAll(() => test.close());

const WORKERS =
  '{ workers { id name version devices { device name memoryBytes } concurrency draining alive executing { tenantId jobId } } }';
const CAPACITY = '{ trainingCapacity { device workers free } }';
const START = `mutation ($input: StartTrainingInput!) {
  startTraining(input: $input) {
    ... on StartTrainingSuccess { run { id requestedDevice missingWorker { reason message } predictedStartAt } }
  }
}`;

it('shows what there is: to a tenant sums, to platform administrators who executes what', async () => {
  const datasetId = await readyDataset(owner.caller);
  const input = { kind: KIND, datasetId };
  expect(await owner.caller.data(START, { input })).toMatchObject({
    startTraining: { run: { requestedDevice: 'AUTO', missingWorker: { reason: 'WORKER' } } },
  });
  await FakeDeviceWorker.announce(test.database, { gpu: false, cpuBytes: 4096, concurrency: 2 });
  const { startTraining } = await owner.caller.data<{ startTraining: { run: { id: string } } }>(START, {
    input: { ...input, device: 'GPU' },
  });
  expect(startTraining.run).toMatchObject({
    requestedDevice: 'GPU',
    missingWorker: { reason: 'GPU', message: 'It waits for a worker with a GPU; none is connected.' },
    predictedStartAt: null,
  });
  const gpu = await FakeDeviceWorker.announce(test.database, { gpu: true, gpuBytes: 2 ** 35 });
  const { id: runId } = startTraining.run;
  expect(
    await owner.caller.data('query ($id: ID!) { trainingRun(id: $id) { missingWorker { reason } } }', {
      id: runId,
    }),
  ).toEqual({ trainingRun: { missingWorker: null } });
  expect(await gpu.take()).not.toBeNull();
  expect(await owner.caller.data(CAPACITY)).toEqual({
    trainingCapacity: [
      { device: 'CPU', workers: 1, free: 2 },
      { device: 'GPU', workers: 1, free: 0 },
    ],
  });
  const { workers } = await test.platform.data<{ workers: unknown[] }>(WORKERS);
  expect(workers[0]).toEqual({
    ...{ id: gpu.id, name: 'fake', version: '1.0.0', concurrency: 1, draining: false, alive: true },
    devices: [
      { device: 'cpu', name: 'Test CPU', memoryBytes: null },
      { device: 'cuda', name: 'Test card', memoryBytes: 2 ** 35 },
    ],
    executing: [{ tenantId: owner.id, jobId: gpu.taken[0]!.runId }],
  });
  expect(workers).toHaveLength(2);
  expect(await owner.caller.code(WORKERS)).toBe('FORBIDDEN');
});
