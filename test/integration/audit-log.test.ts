import { randomUUID } from 'node:crypto';
import { AuditEntry } from '../../src/platform/audit/audit-entry.entity';
import { entryHash, type HashedFields } from '../../src/platform/audit/chain';
import { recordChange } from '../../src/platform/audit/record-change';
import { verifyChains } from '../../src/platform/audit/verify-chain';
import { withOwner } from '../../src/platform/persistence/owner-connection';
import { generateKey } from '../../src/platform/tenancy/api-key';
import { type TenantContext } from '../../src/platform/tenancy/request-context';
import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

const change = (name: string) =>
  ({ action: 'DATASET_CREATED', objectId: name, before: null, after: { name } }) as const;

const contextOf = (requestId = 'request', userAgent: string | null = null): TenantContext => ({
  requestId,
  actor: { id: owner.keyId, role: 'TENANT_ADMIN', tenantId: owner.id },
  origin: { ip: '192.0.2.1', userAgent },
});

const record = (name: string, ctx = contextOf()): Promise<void> =>
  test.database.inTenant(owner.id, (scope) => {
    recordChange(scope, ctx, change(name));
    return Promise.resolve();
  });

const entries = (): Promise<AuditEntry[]> =>
  test.database.inTenant(owner.id, (scope) =>
    scope.repository(AuditEntry).find({}, { order: { sequence: 'ASC' } }),
  );

const asOwner = (sql: string, parameters: unknown[] = []): Promise<unknown> =>
  withOwner(test.ownerUrl, (client) => client.query(sql, parameters));

/** As somebody with the owner's power would who wants nobody to notice. */
async function tamper(sql: string, parameters: unknown[]): Promise<void> {
  await withOwner(test.ownerUrl, async (client) => {
    await client.query('ALTER TABLE audit_entries DISABLE TRIGGER USER');
    await client.query(sql, parameters);
    await client.query('ALTER TABLE audit_entries ENABLE TRIGGER USER');
  });
}

const verify = async () => (await verifyChains(test.ownerUrl, { tenantId: owner.id }))[0];

