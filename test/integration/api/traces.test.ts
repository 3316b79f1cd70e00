import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import ecommerce from '../../../domains/ecommerce-purchase';
import { type ApiCaller } from '../../support/api/api-caller';
import { type ApiProcess, startApiProcess } from '../../support/api/api-process';
import { recordedVersion } from '../../support/api/promoted-version';
import { INGEST } from '../../support/api/stored-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { indifferentArtifact } from '../../support/indifferent-artifact';
import { type CollectedSpan, TraceCollector } from '../../support/trace-collector';
import { until } from '../../support/training/until';

/** Of people, of what a tenant has, and of keys: what must not leave. */
const SECRETS = ['eleanor', 'hovercraft', 'pk_'];

const QUERY = `query Intent($input: PurchaseIntentInput!) { purchaseIntent(input: $input) {
  ... on PurchaseIntent { probability history { source } } ... on InvalidFeatures { issues { path } } } }`;
const AT = '2025-03-21T19:40:00Z';

/** A caller's trace, as W3C Trace Context tells it. */
function callersTrace(flags = '01'): { traceId: string; spanId: string; traceparent: string } {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
  const id = await recordedVersion(test, owner, {
    ...ecommerce,
    artifactFile: indifferentArtifact(ecommerce.featureSpec),
  });
  await owner.caller.data(
    'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
    { id },
  );
});
afterAll(() => test.close());

async function ended({ process }: ApiProcess): Promise<unknown> {
  process.kill('SIGTERM');
  const [code] = (await once(process, 'exit')) as [number | null];
  return code;
}

