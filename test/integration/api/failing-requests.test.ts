import { type ApiTenant, PLATFORM_ADMIN_KEY, startTestApi, type TestApi } from '../../support/api/test-api';
import { AppError } from '../../../src/errors';
import { announceDataset, configureTable, KIND } from '../../support/api/table-dataset';

const ABSENT = '0a0a0a0a-0000-4000-8000-000000000000';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
  await configureTable(owner.caller);
});
afterAll(() => test.close());

describe('a request without a valid key', () => {
  it.each([
    ['no key', null],
    ['a text that is no key', 'hello'],
    ['a key that nobody has', `pk_${'x'.repeat(43)}`],
  ])('is UNAUTHENTICATED with %s, introspection included', async (_name, key) => {
    const { status, data, errors } = await test.caller(key).send('{ __typename }');
    expect(status).toBe(401);
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    const upload = await test.caller(key).http(`/uploads/datasets/${ABSENT}`, { method: 'PUT', body: 'x' });
    expect(upload.status).toBe(401);
    expect(await upload.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('takes the key from x-api-key as well', async () => {
    const { data } = await test.caller(null).send<{ viewer: object }>(
      '{ viewer { role } }',
      {},
      {
        'x-api-key': PLATFORM_ADMIN_KEY,
      },
    );
    expect(data).toEqual({ viewer: { role: 'PLATFORM_ADMIN' } });
  });
});

describe('a key with another role', () => {
  it('may not do what the role does not include', async () => {
    const analyst = (await test.tenant('ANALYST')).caller;
    const service = (await test.tenant('SERVICE')).caller;
    const configure = `mutation { configureDomain(input: { kind: ${KIND} }) { __typename } }`;
    expect(await analyst.code(configure)).toBe('FORBIDDEN');
    expect(await service.code('{ datasets { nodes { id } } }')).toBe('FORBIDDEN');
    expect(await owner.caller.code('{ tenants { nodes { id } } }')).toBe('FORBIDDEN');
    expect(await test.platform.code('{ trainingRuns { nodes { id } } }')).toBe('FORBIDDEN');
    const upload = await analyst.http(`/uploads/datasets/${ABSENT}`, { method: 'PUT', body: 'x' });
    expect(upload.status).toBe(403);
  });

  it('gets nothing of a tenant through the catalogue', async () => {
    const { data, errors } = await test.platform.send<{ domains: object[] }>(
      '{ domains { kind configuration { id } champion { id } } }',
    );
    expect(errors.map(({ extensions }) => extensions['code'])).toContain('FORBIDDEN');
    expect(data?.domains[0]).toMatchObject({ configuration: null, champion: null });
  });
});

describe('an id', () => {
  const byId = [
    ['dataset', 'query ($id: ID!) { dataset(id: $id) { id } }', 'id'],
    ['trainingRun', 'query ($id: ID!) { trainingRun(id: $id) { id } }', 'id'],
    ['modelVersion', 'query ($id: ID!) { modelVersion(id: $id) { id } }', 'id'],
    [
      'cancelTraining',
      'mutation ($id: ID!) { cancelTraining(input: { runId: $id }) { __typename } }',
      'input.runId',
    ],
    [
      'promoteModel',
      'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
      'input.modelVersionId',
    ],
    [
      'revokeApiKey',
      'mutation ($id: ID!) { revokeApiKey(input: { apiKeyId: $id }) { __typename } }',
      'input.apiKeyId',
    ],
    [
      'startTraining',
      `mutation ($id: ID!) { startTraining(input: { kind: ${KIND}, datasetId: $id }) { __typename } }`,
      'input.datasetId',
    ],
  ] as const;

  it.each(byId)('that is absent is NOT_FOUND (%s)', async (_name, operation) => {
    expect(await owner.caller.code(operation, { id: ABSENT })).toBe('NOT_FOUND');
  });

  it.each(byId)(
    'that is malformed is BAD_USER_INPUT naming the argument (%s)',
    async (_name, operation, path) => {
      const { errors } = await owner.caller.send(operation, { id: "1'; DROP TABLE datasets" });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', issues: [{ path }] } }]);
      expect(errors[0]?.message).toContain(path);
    },
  );

  it("of another tenant's is indistinguishable from one that is absent", async () => {
    const { id, uploadUrl } = await announceDataset(owner.caller);
    const stranger = (await test.tenant()).caller;
    const query = 'query ($id: ID!) { dataset(id: $id) { id } }';
    const foreign = await stranger.send(query, { id });
    const absent = await stranger.send(query, { id: ABSENT });
    expect(
      JSON.stringify(foreign.errors)
        .replaceAll(id, '')
        .replace(/"requestId":"[^"]+"/, ''),
    ).toBe(
      JSON.stringify(absent.errors)
        .replaceAll(ABSENT, '')
        .replace(/"requestId":"[^"]+"/, ''),
    );
    const upload = await stranger.http(uploadUrl, { method: 'PUT', body: 'x,color,label\n' });
    expect(upload.status).toBe(404);
    const download = await stranger.http(`/downloads/datasets/${id}`);
    expect(download.status).toBe(404);
    const list = await stranger.data<{ datasets: object }>('{ datasets { nodes { id } } }');
    expect(list.datasets).toEqual({ nodes: [] });
  });
});

describe('bad input', () => {
  it('to configureDomain comes back with every issue and its path', async () => {
    const { configureDomain } = await owner.caller.data<{ configureDomain: { issues: { path: string }[] } }>(
      `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) {
        __typename ... on InvalidConfiguration { code issues { path message } }
      } }`,
      {
        input: {
          kind: KIND,
          featureSpec: { shape: 'TABLE', label: { column: 'y' }, features: [{ type: 'numeric' }], typo: 1 },
          modelConfig: { architecture: 'conv-recurrent', dropout: 7 },
          threshold: 1,
        },
      },
    );
    expect(configureDomain).toMatchObject({
      __typename: 'InvalidConfiguration',
      code: 'INVALID_CONFIGURATION',
    });
    const paths = configureDomain.issues.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'featureSpec.features.0.name',
        'featureSpec',
        'modelConfig.dropout',
        'threshold',
      ]),
    );
  });

  it.each([
    ['no name', ''],
    ['a name of 201 characters', 'x'.repeat(201)],
    ['a NUL in a name', 'a\u0000b'],
  ])('is a typed result: %s', async (_name, name) => {
    const { createDataset } = await owner.caller.data<{ createDataset: object }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
        ... on UserError { code } ... on InvalidInput { issues { path } }
      } }`,
      { input: { kind: KIND, name } },
    );
    expect(createDataset).toEqual({ code: 'BAD_USER_INPUT', issues: [{ path: 'name' }] });
  });

  it('is refused before it reaches PostgreSQL when it cannot be stored', async () => {
    const features = [{ type: 'numeric', name: 'x', column: 'a\u0000' }];
    const { configureDomain } = await owner.caller.data<{ configureDomain: object }>(
      `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }`,
      { input: { kind: KIND, featureSpec: { shape: 'TABLE', label: { column: 'y' }, features } } },
    );
    expect(configureDomain).toEqual({ __typename: 'InvalidConfiguration' });
  });

  it('of a taken slug is a Conflict', async () => {
    const create = `mutation { createTenant(input: { slug: "twice", name: "Twice" }) { __typename } }`;
    expect(await test.platform.data(create)).toEqual({ createTenant: { __typename: 'CreateTenantSuccess' } });
    expect(await test.platform.data(create)).toEqual({ createTenant: { __typename: 'Conflict' } });
  });

  it.each([
    ['a page of 0', '{ datasets(first: 0) { nodes { id } } }'],
    ['a page of 101', '{ datasets(first: 101) { nodes { id } } }'],
    ['a cursor that is none', '{ datasets(after: "x") { nodes { id } } }'],
    ['an unknown field', '{ nothing }'],
    ['a syntax error', '{'],
    ['an unknown kind', '{ domain(kind: WEATHER) { kind } }'],
    ['a missing variable', 'query ($id: ID!) { dataset(id: $id) { id } }'],
  ])('is BAD_USER_INPUT: %s', async (_name, query) => {
    expect(await owner.caller.code(query)).toBe('BAD_USER_INPUT');
  });

  it('of a dataset without content to startTraining is a Conflict', async () => {
    const { id } = await announceDataset(owner.caller);
    const { startTraining } = await owner.caller.data<{ startTraining: object }>(
      `mutation ($id: ID!) { startTraining(input: { kind: ${KIND}, datasetId: $id }) { ... on UserError { code } } }`,
      { id },
    );
    expect(startTraining).toEqual({ code: 'CONFLICT' });
  });
});

describe('requests that are no operations', () => {
  const post = (body: string, headers: Record<string, string>) =>
    owner.caller.http('/graphql', { method: 'POST', body, headers });

  const refusals = [
    { what: 'malformed JSON', body: '{', type: 'application/json', status: 400 },
    { what: 'an empty body', body: '', type: 'application/json', status: 400 },
    { what: 'a batch', body: '[{"query":"{ __typename }"}]', type: 'application/json', status: 400 },
    { what: 'a form', body: 'query={__typename}', type: 'application/x-www-form-urlencoded', status: 415 },
    { what: 'plain text', body: '{"query":"{ __typename }"}', type: 'text/plain', status: 415 },
    { what: '5 MiB', body: JSON.stringify(' '.repeat(5 << 20)), type: 'application/json', status: 413 },
  ];

  it.each(refusals)('are refused: $what', async ({ body, type, status }) => {
    const response = await post(body, { 'content-type': type });
    expect(response.status).toBe(status);
    const code = status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_USER_INPUT';
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  it('get directions at the server’s address, and NOT_FOUND elsewhere', async () => {
    const anonymous = test.caller(null);
    expect(await (await anonymous.http('/')).json()).toMatchObject({ graphql: 'POST /graphql' });
    expect(await (await anonymous.http('/nowhere')).json()).toMatchObject({ code: 'NOT_FOUND' });
    expect((await anonymous.http('/healthz')).status).toBe(200);
    expect((await anonymous.http('/readyz')).status).toBe(200);
    expect((await anonymous.http('/health/live')).status).toBe(200);
    expect(await (await anonymous.http('/health/ready')).json()).toEqual({
      status: 'ready',
      checks: { accepting: true, database: true, tables: true, inference: true },
    });
  });
});

describe('the request id', () => {
  it('is the caller’s when it is sane, and stands in every error', async () => {
    const { headers, errors } = await owner.caller.send('{ nothing }', {}, { 'x-request-id': 'my-id.1' });
    expect(headers.get('x-request-id')).toBe('my-id.1');
    expect(errors[0]?.extensions['requestId']).toBe('my-id.1');
  });

  it('is a new one otherwise', async () => {
    const { headers } = await owner.caller.send('{ __typename }', {}, { 'x-request-id': 'a b' });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a defect', () => {
  it('says nothing of itself, only the request id', async () => {
    await test.database.inTenant(owner.id, (scope) =>
      // A dataset whose sample is not what the code expects.
      scope.query(
        `INSERT INTO datasets (tenant_id, id, kind, name, state, quarantine_sample, created_by)
         VALUES ($1, $2, $3, 'broken', 'REJECTED', '[{"line": "SELECT secret"}]', $4)`,
        [owner.id, ABSENT, KIND, owner.keyId],
      ),
    );
    const { errors } = await owner.caller.send(
      'query ($id: ID!) { dataset(id: $id) { quarantineSample { line } } }',
      { id: ABSENT },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(errors[0]?.extensions['requestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(errors)).not.toMatch(/secret|stack|at .*\.ts/);
  });
});

describe('an outage', () => {
  it('is UNAVAILABLE, and names no host', async () => {
    const outage = new AppError('UNAVAILABLE', 'the database at 10.0.0.7:5432 does not answer');
    const inTenant = jest.spyOn(test.database, 'inTenant').mockRejectedValue(outage);
    const { errors } = await owner.caller.send('{ datasets { nodes { id } } }');
    const download = await owner.caller.http(`/downloads/datasets/${ABSENT}`);
    inTenant.mockRestore();
    expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
    expect(download.status).toBe(503);
    expect(JSON.stringify([errors, await download.json()])).not.toContain('10.0.0.7');
  });

  it('of the database makes the process not ready, but up', async () => {
    const outage = new AppError('UNAVAILABLE', 'the database does not answer');
    const asPlatform = jest.spyOn(test.database, 'asPlatform').mockRejectedValue(outage);
    const [ready, up] = [await owner.caller.http('/readyz'), await owner.caller.http('/healthz')];
    asPlatform.mockRestore();
    expect([ready.status, up.status]).toEqual([503, 200]);
  });
});

describe('in production', () => {
  it('the schema stays inside', async () => {
    const production = await startTestApi({ production: true });
    const introspection = await production.platform.send('{ __schema { types { name } } }');
    const misspelt = await production.platform.send('{ viewr { role } }');
    await production.close();
    expect(introspection.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(misspelt.errors[0]?.message).not.toContain('viewer');
  });
});
