import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startRun } from '../../support/api/trained-model';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { OidcProvider } from '../../support/identity/oidc-provider';
import { member, type Person, trust } from '../../support/identity/people';

const PROGRESS = 'subscription ($runId: ID!) { trainingProgress(runId: $runId) { state } }';

let test: TestApi;
let provider: OidcProvider;
let owner: ApiTenant;
const clients: Client[] = [];
beforeAll(async () => {
  test = await startTestApi({ config: { identityProviderTargets: 'any' } });
  provider = await OidcProvider.start();
  owner = await test.tenant();
  await trust(owner, provider);
});
afterAll(async () => {
  for (const client of clients) await client.dispose();
  await provider.stop();
  await test.close();
});

interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** Opens a connection; how it was closed, and a client for it. */
function connect(connectionParams: Record<string, unknown>): { client: Client; closed: Promise<Closing> } {
  let client!: Client;
  const closed = new Promise<Closing>((resolve) => {
    client = createClient({
      url: test.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams,
      retryAttempts: 0,
      on: { closed: (event) => resolve(event as Closing) },
    });
  });
  clients.push(client);
  return { client, closed };
}

async function follow(client: Client): Promise<AsyncIterableIterator<unknown>> {
  const events = client.iterate({ query: PROGRESS, variables: { runId: await startRun(owner) } });
  expect((await events.next()).value).toMatchObject({ data: { trainingProgress: { state: 'QUEUED' } } });
  return events;
}

describe('a connection with a token', () => {
  let person: Person;
  beforeAll(async () => {
    person = await member(test, owner, { provider, subject: 'a' });
  });

  it('is opened for a member of the tenant that it names', async () => {
    await follow(connect({ token: person.token, tenant: owner.id }).client);
  });

  it.each<[string, () => object]>([
    ['no tenant', () => ({ token: person.token })],
    ['another tenant', () => ({ token: person.token, tenant: test.platform.key })],
    ['a token that is none', () => ({ token: 'a.b.c', tenant: owner.id })],
  ])('is refused with %s', async (_, parameters) => {
    const { client, closed } = connect({ ...parameters() });
    await expect(
      client.iterate({ query: PROGRESS, variables: { runId: owner.id } }).next(),
    ).rejects.toBeDefined();
    expect(await closed).toMatchObject({
      code: 4401,
      reason: expect.stringMatching(/^UNAUTHENTICATED/) as string,
    });
  });

  it('ends when the token expires', async () => {
    const runId = await startRun(owner);
    const token = await provider.token({ sub: 'a' }, { expiresIn: 2 });
    const { client, closed } = connect({ token, tenant: owner.id });
    const events = client.iterate({ query: PROGRESS, variables: { runId } });
    const ending = (async () => {
      for await (const event of events)
        expect(event).toMatchObject({ data: { trainingProgress: { state: 'QUEUED' } } });
    })();
    await expect(ending).rejects.toMatchObject({ code: 4403 });
    expect(await closed).toMatchObject({ code: 4403, reason: expect.stringContaining('expired') as string });
  });
});