describe('traces', () => {
  let collector: TraceCollector;
  let api: ApiProcess;
  let caller: ApiCaller;
  beforeAll(async () => {
    collector = await TraceCollector.start();
    api = await startApiProcess(test, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      PROPENSITY_TRACE_RATIO: '0',
    });
    caller = owner.caller.at(api.url);
  });
  afterAll(async () => {
    await ended(api);
    await collector.close();
  });

  const ask = async (input: object, headers: Record<string, string>): Promise<void> => {
    const { errors } = await caller.send(QUERY, { input: { at: AT, ...input } }, headers);
    expect(errors).toEqual([]);
  };

  it('show that the first request waits for its model', async () => {
    const { traceId, traceparent } = callersTrace();
    await ask({ userId: 'u-eleanor', history: [] }, { traceparent });
    const warming = await collector.only('model.warm', traceId);
    expect(warming.parentId).toBe((await collector.only('query', traceId)).id);
    expect(
      (await collector.named('inference.run', 2, traceId)).map(({ parentId }) => parentId).sort(),
    ).toEqual([warming.id, (await collector.only('inference', traceId)).id].sort());
  });

  it('show a prediction as a part of its caller’s trace, from the request to the threads', async () => {
    const { traceId, spanId, traceparent } = callersTrace();
    await ask({ userId: 'u-eleanor' }, { traceparent, 'x-request-id': 'request-1' });
    const one = (name: string): Promise<CollectedSpan> => collector.only(name, traceId);
    const request = await one('POST /graphql');
    const operation = await one('query');
    const inference = await one('inference');
    expect(request).toMatchObject({
      parentId: spanId,
      service: 'propensity-api',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/graphql',
        'http.response.status_code': 200,
        'propensity.request.id': 'request-1',
        'propensity.tenant.id': owner.id,
      },
    });
    expect(operation).toMatchObject({
      parentId: request.id,
      attributes: {
        'graphql.operation.type': 'query',
        'graphql.operation.name': 'Intent',
        'propensity.request.id': 'request-1',
        'propensity.tenant.id': owner.id,
      },
    });
    expect(await one('history.lookup')).toMatchObject({ parentId: operation.id });
    expect(inference).toMatchObject({
      parentId: operation.id,
      attributes: { 'propensity.rows': 1 },
    });
    expect(await one('inference.queue')).toMatchObject({ parentId: inference.id });
    expect(await one('inference.run')).toMatchObject({
      parentId: inference.id,
      attributes: { 'propensity.batch.rows': 1, 'propensity.batch.requests': 1 },
    });
    expect(collector.spans.filter((span) => span.traceId === traceId)).toHaveLength(6);
  });

  it('show a batch as one span that is linked with each of its requests', async () => {
    const batch = await until(
      async () => {
        await Promise.all(
          Array.from({ length: 20 }, () =>
            ask({ userId: 'u-eleanor', history: [] }, { traceparent: callersTrace().traceparent }),
          ),
        );
        return collector.spans.find(({ name }) => name === 'inference.batch');
      },
      (span) => span !== undefined,
    );
    const requests = Number(batch?.attributes['propensity.batch.requests']);
    expect(batch).toMatchObject({ parentId: null, attributes: { 'propensity.tenant.id': owner.id } });
    expect(batch?.links).toHaveLength(requests);
    const linked = ({ name, links }: CollectedSpan) => name === 'inference.run' && links.includes(batch!.id);
    const runs = await until(
      () => collector.spans.filter(linked),
      (spans) => spans.length === requests,
    );
    expect(runs.map(({ parentId }) => parentId).sort()).toEqual([...batch!.links].sort());
    for (const { attributes } of runs) expect(attributes['propensity.batch.requests']).toBe(requests);
  });

  it('leave out what neither the caller nor the share asks for', async () => {
    const unwanted = callersTrace('00');
    await ask({ userId: 'u-eleanor' }, { traceparent: unwanted.traceparent });
    await ask({ userId: 'u-eleanor' }, {});
    await ask({ userId: 'u-eleanor' }, { traceparent: 'nonsense' });
    await caller.http('/health/ready');
    const wanted = callersTrace();
    await ask({ userId: 'u-eleanor' }, { traceparent: wanted.traceparent });
    await collector.only('POST /graphql', wanted.traceId);
    const roots = collector.spans.filter(({ name }) => name === 'POST /graphql' || name.includes('health'));
    expect(roots.every(({ parentId }) => parentId !== null)).toBe(true);
    expect(collector.spans.some(({ traceId }) => traceId === unwanted.traceId)).toBe(false);
  });

  it('tell failures by their code', async () => {
    const { traceId, traceparent } = callersTrace();
    await caller.send('query Wrong { hovercraft }', {}, { traceparent });
    const [request, operation] = [
      await collector.only('POST /graphql', traceId),
      await collector.only('graphql', traceId),
    ];
    expect(operation).toMatchObject({
      ...{ failed: true, parentId: request.id },
      attributes: { 'error.type': 'BAD_USER_INPUT' },
    });
  });

  it('say nothing of people, of what is sent, or of keys', async () => {
    const { traceId, traceparent } = callersTrace();
    await caller.send(
      QUERY,
      { input: { userId: 'eleanor@example.com', device: 'hovercraft' } },
      { traceparent },
    );
    await caller.http('/uploads/hovercraft?key=hovercraft', {
      method: 'PUT',
      headers: { traceparent },
    });
    const events = [
      {
        ...{ id: 'e-eleanor', subjectId: 'u-eleanor', at: AT, kind: 'view' },
        values: [{ name: 'category', text: 'hovercraft' }],
      },
    ];
    const ingested = await caller.send(
      INGEST,
      { input: { domain: 'ECOMMERCE_PURCHASE', events } },
      { traceparent },
    );
    expect(ingested.errors).toEqual([]);
    await collector.named('POST /graphql', 2, traceId);
    await until(
      () => collector.spans.filter((span) => span.traceId === traceId && span.name.startsWith('PUT ')),
      (puts) => puts.length === 1,
    );
    for (const secret of SECRETS) expect(collector.received).not.toContain(secret);
  });
});

describe('a collector that hangs', () => {
  it('fails nothing, and is not waited for', async () => {
    const collector = await TraceCollector.start({ hangs: true });
    const api = await startApiProcess(test, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const caller = owner.caller.at(api.url);
    const input = { at: AT, userId: 'u-eleanor', history: [] };
    const requests = Array.from({ length: 50 }, () => caller.send(QUERY, { input }));
    for (const { errors } of await Promise.all(requests)) expect(errors).toEqual([]);
    await until(
      () => collector.requests,
      (count) => count > 0,
    );
    expect((await caller.send(QUERY, { input })).errors).toEqual([]);
    // In order, and not by the end of its patience.
    expect(await ended(api)).toBe(0);
    await collector.close();
  });
});
