import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTestApi, type TestApi } from '../../support/api/test-api';

const VIEWER = 'query Who { viewer { role } }';
const DOMAIN = 'query One($kind: DomainKind!) { domain(kind: $kind) { kind } }';
const sha256 = createHash('sha256').update(DOMAIN).digest('hex');

let folder: string;
let test: TestApi;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'propensity-operations-'));
  await writeFile(path.join(folder, 'viewer.graphql'), VIEWER);
  await writeFile(path.join(folder, 'domain.graphql'), DOMAIN);
  test = await startTestApi({ config: { persistedOperations: folder, onlyPersistedOperations: true } });
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

const ask = async (body: object, api = test): Promise<unknown> => {
  const headers = { 'content-type': 'application/json' };
  return (
    await api.platform.http('/graphql', { method: 'POST', headers, body: JSON.stringify(body) })
  ).json();
};
const unknown = { errors: [{ extensions: { code: 'OPERATION_UNKNOWN' } }] };

describe('a persisted operation', () => {
  const variables = { kind: 'SOCIAL_AD_CTR' };
  const answer = { data: { domain: variables } };

  it.each([
    ['its name', { documentId: 'domain', variables }],
    ['its digest', { documentId: `sha256:${sha256}`, variables }],
    [
      'what Apollo Client sends',
      { extensions: { persistedQuery: { version: 1, sha256Hash: sha256 } }, variables },
    ],
    ['its text', { query: DOMAIN, variables }],
  ])('is asked for by %s', async (_what, body) => {
    expect(await ask(body)).toEqual(answer);
  });

  it('is OPERATION_UNKNOWN when there is none, and so is every other where only they are executed', async () => {
    expect(await ask({ documentId: 'nothing' })).toMatchObject(unknown);
    expect(await ask({ query: '{ viewer { role } }' })).toMatchObject(unknown);
    // No client can have one remembered.
    const query = '{ __typename }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const persistedQuery = { version: 1, sha256Hash };
    expect(await ask({ query, extensions: { persistedQuery } })).toMatchObject(unknown);
    expect(await ask({ extensions: { persistedQuery } })).toMatchObject(unknown);
    // Nor is one executed because something beside it is malformed.
    expect(await ask({ query, extensions: { persistedQuery: 'x' } })).toMatchObject(unknown);
    expect(await ask({ query, documentId: 7, extensions: [] })).toMatchObject(unknown);
  });

  it.each([
    ['documents by id', { who: VIEWER }],
    [
      "Apollo's",
      {
        format: 'apollo-persisted-query-manifest',
        version: 1,
        operations: [{ id: 'who', name: 'Who', type: 'query', body: VIEWER }],
      },
    ],
  ])('may come from a manifest: %s; others are executed beside it by default', async (_what, manifest) => {
    const file = path.join(folder, 'manifest.json');
    await writeFile(file, JSON.stringify(manifest));
    const api = await startTestApi({ config: { persistedOperations: file } });
    const answers = [await ask({ documentId: 'who' }, api), await ask({ query: '{ __typename }' }, api)];
    await api.close();
    expect(answers).toEqual([
      { data: { viewer: { role: 'PLATFORM_ADMIN' } } },
      { data: { __typename: 'Query' } },
    ]);
  });

  it.each([
    ['is not of the schema', '{ nothing }', 'Cannot query field "nothing"'],
    ['is no GraphQL', '{', 'no GraphQL'],
    ['is over a limit', `{ ${'__typename '.repeat(21)} }`, 'rootFields'],
  ])('that %s keeps the process from starting', async (_what, document, reason) => {
    const file = path.join(folder, 'bad.json');
    await writeFile(file, JSON.stringify({ bad: document }));
    await expect(startTestApi({ config: { persistedOperations: file } })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringContaining(reason) as string,
    });
  });
});
