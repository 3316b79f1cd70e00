import { type ApiCaller } from '../../support/api/api-caller';
import { TABLE_CSV } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
  ... on CreateApiKeySuccess { apiKey { id key operations } } ... on InvalidInput { issues { path } } } }`;
const ROTATE = `mutation ($id: ID!) { rotateApiKey(input: { apiKeyId: $id }) { __typename
  ... on RotateApiKeySuccess { apiKey { key operations replacedById } previous { replacedById expiresAt } } } }`;

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

interface Created {
  readonly apiKey: { readonly id: string; readonly key: string };
}
async function restricted(operations: string[]): Promise<{ id: string; caller: ApiCaller }> {
  const { createApiKey } = await owner.caller.data<{ createApiKey: Created }>(CREATE, {
    input: { name: 'restricted', role: 'TENANT_ADMIN', operations },
  });
  return { id: createApiKey.apiKey.id, caller: test.caller(createApiKey.apiKey.key) };
}

describe('a key that is restricted to some operations', () => {
  it('may call them, what they lead to, and ask who it is; nothing else, by whatever name', async () => {
    const { caller, id } = await restricted(['domains']);
    expect(await caller.data('{ viewer { apiKeyId operations } }')).toEqual({
      viewer: { apiKeyId: id, operations: ['domains'] },
    });
    await caller.data('{ domains { kind champion { id } } }');
    for (const query of [
      '{ datasets { nodes { id } } }',
      '{ domains: datasets { nodes { id } } }',
      'query { ...other } fragment other on Query { auditLog { nodes { id } } }',
      'mutation { createApiKey(input: { name: "x", role: SERVICE }) { __typename } }',
    ])
      expect(await caller.code(query)).toBe('FORBIDDEN');
  });

  it('reaches uploads and downloads only where it may', async () => {
    const none = '00000000-0000-4000-8000-000000000000';
    const status = async (caller: ApiCaller, method: string, path: string) =>
      (await caller.http(path, { method, ...(method === 'PUT' && { body: TABLE_CSV }) })).status;
    const { caller } = await restricted(['uploads']);
    expect(await status(caller, 'PUT', `/uploads/datasets/${none}`)).toBe(404);
    expect(await status(caller, 'GET', `/downloads/datasets/${none}`)).toBe(403);
  });

  it('cannot make or rotate a key that may do more', async () => {
    const { caller, id } = await restricted(['createApiKey', 'rotateApiKey']);
    const input = { name: 'more', role: 'SERVICE' };
    expect(await caller.code(CREATE, { input })).toBe('FORBIDDEN');
    expect(await caller.code(CREATE, { input: { ...input, operations: ['domains'] } })).toBe('FORBIDDEN');
    expect(await caller.code(ROTATE, { id: owner.keyId })).toBe('FORBIDDEN');
    await caller.data(CREATE, { input: { ...input, operations: ['createApiKey'] } });
    expect(await caller.data(ROTATE, { id })).toMatchObject({
      rotateApiKey: {
        apiKey: { operations: ['createApiKey', 'rotateApiKey'], replacedById: null },
        previous: { replacedById: expect.any(String) as string, expiresAt: expect.any(String) as string },
      },
    });
    // What was refused has left the other key as it was.
    expect(await owner.caller.data(ROTATE, { id: owner.keyId })).toMatchObject({
      rotateApiKey: { __typename: 'RotateApiKeySuccess', apiKey: { operations: null } },
    });
  });

  it('names operations that there are', async () => {
    const input = { name: 'x', role: 'SERVICE' };
    expect(
      await owner.caller.data(CREATE, { input: { ...input, operations: ['domains', 'dommains'] } }),
    ).toEqual({ createApiKey: { __typename: 'InvalidInput', issues: [{ path: 'operations.1' }] } });
    expect(await owner.caller.data(CREATE, { input: { ...input, operations: [] } })).toMatchObject({
      createApiKey: { __typename: 'InvalidInput', issues: [{ path: 'operations' }] },
    });
  });
});