describe('the audit log', () => {
  it('has an entry when the change is committed and none when it is not', async () => {
    const failing = test.database.inTenant(owner.id, (scope) => {
      recordChange(scope, contextOf(), change('rolled back'));
      return Promise.reject(new Error('in the end'));
    });
    await expect(failing).rejects.toThrow('in the end');
    await record('committed');
    expect(await entries()).toMatchObject([{ objectId: 'committed', sequence: 1, ip: '192.0.2.1' }]);
  });

  it('is numbered without a gap and whole when many write at once and some fail', async () => {
    const writers = Array.from({ length: 30 }, (_, i) =>
      test.database
        .inTenant(owner.id, async (scope) => {
          recordChange(scope, contextOf(), change(`first ${i}`));
          recordChange(scope, contextOf(), change(`second ${i}`));
          if (i % 3 === 0) scope.beforeCommit(() => Promise.reject(new Error('too late')));
          await scope.query('SELECT 1');
        })
        .catch(() => undefined),
    );
    await Promise.all(writers);
    const written = await entries();
    expect(written.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    const times = written.map(({ at }) => at.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(await verify()).toMatchObject({ head: { sequence: 40 }, broken: null });
  });

  it.each([
    'UPDATE audit_entries SET action = action',
    'DELETE FROM audit_entries',
    'TRUNCATE audit_entries',
  ])('lets neither the application nor the owner of the tables %s', async (sql) => {
    await record('kept');
    await expect(test.database.inTenant(owner.id, (scope) => scope.query(sql))).rejects.toThrow(
      /permission denied/,
    );
    await expect(asOwner(sql)).rejects.toThrow(/append-only/);
  });

  it('lets the application neither move the end of a chain nor number or date an entry', async () => {
    await record('first');
    const asUs = (sql: string, parameters: unknown[] = []) =>
      test.database.inTenant(owner.id, (scope) => scope.query(sql, parameters));
    await expect(asUs('UPDATE audit_heads SET sequence = 0')).rejects.toThrow(/permission denied/);
    await asUs(
      `INSERT INTO audit_entries (tenant_id, id, sequence, at, actor_id, actor_role, action, object_kind, object_id, request_id, previous_hash, hash)
       VALUES ($1, $2, 77, '2000-01-01', 'a', 'b', 'c', 'd', 'e', 'f', $3, $3)`,
      [owner.id, randomUUID(), Buffer.alloc(32)],
    );
    expect((await entries()).map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect((await entries())[1]?.at.getFullYear()).toBeGreaterThan(2000);
    expect(await verify()).toMatchObject({ broken: null });
  });

  it.each([
    ['changed', 'UPDATE audit_entries SET after = \'{"name":"x"}\' WHERE tenant_id = $1 AND sequence = 3', 3],
    [
      'dated back',
      "UPDATE audit_entries SET at = at - interval '1 day' WHERE tenant_id = $1 AND sequence = 2",
      2,
    ],
    ['removed', 'DELETE FROM audit_entries WHERE tenant_id = $1 AND sequence = 4', 4],
    ['cut off at the end', 'DELETE FROM audit_entries WHERE tenant_id = $1 AND sequence >= 4', 4],
    [
      'exchanged',
      'UPDATE audit_entries SET previous_hash = hash, hash = previous_hash WHERE tenant_id = $1 AND sequence = 5',
      5,
    ],
  ])('tells where the chain breaks first when an entry was %s', async (_, sql, sequence) => {
    for (let i = 0; i < 5; i++) await record(`entry ${i}`);
    expect(await verify()).toMatchObject({ head: { sequence: 5 }, broken: null });
    await tamper(sql, [owner.id]);
    expect(await verify()).toMatchObject({ head: { sequence: sequence - 1 }, broken: { sequence } });
  });

  it('does not have the end that it had when it was written anew', async () => {
    for (let i = 0; i < 3; i++) await record(`entry ${i}`);
    const expected = (await verify())!.head;
    await tamper('DELETE FROM audit_entries WHERE tenant_id = $1', [owner.id]);
    await asOwner('DELETE FROM audit_heads WHERE tenant_id = $1', [owner.id]);
    for (let i = 0; i < 3; i++) await record(`another ${i}`);
    expect(await verify()).toMatchObject({ broken: null });
    const [report] = await verifyChains(test.ownerUrl, { tenantId: owner.id, expected });
    expect(report).toMatchObject({ broken: { sequence: 3 } });
  });

  it('keeps no key, no endless user agent and no copy of large objects', async () => {
    const key = generateKey();
    await record(`pasted ${key}`, contextOf('request', `${key} agent\n${'x'.repeat(1_000)}`));
    await test.database.inTenant(owner.id, (scope) => {
      recordChange(scope, contextOf(), { ...change('large'), after: { text: 'x'.repeat(70_000) } });
      return Promise.resolve();
    });
    const [first, second] = await entries();
    expect(JSON.stringify(first?.after)).not.toContain(key);
    expect(first?.userAgent).toMatch(/^pk_… agent x+$/);
    expect(first?.userAgent).toHaveLength(256);
    expect(second?.after).toEqual({
      bytes: 70_011,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(await verify()).toMatchObject({ broken: null });
  });
});

interface Node {
  readonly [name: string]: unknown;
  readonly sequence: number;
  readonly previousHash: string;
  readonly hash: string;
}
const LOG = `query ($filter: AuditFilter, $first: Int, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    nodes { id sequence at actorId actorRole action objectKind objectId requestId ip userAgent before after previousHash hash }
    pageInfo { hasNextPage endCursor }
  }
}`;
const read = async (filter: object | null = null, page: object = {}) =>
  (
    await owner.caller.data<{
      auditLog: { nodes: Node[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    }>(LOG, { filter, ...page })
  ).auditLog;

describe('auditLog', () => {
  it('shows an administrator everything, the latest first, so that the chain can be computed again', async () => {
    for (let i = 0; i < 3; i++) await record(`gr\u00fcn "${i}"`, contextOf(`request-${i}`, 'agent'));
    const { nodes } = await read();
    expect(nodes.map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
    for (const node of nodes) {
      const fields = {
        ...{ tenant_id: owner.id, id: node['id'], sequence: String(node.sequence), at: node['at'] },
        ...{ actor_id: node['actorId'], actor_role: node['actorRole'], action: node['action'] },
        ...{ object_kind: node['objectKind'], object_id: node['objectId'], request_id: node['requestId'] },
        ...{
          ip: node['ip'],
          user_agent: node['userAgent'],
          before: null,
          after: JSON.stringify(node['after']),
        },
      } as HashedFields;
      expect(entryHash(Buffer.from(node.previousHash, 'hex'), fields).toString('hex')).toBe(node.hash);
    }
  });

  it('finds by action, object, actor, request and time, page by page', async () => {
    for (let i = 0; i < 3; i++) await record(`d${i}`, contextOf(`request-${i}`));
    const found = async (filter: object) => (await read(filter)).nodes.map(({ sequence }) => sequence);
    expect(await found({ actions: ['DATASET_CREATED'], objectKind: 'DATASET' })).toEqual([3, 2, 1]);
    expect(await found({ actions: ['MODEL_PROMOTED'] })).toEqual([]);
    expect(await found({ objectId: 'd1' })).toEqual([2]);
    expect(await found({ actorId: owner.keyId, requestId: 'request-2' })).toEqual([3]);
    expect(await found({ actorId: randomUUID() })).toEqual([]);
    const { nodes } = await read();
    const at = nodes[0]?.['at'];
    expect(await found({ from: at })).toContain(3);
    expect(await found({ until: at })).not.toContain(3);
    expect(await found({ from: '2000-01-01T00:00:00Z', until: '2000-01-02T00:00:00Z' })).toEqual([]);
    const { pageInfo } = await read(null, { first: 2 });
    expect((await read(null, { first: 2, after: pageInfo.endCursor })).nodes).toMatchObject([
      { sequence: 1 },
    ]);
    expect(await owner.caller.code(LOG, { filter: { from: at, until: at } })).toBe('BAD_USER_INPUT');
  });

  it('is for the administrators of the tenant alone', async () => {
    await record('ours');
    expect((await read()).nodes).toHaveLength(1);
    const stranger = await test.tenant();
    const { auditLog } = await stranger.caller.data<{ auditLog: { nodes: Node[] } }>(LOG);
    expect(auditLog.nodes).toEqual([]);
    for (const { caller } of [
      await test.tenant('ANALYST'),
      await test.tenant('SERVICE'),
      { caller: test.platform },
    ])
      expect(await caller.code(LOG)).toBe('FORBIDDEN');
  });
});
