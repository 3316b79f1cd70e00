import { discoverDomains } from '../../src/app/discover-domains';
import { readOptions } from '../../src/app/isolation/options';
import { type Finding, type Proof } from '../../src/app/isolation/proof';
import { reportOf } from '../../src/app/isolation/report';
import { proveIsolation } from '../../src/app/isolation/run-proof';
import { PLATFORM_ADMIN_KEY, startTestApi, type TestApi } from '../support/api/test-api';
import { LeakyProxy } from '../support/leaky-proxy';
import { type Leak, NoteServer } from '../support/note-server';

const [domain] = discoverDomains();

/** No worker is there: nothing is waited for. */
async function prove(url: string, adminKey: string, only: readonly string[] = []): Promise<Proof> {
  if (!domain) throw new Error('there is no domain');
  const keys = { adminKey, ownerKey: null, strangerKey: null };
  return proveIsolation({ url, ...keys, schema: null, only, waitMs: 0, domain, onProgress: () => undefined });
}

const found = ({ findings }: Proof, kind: Finding['kind']): string[] =>
  findings
    .filter((finding) => finding.kind === kind)
    .map(({ operation, place }) => `${operation} ${place}`.trim());

describe('an API that nothing is known of', () => {
  async function proofOf(leak: Leak | null): Promise<Proof> {
    const server = new NoteServer(leak);
    try {
      return await prove(await server.listen(), server.adminKey);
    } finally {
      await server.close();
    }
  }

  it('is tried in all its fields, and found tight', async () => {
    const proof = await proofOf(null);
    expect(proof.findings).toEqual([]);
    expect(proof.tried.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining([
        'query note',
        'query notes',
        'query rank',
        'mutation writeNote',
        'mutation deleteNote',
      ]),
    );
    expect(proof.withoutInstance).toEqual([]);
  });

  it.each<[Leak, Finding['kind'], string]>([
    ['any id is read', 'LEAK', 'query note id'],
    ['another error for ids that exist', 'ORACLE', 'query note id'],
    ['a count of all tenants', 'ORACLE', 'query rank noteId'],
    ['lists of whoever a header names', 'LEAK', 'disguises notes with the tenant in headers'],
    ['cursors of any tenant', 'LEAK', 'query notes after'],
    ['any id is deleted', 'CHANGE', 'what the owner reads notes {}'],
    ['a name that is taken by anybody', 'ORACLE', 'mutation writeNote input.text'],
    ['links for everybody', 'ACCESS', 'links GET /notes/… by nobody'],
    ['revoked keys', 'ACCESS', 'keys a key that has ended, as Bearer'],
    ['a mutation shows the latest note of all', 'LEAK', 'mutation writeNote'],
  ])(
    'is found out: %s',
    async (leak, kind, where) => {
      expect(found(await proofOf(leak), kind)).toContain(where);
    },
    600_000,
  );
});

describe('our API', () => {
  let test: TestApi;
  beforeAll(async () => {
    test = await startTestApi();
  });
  afterAll(() => test.close());

  it('keeps two tenants apart in every field of the schema', async () => {
    const proof = await prove(test.url, PLATFORM_ADMIN_KEY);
    expect(proof.findings).toEqual([]);
    const roots = [
      test.api.schema.getQueryType(),
      test.api.schema.getMutationType(),
      test.api.schema.getSubscriptionType(),
    ];
    const names = roots.flatMap((type) => Object.keys(type?.getFields() ?? {}));
    const tried = proof.tried.map(({ operation }) => operation.split(' ')[1]);
    expect(names.filter((name) => !tried.includes(name))).toEqual([]);
    expect(reportOf(proof)).toContain('Nothing came through');
  }, 600_000);

  it.each<[string, string, Finding['kind']]>([
    ['a query that forgets whose the id is', 'dataset', 'LEAK'],
    ['a list that is everybody’s', 'webhooks', 'LEAK'],
    ['a mutation that forgets whose the id is', 'deleteWebhook', 'CHANGE'],
  ])(
    'is found out behind a proxy with %s',
    async (_, field, kind) => {
      const proxy = new LeakyProxy(test.url, field);
      try {
        const proof = await prove(await proxy.listen(), PLATFORM_ADMIN_KEY, [field]);
        expect(found(proof, kind)).not.toEqual([]);
        expect(reportOf(proof)).toMatch(/came through in \d+ requests:\n/);
      } finally {
        await proxy.close();
      }
    },
    600_000,
  );

  it('needs keys of two tenants', async () => {
    const { caller } = await test.tenant();
    const keys = { adminKey: null, ownerKey: caller.key, strangerKey: caller.key };
    if (!domain) throw new Error('there is no domain');
    await expect(
      proveIsolation({
        url: test.url,
        ...keys,
        schema: null,
        only: [],
        waitMs: 0,
        domain,
        onProgress: () => undefined,
      }),
    ).rejects.toThrow('both keys are of one tenant');
  });
});

describe('the arguments', () => {
  const url = 'http://127.0.0.1:4000/graphql';

  it('take a platform administrator’s key, or one of each of two tenants', () => {
    expect(readOptions(['--url', url, '--admin-key', 'pk_a', '--only', 'a,b', '--json'])).toEqual({
      ...{ url, adminKey: 'pk_a', ownerKey: null, strangerKey: null },
      ...{ schema: null, only: ['a', 'b'], waitMs: 180_000, json: true },
    });
    expect(readOptions(['--url', url, '--owner-key', 'pk_a', '--stranger-key', 'pk_b'])).toMatchObject({
      ownerKey: 'pk_a',
      strangerKey: 'pk_b',
    });
  });

  it.each([
    ['no address', ['--admin-key', 'pk_a']],
    ['no key', ['--url', url]],
    ['one key of two', ['--url', url, '--owner-key', 'pk_a']],
    ['keys of both sorts', ['--url', url, '--admin-key', 'pk_a', '--owner-key', 'a', '--stranger-key', 'b']],
    ['a wait that is none', ['--url', url, '--admin-key', 'pk_a', '--wait', 'long']],
    ['something else', ['--url', url, '--admin-key', 'pk_a', '--force']],
  ])('are refused with %s', (_, args) => {
    expect(() => readOptions(args)).toThrow(/npm run prove:isolation/);
  });
});
