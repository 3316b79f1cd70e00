import { type GraphQLObjectType } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type ApiCaller } from '../../support/api/api-caller';
import { dummyField, dummyOperation, fieldsOf } from '../../support/api/dummy-operation';
import { type ApiTenant, PLATFORM_ADMIN_KEY, startTestApi, type TestApi } from '../../support/api/test-api';
import { OidcProvider } from '../../support/identity/oidc-provider';
import { member, trust } from '../../support/identity/people';

/** What a platform administrator may call: all of it is about tenants, or about what every tenant has alike. */
const OF_THE_PLATFORM = [
  'createApiKey',
  'createTenant',
  'domain',
  'domains',
  'setTenantQuotas',
  'setTrainingShare',
  'tenantQuotas',
  'tenants',
  'viewer',
  'workers',
];
/** What nobody of a tenant may. */
const OF_THE_PLATFORM_ALONE = [
  'createTenant',
  'setTenantQuotas',
  'setTrainingShare',
  'tenantQuotas',
  'tenants',
  'workers',
];
const NONE = '0a0a0a0a-0000-4000-8000-000000000000';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ config: { identityProviderTargets: 'any' } });
  owner = await test.tenant();
});
afterAll(() => test.close());

/** Every query and mutation of the schema that is not refused to whoever calls. */
async function allowed(caller: ApiCaller, headers: Record<string, string> = {}): Promise<string[]> {
  const { schema } = test.api;
  const operations = [
    ...fieldsOf(schema.getQueryType()).map((field) => ['query', field] as const),
    ...fieldsOf(schema.getMutationType()).map((field) => ['mutation', field] as const),
  ];
  const open: string[] = [];
  for (const [kind, field] of operations) {
    const { errors, data } = await caller.send(dummyOperation(kind, field), {}, headers);
    const codes = errors.map(({ extensions }) => extensions['code']);
    // It was understood: what is refused is refused for who asks.
    expect([field.name, codes, data]).not.toEqual([field.name, ['BAD_USER_INPUT'], null]);
    if (!codes.includes('FORBIDDEN')) open.push(field.name);
  }
  return open.sort();
}

describe('a platform administrator', () => {
  it('is refused everything of a tenant’s, whatever the schema has', async () => {
    expect(await allowed(test.platform)).toEqual(OF_THE_PLATFORM);
  });

  it('is refused every subscription', async () => {
    const client = createClient({
      url: test.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { apiKey: PLATFORM_ADMIN_KEY },
      retryAttempts: 0,
    });
    const fields = fieldsOf(test.api.schema.getSubscriptionType());
    expect(fields.length).toBeGreaterThan(0);
    for (const field of fields) {
      const answer: unknown = await client
        .iterate({ query: dummyOperation('subscription', field) })
        .next()
        .catch((error: unknown) => error);
      expect([field.name, JSON.stringify(answer)]).toEqual([
        field.name,
        expect.stringContaining('FORBIDDEN'),
      ]);
    }
    await client.dispose();
  });

  it('uploads nothing and downloads nothing', async () => {
    const status = async (path: string, init: RequestInit = {}) =>
      (await test.platform.http(path, init)).status;
    expect(await status(`/uploads/datasets/${NONE}`, { method: 'PUT', body: 'x' })).toBe(403);
    for (const path of [
      `datasets/${NONE}`,
      `datasets/${NONE}/quarantine.csv`,
      `scorings/${NONE}/audience.csv`,
      `scorings/${NONE}/quarantine.csv`,
      `model-versions/${NONE}/artifact.onnx`,
      `model-versions/${NONE}/predictions.csv`,
      `subject-requests/${NONE}/export.jsonl`,
    ])
      expect([path, await status(`/downloads/${path}`)]).toEqual([path, 403]);
  });

  it('sees of the domains what every tenant has alike', async () => {
    const open: string[] = [];
    for (const field of fieldsOf(test.api.schema.getType('Domain') as GraphQLObjectType)) {
      const { errors } = await test.platform.send(`{ domains { ${dummyField(field)} } }`);
      if (!errors.some(({ extensions }) => extensions['code'] === 'FORBIDDEN')) open.push(field.name);
    }
    expect(open.sort()).toEqual(['defaultFeatureSpec', 'description', 'kind', 'presets', 'slug', 'title']);
  });
});

describe('an administrator of a tenant', () => {
  it('does nothing of the platform’s, with a key or as a member', async () => {
    const provider = await OidcProvider.start();
    await trust(owner, provider);
    const person = await member(test, owner, { provider, subject: 'a', role: 'TENANT_ADMIN' });
    const fields = [
      ...fieldsOf(test.api.schema.getQueryType()).map((field) => ['query', field] as const),
      ...fieldsOf(test.api.schema.getMutationType()).map((field) => ['mutation', field] as const),
    ].filter(([, { name }]) => OF_THE_PLATFORM_ALONE.includes(name));
    expect(fields).toHaveLength(OF_THE_PLATFORM_ALONE.length);
    for (const [kind, field] of fields)
      for (const [caller, headers] of [
        [owner.caller, {}],
        [test.caller(null), person.headers],
      ] as const) {
        const { errors } = await caller.send(dummyOperation(kind, field), {}, { ...headers });
        expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
      }
    // Not by way of a key or an invitation either.
    for (const [name, type] of [
      ['createApiKey', 'name: "x", '],
      ['inviteMember', ''],
    ] as const)
      expect(
        (
          await test
            .caller(null)
            .send<Record<string, object>>(
              `mutation { ${name}(input: { ${type}role: PLATFORM_ADMIN }) { __typename } }`,
              {},
              { ...person.headers },
            )
        ).data,
      ).toEqual({ [name]: { __typename: 'InvalidInput' } });
    await provider.stop();
  });

  it('has in the database no role that would be the platform’s', async () => {
    for (const [table, columns, values] of [
      ['members', 'issuer, subject, role_source, state', "'i', 's', 'ASSIGNED', 'ACTIVE'"],
      ['member_invitations', 'hash, invited_by, expires_at', 'sha256(now()::text::bytea), $2, now()'],
    ] as const)
      await expect(
        test.database.inTenant(owner.id, (scope) =>
          scope.query(
            `INSERT INTO ${table} (tenant_id, id, role, ${columns}) VALUES ($1, $2, 'PLATFORM_ADMIN', ${values})`,
            [owner.id, NONE],
          ),
        ),
      ).rejects.toThrow(/role_check/);
  });
});
