import { WebSocket } from 'ws';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const APP = 'https://app.example.com';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({
    production: true,
    config: { corsOrigins: [APP], requestTimeoutMs: 1_000 },
  });
  owner = await test.tenant();
});
afterAll(() => test.close());

const post = (headers: Record<string, string>, body = '{"query":"{ __typename }"}') =>
  owner.caller.http('/graphql', { method: 'POST', headers, body });
const preflight = (origin: string) =>
  fetch(test.url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
/** How a WebSocket that a page of this origin opens is answered. */
const upgrade = (origin?: string) =>
  new Promise<number | undefined>((resolve) => {
    const socket = new WebSocket(test.url.replace('http', 'ws'), 'graphql-transport-ws', { origin });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('error', () => undefined);
  });

describe('a page of another origin', () => {
  it('gets no permission, and one that is allowed gets its own', async () => {
    const other = await preflight('https://evil.example.com');
    expect(other.headers.get('access-control-allow-origin')).not.toBe('https://evil.example.com');
    expect(other.headers.get('access-control-allow-origin')).not.toBe('*');
    const app = await preflight(APP);
    expect(app.headers.get('access-control-allow-origin')).toBe(APP);
    expect(app.headers.get('access-control-allow-credentials')).toBeNull();
    const answer = await post({ origin: APP, 'content-type': 'application/json' });
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-operation-cost');
  });

  it('gets none of anything by default', async () => {
    const strict = await startTestApi();
    const { headers } = await fetch(strict.url, { headers: { origin: APP } });
    await strict.close();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('opens no WebSocket', async () => {
    expect(await upgrade('https://evil.example.com')).toBe(403);
    expect(await upgrade(APP)).toBe(101);
    expect(await upgrade(new URL(test.url).origin)).toBe(101);
    expect(await upgrade()).toBe(101);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'executes nothing by what a form can send: %s',
    async (type) => {
      const response = await post({ 'content-type': type });
      expect(response.status).toBe(415);
      expect(await response.json()).not.toHaveProperty('data');
    },
  );

  it('executes nothing by a link', async () => {
    const response = await owner.caller.http(
      `/graphql?query=${encodeURIComponent('mutation { configureDomain(input: { kind: ECOMMERCE_PURCHASE }) { __typename } }')}`,
    );
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

describe('the schema in production', () => {
  const misspelt = ['{ viewr { role } }', '{ viewer { rol } }', '{ domain(kind: SOCIAL_AD_CT) { kind } }'];

  it('cannot be asked for, and is not suggested', async () => {
    const { errors } = await owner.caller.send('{ __schema { types { name } } }');
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    for (const query of misspelt) {
      const answer = await owner.caller.send(query);
      expect(answer.errors[0]?.message).toBeDefined();
      expect(JSON.stringify(answer.errors)).not.toContain('Did you mean');
    }
    const query = 'query ($kind: DomainKind!) { domain(kind: $kind) { kind } }';
    const byVariable = await owner.caller.send(query, { kind: 'SOCIAL_AD_CT' });
    expect(JSON.stringify(byVariable.errors)).not.toContain('Did you mean');
  });

  it('is suggested where it is open', async () => {
    const open = await startTestApi({ production: true, config: { introspection: 'on' } });
    const answer = await open.platform.send<{ __schema: object }>('{ __schema { queryType { name } } }');
    const { errors } = await open.platform.send('{ viewr { role } }');
    await open.close();
    expect(answer.data?.__schema).toEqual({ queryType: { name: 'Query' } });
    expect(errors[0]?.message).toContain('Did you mean');
  });

  it('stays inside over WebSocket', async () => {
    const socket = new WebSocket(test.url.replace('http', 'ws'), 'graphql-transport-ws');
    const answer = new Promise<string>((resolve) => {
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { type: string };
        if (message.type !== 'connection_ack') resolve(data.toString());
        const query = 'subscription { trainingProgres(runId: "x") { id } }';
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      });
    });
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { apiKey: owner.caller.key } })),
    );
    expect(await answer).toContain('Cannot query field');
    expect(await answer).not.toContain('Did you mean');
    socket.close();
  });
});

describe('a request that takes too long', () => {
  it('is answered with TIMEOUT, and nothing more of it is begun', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const begun: string[] = [];
    const inTenant = jest.spyOn(test.database, 'inTenant').mockImplementation(async () => {
      begun.push('a transaction');
      await held;
      return null;
    });
    const change = (name: string) =>
      `${name}: configureDomain(input: { kind: ECOMMERCE_PURCHASE }) { __typename }`;
    const { status, data, errors } = await owner.caller.send(`mutation { ${change('a')} ${change('b')} }`);
    release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toHaveLength(1);
    inTenant.mockRestore();
    expect(status).toBe(503);
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'TIMEOUT', timeoutMs: 1_000 } }]);
    expect((await owner.caller.send('{ __typename }')).data).toEqual({ __typename: 'Query' });
  });
});
