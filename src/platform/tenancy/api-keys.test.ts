import {
  createTestDatabase,
  createTestTenant,
  type TestDatabase,
  type TestTenant,
} from '../../../test/support/test-database';
import { type Database } from '../persistence/database';
import { withOwner } from '../persistence/owner-connection';
import { ApiKey } from './api-key.entity';
import {
  createApiKey,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
  rotateApiKey,
  type Rotation,
} from './api-keys';
import { authenticate } from './authenticate';
import { installPlatformAdminKey } from './platform-admin-key';
import { generateKey, hashKey } from './api-key';

let server: TestDatabase;
let database: Database;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  server = await createTestDatabase();
  database = await server.connect([ApiKey]);
  tenant = await createTestTenant(database);
  other = await createTestTenant(database);
});
afterAll(() => server.drop());

const create = (options: NewApiKey, tenantId = tenant.id) =>
  database.inTenant(tenantId, (scope) => createApiKey(scope, options));
const revoke = (id: string, tenantId = tenant.id) =>
  database.inTenant(tenantId, (scope) => revokeApiKey(scope, id));

const rotate = (id: string, rotation: Rotation, tenantId = tenant.id) =>
  database.inTenant(tenantId, (scope) => rotateApiKey(scope, id, rotation));

describe('API keys', () => {
  it('are shown once and accepted as their tenant and role', async () => {
    const { id, key } = await create({ name: 'shop', role: 'SERVICE' });
    expect(key).toMatch(/^pk_[A-Za-z0-9_-]{43}$/);
    expect(await authenticate(database, key)).toEqual({ id, role: 'SERVICE', tenantId: tenant.id });
    const stored = await withOwner(server.ownerUrl, (owner) =>
      owner.query<{ text: string }>('SELECT api_keys::text AS text FROM api_keys WHERE id = $1', [id]),
    );
    expect(stored.rows[0]?.text).toContain(key.slice(0, 9));
    expect(stored.rows[0]?.text).not.toContain(key);
  });

  it.each([
    ['nothing', ''],
    ['a prefix', 'pk_'],
    ['another kind of credential', 'Bearer x'],
    ['an unknown key', generateKey()],
    ['a key that is too long', `${generateKey()}x`],
    ['text that is not ASCII', 'pk_é'],
  ])('refuses %s', async (_, key) => {
    expect(await authenticate(database, key)).toBeNull();
  });

  it('end when they are revoked, once, and only by their tenant', async () => {
    const { id, key } = await create({ name: 'old', role: 'ANALYST' });
    await expect(revoke(id, other.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { apiKey, ended } = await revoke(id);
    expect(ended).toBe(true);
    expect(await revoke(id)).toEqual({ apiKey, ended: false });
    // Never presented before, so not remembered either.
    expect(await authenticate(database, key)).toBeNull();
  });

  it('are refused within two seconds of being revoked where they were accepted before', async () => {
    const { id, key } = await create({ name: 'busy', role: 'SERVICE' });
    expect(await authenticate(database, key)).not.toBeNull();
    await revoke(id);
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 2_001);
    expect(await authenticate(database, key)).toBeNull();
    clock.mockRestore();
  });

  it('end when they expire', async () => {
    const { id, key } = await create({
      name: 'guest',
      role: 'SERVICE',
      expiresAt: new Date(Date.now() + 60_000),
    });
    await withOwner(server.ownerUrl, (owner) =>
      owner.query("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [id]),
    );
    expect(await authenticate(database, key)).toBeNull();
    await expect(create({ name: 'late', role: 'SERVICE', expiresAt: new Date(0) })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: 'expiresAt' }],
    });
  });

  it('are replaced by others of the same name and role; both work until the old one ends', async () => {
    const old = await create({ name: 'shop', role: 'SERVICE' });
    await expect(rotate(old.id, { overlapMinutes: 5 }, other.id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    for (const overlapMinutes of [-1, 0.5, 43_201])
      await expect(rotate(old.id, { overlapMinutes })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const made = await rotate(old.id, { overlapMinutes: 5 });
    expect(made.before).toMatchObject({ expiresAt: null, replacedBy: null });
    expect(made.after).toMatchObject({ replacedBy: made.id, expiresAt: expect.any(Date) as Date });
    expect(await authenticate(database, old.key)).toMatchObject({ id: old.id });
    expect(await authenticate(database, made.key)).toMatchObject({ id: made.id, role: 'SERVICE' });
    // As when the five minutes have passed.
    await withOwner(server.ownerUrl, (owner) =>
      owner.query("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [old.id]),
    );
    expect(await authenticate(await server.connect([]), old.key)).toBeNull();
    expect(await authenticate(database, made.key)).not.toBeNull();
  });

  it('are replaced once, while they last, at once where there is no overlap, and never live longer for it', async () => {
    const soon = new Date(Date.now() + 60_000);
    const old = await create({ name: 'guest', role: 'ANALYST', expiresAt: soon });
    const made = await rotate(old.id, { overlapMinutes: 60 });
    expect(made.after.expiresAt).toEqual(soon);
    await expect(rotate(old.id, { overlapMinutes: 0 })).rejects.toMatchObject({ code: 'CONFLICT' });
    await rotate(made.id, { overlapMinutes: 0, expiresAt: soon });
    expect(await authenticate(database, made.key)).toBeNull();
    await expect(rotate(made.id, { overlapMinutes: 0 })).rejects.toMatchObject({ code: 'CONFLICT' });
    const longer = "UPDATE api_keys SET expires_at = 'infinity' WHERE id = $1";
    await expect(database.inTenant(tenant.id, (scope) => scope.query(longer, [old.id]))).rejects.toThrow(
      /cannot be extended/,
    );
  });

  it('remember their last use to the minute', async () => {
    const { id, key } = await create({ name: 'used', role: 'SERVICE' });
    const lastUse = async (): Promise<Date | null | undefined> =>
      (await listApiKeys(database, tenant.id, { first: 100 })).items.find((item) => item.id === id)
        ?.lastUsedAt;
    expect(await lastUse()).toBeNull();
    await authenticate(database, key);
    const first = await lastUse();
    expect(first).toBeInstanceOf(Date);
    await database.asPlatform((scope) =>
      scope.query('SELECT * FROM authenticate_api_key($1)', [hashKey(key)]),
    );
    expect(await lastUse()).toEqual(first);
  });

  it('need a tenant that exists', async () => {
    const tenantId = '00000000-0000-4000-8000-000000000000';
    await expect(create({ name: 'x', role: 'SERVICE' }, tenantId)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('keep their hash from the application role', async () => {
    await expect(
      database.inTenant(tenant.id, (scope) => scope.query('SELECT hash FROM api_keys')),
    ).rejects.toThrow(/permission denied/);
  });
});

describe('the platform administrator’s key', () => {
  it('is the configured one and no other', async () => {
    const [first, second] = [generateKey(), generateKey()];
    await installPlatformAdminKey(server.ownerUrl, first);
    await installPlatformAdminKey(server.ownerUrl, first);
    expect(await authenticate(database, first)).toMatchObject({ role: 'PLATFORM_ADMIN', tenantId: null });
    await installPlatformAdminKey(server.ownerUrl, second);
    expect(await authenticate(await server.connect([]), first)).toBeNull();
    expect(await authenticate(database, second)).toMatchObject({ role: 'PLATFORM_ADMIN' });
    await installPlatformAdminKey(server.ownerUrl, first);
    expect(await authenticate(await server.connect([]), first)).toMatchObject({ role: 'PLATFORM_ADMIN' });
    await installPlatformAdminKey(server.ownerUrl, null);
    expect(await authenticate(await server.connect([]), first)).toBeNull();
  });

  it('cannot be made by a tenant', async () => {
    const insert = (tenantId: string | null): Promise<unknown> =>
      database.inTenant(tenant.id, (scope) =>
        scope.query(
          "INSERT INTO api_keys (id, tenant_id, name, role, prefix, hash) VALUES (gen_random_uuid(), $1, 'x', 'PLATFORM_ADMIN', 'x', 'x')",
          [tenantId],
        ),
      );
    await expect(insert(null)).rejects.toThrow(/row-level security/);
    await expect(insert(tenant.id)).rejects.toThrow(/violates check constraint/);
  });
});
