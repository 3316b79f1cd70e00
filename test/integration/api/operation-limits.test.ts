import { getIntrospectionQuery } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});
afterAll(() => test.close());

/** `a { a { … } }`, so many levels of it, as introspection allows it. */
const nested = (levels: number): string =>
  `{ __schema { types { ${'ofType { '.repeat(levels)} name ${'} '.repeat(levels)} } } }`;
const repeated = (times: number, part: (index: number) => string): string =>
  Array.from({ length: times }, (_, index) => part(index)).join(' ');

describe('a document', () => {
  it.each([
    ['depth', nested(20)],
    ['aliases', `{ viewer { ${repeated(31, (index) => `r${index}: role`)} } }`],
    ['aliases', `{ viewer { ...F } } fragment F on Viewer { ${repeated(31, (index) => `r${index}: role`)} }`],
    ['fields', `{ viewer { ${repeated(1_001, () => 'role')} } }`],
    ['directives', `{ viewer { role ${repeated(31, () => '@skip(if: false)')} } }`],
    ['directives', `{ viewer { role ${repeated(31, () => '@nothing')} } }`],
    ['rootFields', `{ ${repeated(21, () => '__typename')} }`],
    ['tokens', `{ viewer(${repeated(2_500, (index) => `a${index}: 1`)}) { role } }`],
    [
      'fields',
      `{ ...F0 } ${repeated(
        40,
        (index) => `fragment F${index} on Query { ...F${index + 1} ... on Query { ...F${index + 1} } }`,
      )} fragment F40 on Query { __typename }`,
    ],
  ])('over its limit of %s is OPERATION_TOO_LARGE, and says so', async (limit, query) => {
    const { status, data, errors } = await owner.caller.send(query);
    expect(status).toBe(400);
    expect(data).toBeNull();
    expect(errors).toHaveLength(1);
    const { code, issues } = errors[0]!.extensions as { code: string; issues: { message: string }[] };
    expect(code).toBe('OPERATION_TOO_LARGE');
    expect(issues.map(({ message }) => message).join()).toContain(limit);
  });

  it('within them is answered, the introspection of tools included', async () => {
    const { data, errors } = await owner.caller.send<{ __schema: object }>(getIntrospectionQuery());
    expect(errors).toEqual([]);
    expect(data?.__schema).toBeDefined();
  });

  it('whose fragments hold one another is BAD_USER_INPUT', async () => {
    const query = '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }';
    expect((await owner.caller.send(query)).errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  });
});

describe('an operation', () => {
  const profiles = '{ datasets(first: 100) { nodes { profile { __typename } } } }';

  it('dearer than the limit is OPERATION_TOO_COSTLY, with both and what to change', async () => {
    const { status, headers, data, errors } = await owner.caller.send(profiles);
    expect(status).toBe(400);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('smaller pages') as string,
        extensions: {
          code: 'OPERATION_TOO_COSTLY',
          cost: 20_101,
          limit: 10_000,
          issues: [{ path: 'datasets', message: 'costs 20101' }],
        },
      },
    ]);
    expect(headers.get('x-operation-cost')).toBe('20101');
  });

  it('says what it costs', async () => {
    const { headers } = await owner.caller.send('{ datasets(first: 5) { nodes { id } } }');
    expect(headers.get('x-operation-cost')).toBe('6');
  });

  it('with variables of other types keeps its error', async () => {
    const { errors } = await owner.caller.send('query ($n: Int!) { datasets(first: $n) { nodes { id } } }', {
      n: 'x',
    });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('over WebSocket is under the same limits', async () => {
    const small = await startTestApi({ config: { maxOperationCost: 1, maxOperationAliases: 2 } });
    const { caller } = await small.tenant();
    const client = createClient({
      url: small.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { apiKey: caller.key },
      retryAttempts: 0,
    });
    const refusal = (selection: string) =>
      new Promise<unknown>((resolve, reject) => {
        client.subscribe(
          { query: `subscription { trainingProgress(runId: "x") { ${selection} } }` },
          { next: resolve, error: resolve, complete: () => reject(new Error('it was not refused')) },
        );
      });
    expect(await refusal('dataset { id }')).toMatchObject([
      { extensions: { code: 'OPERATION_TOO_COSTLY', cost: 2, limit: 1 } },
    ]);
    expect(await refusal('a: id b: id c: id')).toMatchObject([
      { extensions: { code: 'OPERATION_TOO_LARGE' } },
    ]);
    await client.dispose();
    await small.close();
  });
});
