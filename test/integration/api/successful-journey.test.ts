import { createHash } from 'node:crypto';
import { type ApiCaller } from '../../support/api/api-caller';
import {
  announceDataset,
  configureTable,
  KIND,
  TABLE_CSV,
  TABLE_SPEC,
} from '../../support/api/table-dataset';
import { startTestApi, type TestApi } from '../../support/api/test-api';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

describe('a tenant', () => {
  it('is made by the platform administrator, with a key that works at once', async () => {
    const { createTenant } = await test.platform.data<{
      createTenant: { tenant: { id: string }; apiKey: { key: string } };
    }>(
      `mutation ($input: CreateTenantInput!) {
        createTenant(input: $input) {
          ... on CreateTenantSuccess { tenant { id slug name createdAt } apiKey { key role prefix } }
        }
      }`,
      { input: { slug: 'acme', name: ' Acme ' } },
    );
    expect(createTenant).toMatchObject({
      tenant: { slug: 'acme', name: 'Acme' },
      apiKey: { role: 'TENANT_ADMIN', key: expect.stringMatching(/^pk_/) as string },
    });
    const { viewer } = await test
      .caller(createTenant.apiKey.key)
      .data<{ viewer: object }>('{ viewer { role tenant { id slug } } }');
    expect(viewer).toEqual({ role: 'TENANT_ADMIN', tenant: { id: createTenant.tenant.id, slug: 'acme' } });
  });

  it('makes keys, sees them listed without their secret, and revokes them', async () => {
    const { caller } = await test.tenant();
    const { createApiKey } = await caller.data<{ createApiKey: { apiKey: { id: string; key: string } } }>(
      `mutation { createApiKey(input: { name: "scoring", role: SERVICE }) {
        ... on CreateApiKeySuccess { apiKey { id key role } }
      } }`,
    );
    const { id, key } = createApiKey.apiKey;
    const list = await caller.data<{ apiKeys: { nodes: { id: string }[] } }>(
      '{ apiKeys { nodes { id name role revokedAt } } }',
    );
    expect(list.apiKeys.nodes).toContainEqual({ id, name: 'scoring', role: 'SERVICE', revokedAt: null });
    const { revokeApiKey } = await caller.data<{ revokeApiKey: object }>(
      `mutation ($id: ID!) { revokeApiKey(input: { apiKeyId: $id }) {
        ... on RevokeApiKeySuccess { apiKey { revokedAt } }
      } }`,
      { id },
    );
    expect(revokeApiKey).toEqual({ apiKey: { revokedAt: expect.any(String) as string } });
    expect(await test.caller(key).code('{ viewer { role } }')).toBe('UNAUTHENTICATED');
  });
});

describe('a domain', () => {
  it('shows its defaults, and the configuration that the tenant gave it', async () => {
    const { caller } = await test.tenant();
    await configureTable(caller);
    const { domain } = await caller.data<{ domain: object }>(
      `query ($kind: DomainKind!) { domain(kind: $kind) {
        kind slug presets { name } champion { id }
        configuration { version featureSpec modelConfig threshold }
      } }`,
      { kind: KIND },
    );
    expect(domain).toMatchObject({
      kind: KIND,
      slug: 'ecommerce-purchase',
      presets: [{ name: 'TINY' }, { name: 'DEFAULT' }],
      champion: null,
      configuration: { version: 1, featureSpec: { shape: 'TABLE' }, threshold: null },
    });
  });

  it('keeps every version of its configuration', async () => {
    const { caller } = await test.tenant();
    await configureTable(caller);
    await configureTable(caller);
    const { domain } = await caller.data<{ domain: { configurations: object } }>(
      `query ($kind: DomainKind!) { domain(kind: $kind) {
        configurations(first: 1) { nodes { version } pageInfo { hasNextPage } }
      } }`,
      { kind: KIND },
    );
    expect(domain.configurations).toEqual({ nodes: [{ version: 2 }], pageInfo: { hasNextPage: true } });
  });

  it('is configured with its defaults by the first dataset', async () => {
    const { caller } = await test.tenant();
    await announceDataset(caller);
    const { domains } = await caller.data<{ domains: { kind: string; configuration: object | null }[] }>(
      '{ domains { kind configuration { version } } }',
    );
    expect(domains.find(({ kind }) => kind === KIND)?.configuration).toEqual({ version: 1 });
    expect(domains.filter(({ configuration }) => configuration !== null)).toHaveLength(1);
  });
});

describe('a dataset', () => {
  it('is announced, uploaded and READY, and its file can be had back', async () => {
    const { caller } = await test.tenant();
    await configureTable(caller);
    const { id, uploadUrl } = await announceDataset(caller);
    const sha256 = createHash('sha256').update(TABLE_CSV).digest('hex');
    const upload = await caller.http(uploadUrl, {
      method: 'PUT',
      body: TABLE_CSV,
      headers: { 'x-content-sha256': sha256, 'content-type': 'text/csv' },
    });
    expect(upload.status).toBe(200);
    expect(await upload.json()).toMatchObject({
      id,
      state: 'READY',
      sha256,
      rowCount: 4,
      quarantinedCount: 0,
    });
    const { dataset } = await caller.data<{ dataset: { downloadUrl: string } }>(
      `query ($id: ID!) { dataset(id: $id) { state bytes rowCount uploadUrl downloadUrl columns { name type } } }`,
      { id },
    );
    expect(dataset).toMatchObject({
      state: 'READY',
      bytes: TABLE_CSV.length,
      uploadUrl: null,
      columns: [{ name: 'x', type: 'NUMERIC' }, { name: 'color' }, { name: 'label' }],
    });
    const download = await caller.http(dataset.downloadUrl);
    expect(download.headers.get('content-disposition')).toContain(id);
    expect(await download.text()).toBe(TABLE_CSV);
  });

  it('is listed page by page, newest first', async () => {
    const { caller } = await test.tenant();
    const ids: string[] = [];
    for (const name of ['one', 'two', 'three']) ids.unshift((await announceDataset(caller, name)).id);
    expect(await pages(caller, 2)).toEqual([ids.slice(0, 2), ids.slice(2)]);
  });
});

async function pages(caller: ApiCaller, first: number): Promise<string[][]> {
  const found: string[][] = [];
  for (let after: string | null = null, more = true; more;) {
    const { datasets }: { datasets: DatasetPage } = await caller.data(
      `query ($first: Int!, $after: String) { datasets(first: $first, after: $after) {
        edges { cursor node { id } } pageInfo { hasNextPage endCursor }
      } }`,
      { first, after },
    );
    found.push(datasets.edges.map(({ node }) => node.id));
    expect(datasets.edges.at(-1)?.cursor).toBe(datasets.pageInfo.endCursor);
    after = datasets.pageInfo.endCursor;
    more = datasets.pageInfo.hasNextPage;
  }
  return found;
}

interface DatasetPage {
  readonly edges: { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

describe('the schema explorer', () => {
  it('answers introspection in development', async () => {
    const { caller } = await test.tenant('SERVICE');
    const { __schema } = await caller.data<{ __schema: object }>('{ __schema { queryType { name } } }');
    expect(__schema).toEqual({ queryType: { name: 'Query' } });
  });

  it('keeps the spec that a tenant wrote as it was', async () => {
    const { caller } = await test.tenant();
    await configureTable(caller);
    const { domain } = await caller.data<{ domain: { configuration: { featureSpec: object } } }>(
      `query ($kind: DomainKind!) { domain(kind: $kind) { configuration { featureSpec } } }`,
      { kind: KIND },
    );
    expect(domain.configuration.featureSpec).toMatchObject(TABLE_SPEC);
  });
});
