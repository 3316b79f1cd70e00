import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { changeRun, startRun, trainedModel } from '../../support/api/trained-model';
import { readyDataset } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const PROGRESS = `subscription ($runId: ID!) {
  trainingProgress(runId: $runId) { state queuePosition progress { step } modelVersion { number } }
}`;

let test: TestApi;
let owner: ApiTenant;
const clients: Client[] = [];
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});
afterAll(async () => {
  for (const client of clients) await client.dispose();
  await test.close();
});

function connect(key: string | null): Client {
  const client = createClient({
    url: test.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: key },
    retryAttempts: 0,
  });
  clients.push(client);
  return client;
}

interface Event {
  readonly data?: { readonly trainingProgress: Readonly<Record<string, unknown>> } | null;
  readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[];
}

function follow(runId: string, key = owner.caller.key): AsyncIterableIterator<Event> {
  return connect(key).iterate({ query: PROGRESS, variables: { runId } }) as AsyncIterableIterator<Event>;
}

async function next(events: AsyncIterator<Event>): Promise<Readonly<Record<string, unknown>> | null> {
  const result = await events.next();
  return result.done === true ? null : (result.value.data?.trainingProgress ?? null);
}

describe('trainingProgress', () => {
  it('shows a run as it is, as it goes on, and as it ends, and ends', async () => {
    const runId = await startRun(owner);
    const events = follow(runId);
    expect(await next(events)).toEqual({
      state: 'QUEUED',
      queuePosition: expect.any(Number) as number,
      progress: null,
      modelVersion: null,
    });
    await changeRun(test, owner, { runId, state: 'PREPARING' });
    expect(await next(events)).toMatchObject({ state: 'PREPARING', queuePosition: null });
    const progress = {
      epoch: 1,
      maxEpochs: 2,
      step: 7,
      totalSteps: 20,
      loss: 0.5,
      examplesPerSecond: 9,
      etaSeconds: 3,
    };
    await changeRun(test, owner, { runId, state: 'TRAINING', progress });
    expect(await next(events)).toMatchObject({ state: 'TRAINING', progress: { step: 7 } });
    await trainedModel(test, owner, { runId });
    expect(await next(events)).toMatchObject({ state: 'SUCCEEDED', modelVersion: { number: 1 } });
    expect(await next(events)).toBeNull();
  });

  it('of a run that has ended shows its end and ends', async () => {
    const runId = await startRun(owner);
    await owner.caller.data(
      'mutation ($id: ID!) { cancelTraining(input: { runId: $id }) { ... on CancelTrainingSuccess { run { state } } } }',
      { id: runId },
    );
    const events = follow(runId);
    expect(await next(events)).toMatchObject({ state: 'CANCELLED' });
    expect(await next(events)).toBeNull();
  });

  it('serves many followers of many runs, each its own', async () => {
    const datasetId = await readyDataset(owner.caller);
    const first = await startRun(owner, datasetId);
    const second = await startRun(owner, datasetId);
    const followers = [first, first, second, second].map((runId) => follow(runId));
    for (const events of followers) expect(await next(events)).toMatchObject({ state: 'QUEUED' });
    await changeRun(test, owner, { runId: first, state: 'FAILED', finishedAt: new Date() });
    await changeRun(test, owner, { runId: second, state: 'CANCELLED', finishedAt: new Date() });
    const states = await Promise.all(followers.map(lastState));
    expect(states).toEqual(['FAILED', 'FAILED', 'CANCELLED', 'CANCELLED']);
  });

  it.each([
    ["another tenant's run", async () => startRun(await test.tenant()), 'NOT_FOUND'],
    ['an id that is none', () => Promise.resolve('x'), 'BAD_USER_INPUT'],
  ])('answers with an error: %s', async (_name, runId, code) => {
    await expect(firstError(follow(await runId()))).resolves.toMatchObject({
      extensions: { code, requestId: expect.any(String) as string },
    });
  });

  it('is FORBIDDEN to services', async () => {
    const runId = await startRun(owner);
    const service = (await test.tenant('SERVICE')).caller;
    await expect(firstError(follow(runId, service.key))).resolves.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
  });
});

async function lastState(events: AsyncIterableIterator<Event>): Promise<unknown> {
  let state: unknown = null;
  for await (const { data } of events) state = data?.trainingProgress['state'];
  return state;
}

/** Errors come in a result, or instead of any. */
async function firstError(events: AsyncIterator<Event>): Promise<unknown> {
  try {
    const { value } = (await events.next()) as IteratorYieldResult<Event>;
    return value.errors?.[0];
  } catch (error) {
    return Array.isArray(error) ? (error[0] as unknown) : error;
  }
}

describe('the connection', () => {
  it.each([
    ['without a key', null],
    ['with a wrong one', `pk_${'x'.repeat(43)}`],
  ])('is closed as UNAUTHENTICATED %s', async (_name, key) => {
    await expect(firstError(follow('x', key))).resolves.toMatchObject({
      code: 4401,
      reason: expect.stringMatching(/^UNAUTHENTICATED/) as string,
    });
  });

  it('takes subscriptions only', async () => {
    const events = connect(owner.caller.key).iterate({ query: '{ viewer { role } }' });
    await expect(firstError(events as AsyncIterator<Event>)).resolves.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it.each([
    ['an unknown field', 'subscription { nothing }'],
    ['a syntax error', 'subscription {'],
  ])('refuses what is no operation: %s', async (_name, query) => {
    const events = connect(owner.caller.key).iterate({ query });
    await expect(firstError(events as AsyncIterator<Event>)).resolves.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('is made at /graphql only', async () => {
    const socket = new WebSocket(test.url.replace('http', 'ws').replace('/graphql', '/elsewhere'));
    const error = await new Promise<Error>((resolve) => socket.on('error', resolve));
    expect(error.message).toContain('404');
  });
});

describe('the end of the API', () => {
  it('ends subscriptions, and no connection outlives it', async () => {
    const ending = await startTestApi();
    const tenant = await ending.tenant();
    const runId = await startRun(tenant);
    const client = createClient({
      url: ending.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { apiKey: tenant.caller.key },
      retryAttempts: 0,
    });
    const events = client.iterate({ query: PROGRESS, variables: { runId } }) as AsyncIterableIterator<Event>;
    expect(await next(events)).toMatchObject({ state: 'QUEUED' });
    await ending.close();
    expect(await next(events).catch(() => null)).toBeNull();
    await expect(tenant.caller.send('{ __typename }')).rejects.toThrow('fetch failed');
  });
});
