import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import { openObjectStores } from '../../src/platform/artifacts/open-object-stores';
import { type ObjectStore } from '../../src/platform/artifacts/object-store';
import { AuditEntry } from '../../src/platform/audit/audit-entry.entity';
import { type Config, loadConfig } from '../../src/platform/config/config';
import { MasterKeys } from '../../src/platform/encryption/master-keys';
import { HEADER_BYTES, headerOf } from '../../src/platform/encryption/object-frames';
import { ObjectKeys } from '../../src/platform/encryption/object-keys';
import { rewrapKeys } from '../../src/platform/encryption/rewrap-keys';
import { TenantKeys } from '../../src/platform/encryption/tenant-keys';
import { type Database } from '../../src/platform/persistence/database';
import { filesIn, filesWith } from '../support/artifacts/files-with';
import {
  createTestDatabase,
  createTestTenant,
  type TestDatabase,
  type TestTenant,
} from '../support/test-database';

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const content = Buffer.from('id,label\nplanted-value,1\n');

let server: TestDatabase;
let database: Database;
let tenant: TestTenant;
let folder: string;
beforeAll(async () => {
  server = await createTestDatabase();
  database = await server.connect([AuditEntry]);
});
beforeEach(async () => {
  tenant = await createTestTenant(database);
  folder = await mkdtemp(path.join(tmpdir(), 'propensity-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));
afterAll(() => server.drop());

interface Opened {
  readonly store: ObjectStore;
  /** What was logged. */
  readonly log: string[];
}

async function open(config: Partial<Config> = {}, at = folder): Promise<Opened> {
  const log: string[] = [];
  const logger = pino({}, { write: (line: string) => void log.push(line) });
  const settings = { ...loadConfig({}), dataDirectory: at, ...config };
  const stores = await openObjectStores(settings, { database, logger });
  return { store: stores.forTenant(tenant.id), log };
}

const storedIn = (directory: string): string[] => filesIn(path.join(directory, tenant.id));
const keyIdOf = (file: string): string | undefined =>
  headerOf(readFileSync(file).subarray(0, HEADER_BYTES))?.keyId;
const usable = (...bytes: number[]): MasterKeys =>
  new MasterKeys({ masterKey: bytes.map(key).join(','), masterKeyFile: null, dataDirectory: '' });

describe('the keys of stored objects', () => {
  it('are the tenant’s data keys, wrapped by a master key that is made beside the objects where none is named', async () => {
    const { store, log } = await open();
    const { sha256 } = await store.put(content);
    expect(filesWith(folder, 'planted-value')).toEqual([]);
    const rows = await database.inTenant(tenant.id, (scope) =>
      scope.query<{ id: string }>('SELECT id FROM tenant_keys WHERE tenant_id = $1', [tenant.id]),
    );
    expect(storedIn(path.join(folder, 'objects')).map(keyIdOf)).toEqual(rows.map(({ id }) => id));
    expect(log).toEqual([]);
    // Another process finds the same.
    expect(Buffer.from(await (await open()).store.get(sha256))).toEqual(content);
  });

  it('are not used for new objects that lie elsewhere while no master key is named, which is told at the start', async () => {
    const elsewhere = path.join(folder, 'elsewhere');
    const artifactUrl = pathToFileURL(elsewhere).href;
    const clear = await open({ artifactUrl });
    const { sha256 } = await clear.store.put(content);
    expect(clear.log.join()).toContain('objects are stored in the clear');
    expect(storedIn(elsewhere).map(keyIdOf)).toEqual([undefined]);
    // Once it is named, what was there is read, and what comes is encrypted.
    const named = await open({ artifactUrl, masterKey: key(1) }, path.join(folder, 'another-machine'));
    expect(Buffer.from(await named.store.get(sha256))).toEqual(content);
    await named.store.put(content);
    expect(storedIn(elsewhere).map(keyIdOf)).toEqual([expect.any(String)]);
    expect(named.log).toEqual([]);
  });

  it('are waited for while the master key is not there: nobody is told where it is looked for but the log', async () => {
    const { store } = await open({ masterKey: key(1) });
    const { sha256 } = await store.put(content);
    const lost = await open();
    const attempt = lost.store.localPath(sha256);
    await expect(attempt).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.not.stringContaining(folder) as string,
    });
    expect(lost.log.join()).toContain(path.join(folder, 'master-keys'));
    expect(filesWith(folder, 'planted-value')).toEqual([]);
    const found = await open({ masterKey: `${key(2)},${key(1)}` });
    expect(readFileSync(await found.store.localPath(sha256))).toEqual(content);
  });

  it('keep a process from starting that could not encrypt', async () => {
    const file = path.join(folder, 'keys');
    await writeFile(file, 'not a key');
    await expect(open({ masterKeyFile: file })).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' });
  });

  it('are rotated without a change of what is stored: within a minute the new one seals, and the old one opens', async () => {
    let now = 0;
    const tenantKeys = new TenantKeys(usable(1));
    const onUnusable = (): never => {
      throw new Error('they can be used');
    };
    const keys = new ObjectKeys({ database, keys: tenantKeys, onUnusable, now: () => now });
    const before = await keys.sealing(tenant.id);
    const { id } = await database.inTenant(tenant.id, (scope) => tenantKeys.rotate(scope));
    now = 59_999;
    expect(await keys.sealing(tenant.id)).toEqual(before);
    now = 60_000;
    expect((await keys.sealing(tenant.id)).id).toBe(id);
    const elsewhere = new ObjectKeys({ database, keys: new TenantKeys(usable(1)), onUnusable });
    expect(await elsewhere.opening(tenant.id, before.id)).toEqual(before);
    // They are the tenant's alone.
    const stranger = await createTestTenant(database);
    expect(await elsewhere.opening(stranger.id, before.id)).toBeNull();
  });

  it('are wrapped anew with another master key, and open what was stored before', async () => {
    const { store } = await open({ masterKey: key(1) });
    const { sha256 } = await store.put(content);
    await rewrapKeys(database, usable(2, 1), { tenantId: tenant.id, requestId: randomUUID() });
    const { store: after } = await open({ masterKey: key(2) });
    expect(Buffer.from(await after.get(sha256))).toEqual(content);
  });
});
