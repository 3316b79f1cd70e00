import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

/**
 * What graphql-cop and the OWASP cheat sheet for GraphQL look for, tried on a server as it runs in production. Access
 * to other tenants' objects is tried in failing-requests.test.ts, origins and time in request-hardening.test.ts.
 */
let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ production: true });
  owner = await test.tenant();
});
afterAll(() => test.close());

const post = (body: string, type = 'application/json', path = '/graphql') =>
  owner.caller.http(path, { method: 'POST', body, headers: { 'content-type': type } });
const times = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

describe('graphql-cop', () => {
  it.each([
    ['alias overloading', `{ ${times(101, (index) => `a${index}: __typename`)} }`],
    ['field duplication', `{ ${times(500, () => '__typename')} }`],
    ['many directives', `{ __typename ${times(40, () => '@aa')} }`],
    [
      'circular introspection',
      `{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }`,
    ],
    ['introspection', '{ __schema { types { name } } }'],
    ['introspection of a type', '{ __type(name: "Query") { name } }'],
  ])('finds no %s', async (_what, query) => {
    const { status, data } = await owner.caller.send(query);
    expect(status).toBe(400);
    expect(data).toBeNull();
  });

  it('gets few errors for many mistakes', async () => {
    const { errors } = await owner.caller.send(`{ __typename ${times(10, () => '@aa')} }`);
    expect(errors.length).toBeLessThan(10);
  });

  it('finds no batching', async () => {
    const response = await post(
      JSON.stringify(Array.from({ length: 10 }, () => ({ query: '{ __typename }' }))),
    );
    expect(response.status).toBe(400);
    expect(await response.json()).not.toHaveProperty('data');
  });

  it('finds no execution by GET or by a form', async () => {
    const get = await owner.caller.http('/graphql?query=%7B__typename%7D');
    expect(get.status).toBe(405);
    const form = await post('query=%7B__typename%7D', 'application/x-www-form-urlencoded');
    expect(form.status).toBe(415);
  });

  it.each(['/graphql', '/graphiql', '/playground', '/console'])('finds no explorer at %s', async (place) => {
    const response = await owner.caller.http(place, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('finds no traces, no suggestions and no unhandled errors', async () => {
    const { data } = (await (await post('{"query":"{ __typename }"}')).json()) as { data: object };
    expect(data).toEqual({ __typename: 'Query' });
    const traced = (await (
      await owner.caller.http('/graphql', {
        method: 'POST',
        body: '{"query":"{ __typename }"}',
        headers: { 'content-type': 'application/json', 'apollo-federation-include-trace': 'ftv1' },
      })
    ).json()) as object;
    expect(traced).not.toHaveProperty('extensions');
    const { errors } = await owner.caller.send('qwerty { viewr }');
    expect(errors[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      requestId: expect.any(String) as string,
    });
    expect(JSON.stringify((await owner.caller.send('{ viewr }')).errors)).not.toContain('Did you mean');
  });
});

describe('OWASP', () => {
  const injections = [
    "' OR '1'='1",
    "'; DROP TABLE datasets; --",
    '${7*7}',
    '../../etc/passwd',
    '{"$ne":null}',
    '$(id)',
  ];

  it.each(injections)('injects nothing: %s', async (text) => {
    const query = `query ($id: ID!, $after: String!) {
      dataset(id: $id) { id }
      datasets(after: $after) { nodes { id } }
      events(domain: ECOMMERCE_PURCHASE, subjectId: $id) { nodes { id } }
    }`;
    const answer = await owner.caller.send<object>(query, { id: text, after: text });
    const codes = new Set(answer.errors.map(({ extensions }) => extensions['code']));
    expect(codes).toEqual(new Set(['BAD_USER_INPUT']));
    expect(JSON.stringify(answer.errors)).not.toMatch(
      /syntax error|SELECT|relation|stack|\.ts:|node_modules/,
    );
  });

  it('guesses no more than a few objects in one request', async () => {
    const guess = (index: number) => `g${index}: dataset(id: "${index}") { id }`;
    expect(await owner.caller.code(`{ ${times(21, guess)} }`)).toBe('OPERATION_TOO_LARGE');
  });

  it('asks for no page larger than the documented one, and for no deep nesting', async () => {
    expect(await owner.caller.code('{ datasets(first: 1000) { nodes { id } } }')).toBe('BAD_USER_INPUT');
    expect(await owner.caller.code('{ datasets(first: 100000) { nodes { id } } }')).toBe(
      'OPERATION_TOO_COSTLY',
    );
    const run = (levels: number): string =>
      levels === 0 ? 'id' : `modelVersion { run { ${run(levels - 1)} } }`;
    expect(await owner.caller.code(`{ trainingRun(id: "x") { ${run(10)} } }`)).toBe('OPERATION_TOO_LARGE');
  });

  it('does without a key nothing at all', async () => {
    const { status, data } = await test.caller(null).send('{ __typename }');
    expect([status, data]).toEqual([401, null]);
  });
});
