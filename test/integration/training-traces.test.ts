import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ApiProcess, startApiProcess } from '../support/api/api-process';
import { KIND, readyDataset } from '../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';
import { TraceCollector } from '../support/trace-collector';
import { type FakeModel } from '../support/training/fake-pipeline';
import { until } from '../support/training/until';
import { WorkerProcesses } from '../support/training/worker-processes';

const START = `mutation Train($input: StartTrainingInput!) { startTraining(input: $input) {
  ... on StartTrainingSuccess { run { id } } ... on UserError { code } } }`;

describe('the trace of a training', () => {
  let collector: TraceCollector;
  let test: TestApi;
  let api: ApiProcess;
  let workers: WorkerProcesses;
  let owner: ApiTenant;
  let datasetId: string;
  beforeAll(async () => {
    collector = await TraceCollector.start();
    test = await startTestApi();
    owner = await test.tenant();
    datasetId = await readyDataset(owner.caller);
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, PROPENSITY_TRACE_RATIO: '0' };
    api = await startApiProcess(test, tracing);
    workers = await WorkerProcesses.create({ DATABASE_URL: test.ownerUrl });
    await workers.start({
      ...tracing,
      ARTIFACT_URL: pathToFileURL(path.join(path.dirname(test.uploads), 'objects')).href,
    });
  });
  afterAll(async () => {
    await workers.remove();
    api.process.kill('SIGTERM');
    await once(api.process, 'exit');
    await test.close();
    await collector.close();
  });

  /** Asks for a training that goes like this, within a trace; the trace's id, and the run's. */
  async function train(model: Partial<FakeModel>): Promise<{ traceId: string; runId: string }> {
    await test.database.inTenant(owner.id, (scope) =>
      scope.query(
        `INSERT INTO domain_configurations (tenant_id, id, kind, version, feature_spec, model_config, created_by)
         SELECT tenant_id, $2, kind, version + 1, feature_spec, $3, created_by
           FROM domain_configurations WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1`,
        [owner.id, randomUUID(), JSON.stringify({ steps: 3, stepMs: 1, trace: null, ...model })],
      ),
    );
    const traceId = randomBytes(16).toString('hex');
    const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
    const { data } = await owner.caller
      .at(api.url)
      .send<{ startTraining: { run: { id: string } } }>(
        START,
        { input: { kind: KIND, datasetId } },
        { traceparent },
      );
    return { traceId, runId: data!.startTraining.run.id };
  }

  it('goes from the request that asked for it to its phases, over three processes', async () => {
    const { traceId, runId } = await train({ behaviour: 'succeeds' });
    const job = await collector.only('job training', traceId);
    const mutation = await collector.only('mutation', traceId);
    expect(mutation).toMatchObject({
      service: 'propensity-api',
      attributes: { 'graphql.operation.name': 'Train' },
    });
    expect(job).toMatchObject({
      ...{ service: 'propensity-worker', parentId: mutation.id, failed: false },
      attributes: {
        'propensity.job.id': runId,
        'propensity.job.type': 'training',
        'propensity.job.attempt': 1,
        'propensity.tenant.id': owner.id,
      },
    });
    for (const phase of ['preparing', 'training', 'evaluating', 'exporting'])
      expect(await collector.only(phase, traceId)).toMatchObject({
        ...{ service: 'propensity-training', parentId: job.id, failed: false },
      });
  });

  it('goes on in the next execution when a process dies, and says so', async () => {
    const { traceId } = await train({ behaviour: 'dies' });
    const mutation = await collector.only('mutation', traceId);
    const executions = await until(
      () => collector.spans.filter((span) => span.traceId === traceId && span.name === 'job training'),
      (spans) => spans.length === 3,
    );
    const told = executions.map(({ parentId, attributes }) => ({
      ...{ parentId, attempt: attributes['propensity.job.attempt'], code: attributes['error.type'] },
    }));
    told.sort((one, other) => Number(one.attempt) - Number(other.attempt));
    const parentId = mutation.id;
    expect(told).toEqual([
      { parentId, attempt: 1, code: 'CRASHED' },
      { parentId, attempt: 2, code: 'CRASHED' },
      { parentId, attempt: 3, code: undefined },
    ]);
  });
});
