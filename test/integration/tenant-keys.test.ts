import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { MasterKeys } from '../../src/platform/encryption/master-keys';
import { rewrapKeys } from '../../src/platform/encryption/rewrap-keys';
import { TenantKeys } from '../../src/platform/encryption/tenant-keys';
import { type Database } from '../../src/platform/persistence/database';
import { withOwner } from '../../src/platform/persistence/owner-connection';
import { AuditEntry } from '../../src/platform/audit/audit-entry.entity';
import {
  createTestDatabase,
  createTestTenant,
  type TestDatabase,
  type TestTenant,
} from '../support/test-database';
import { platformEnvironment } from '../support/platform-environment';

const COMMAND = path.resolve(__dirname, '../../dist/src/app/rotate-master-key.js');
const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const master = (...bytes: number[]): MasterKeys =>
  new MasterKeys({ masterKey: bytes.map(key).join(','), masterKeyFile: null, dataDirectory: '' });

let server: TestDatabase;
let database: Database;
let ours: TestTenant;
let theirs: TestTenant;
beforeAll(async () => {
  server = await createTestDatabase();
  database = await server.connect([AuditEntry]);
});
beforeEach(async () => {
  ours = await createTestTenant(database);
  theirs = await createTestTenant(database);
});
afterAll(() => server.drop());

const sealed = (keys: TenantKeys, tenant: TestTenant, text = 'whsec_x'): Promise<string> =>
  database.inTenant(tenant.id, (scope) => keys.seal(scope, text, 'a secret'));
const opened = (
  keys: TenantKeys,
  tenant: TestTenant,
  stored: string,
  context = 'a secret',
): Promise<string> => database.inTenant(tenant.id, (scope) => keys.open(scope, stored, context));

describe('a tenant’s data keys', () => {
  it('are made once by many who seal at once, and open what they sealed', async () => {
    const keys = new TenantKeys(master(1));
    const all = await Promise.all(Array.from({ length: 8 }, () => sealed(keys, ours)));
    expect(new Set(all.map((text) => text.split(':')[1])).size).toBe(1);
    expect(all.join()).not.toContain('whsec');
    for (const text of all) expect(await opened(keys, ours, text)).toBe('whsec_x');
  });

  it('open nothing of another tenant, and nothing elsewhere', async () => {
    const keys = new TenantKeys(master(1));
    const text = await sealed(keys, ours);
    await sealed(keys, theirs);
    await expect(opened(keys, theirs, text)).rejects.toThrow('the tenant has no data key');
    await expect(opened(keys, ours, text, 'another secret')).rejects.toThrow();
    // Also not with the other's own key named in it.
    const theirKey = (await sealed(keys, theirs)).split(':')[1] ?? '';
    const forged = text.replace(/sealed:[^:]+/, `sealed:${theirKey}`);
    await expect(opened(keys, theirs, forged)).rejects.toThrow();
  });

  it('leave as it is what was stored before there was encryption', async () => {
    expect(await opened(new TenantKeys(master(1)), ours, 'whsec_plain')).toBe('whsec_plain');
  });

  it('are rotated: the new one seals, the old one opens', async () => {
    const keys = new TenantKeys(master(1));
    const before = await sealed(keys, ours);
    const { id, previous } = await database.inTenant(ours.id, (scope) => keys.rotate(scope));
    expect(before.split(':')[1]).toBe(previous);
    expect((await sealed(keys, ours)).split(':')[1]).toBe(id);
    expect(await opened(keys, ours, before)).toBe('whsec_x');
  });

  it('are wrapped anew when the master key is rotated, and need the old one no more; the audit log has it', async () => {
    const text = await sealed(new TenantKeys(master(1)), ours);
    await expect(opened(new TenantKeys(master(2)), ours, text)).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
    });
    const request = { tenantId: ours.id, requestId: randomUUID() };
    expect(await rewrapKeys(database, master(2, 1), request)).toBe(1);
    expect(await rewrapKeys(database, master(2, 1), request)).toBe(0);
    expect(await opened(new TenantKeys(master(2)), ours, text)).toBe('whsec_x');
    const entries = await database.inTenant(ours.id, (scope) => scope.repository(AuditEntry).find());
    expect(entries.filter(({ action }) => action === 'MASTER_KEY_ROTATED')).toMatchObject([
      { actorRole: 'SYSTEM', objectId: ours.id },
    ]);
  });

  it('are wrapped anew by the command, which puts a new master key before the one in the file', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'master-key-'));
    try {
      const file = path.join(folder, 'keys');
      await writeFile(file, `${key(1)}\n`);
      const inFile = (): MasterKeys =>
        new MasterKeys({ masterKey: null, masterKeyFile: file, dataDirectory: folder });
      const running = new TenantKeys(inFile());
      const text = await sealed(running, ours);
      // Of other tests, wrapped by keys that this file does not have.
      await withOwner(server.ownerUrl, (owner) =>
        owner.query('DELETE FROM tenant_keys WHERE tenant_id <> $1', [ours.id]),
      );
      const { stdout } = await promisify(execFile)(process.execPath, [COMMAND], {
        env: {
          ...platformEnvironment(),
          DATABASE_URL: server.ownerUrl,
          PROPENSITY_MASTER_KEY_FILE: file,
        },
      });
      expect(stdout).toContain('1 data keys were wrapped by another before');
      const [newest, old] = (await readFile(file, 'utf8')).trim().split('\n');
      expect([newest === key(1), old]).toEqual([false, key(1)]);
      // A process that was running meets the new key, and a process that has it alone needs no other.
      expect(await opened(running, ours, text)).toBe('whsec_x');
      const alone = new MasterKeys({ masterKey: newest ?? '', masterKeyFile: null, dataDirectory: '' });
      expect(await opened(new TenantKeys(alone), ours, text)).toBe('whsec_x');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('cannot be wrapped anew without the master key that they have', async () => {
    await sealed(new TenantKeys(master(1)), ours);
    await expect(
      rewrapKeys(database, master(3), { tenantId: ours.id, requestId: randomUUID() }),
    ).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' });
  });
});
