import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FolderObjectStores } from './folder-object-store';
import { type ObjectStore } from './object-store';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'propensity-objects-'));
const tenantId = randomUUID();
const content = Buffer.from('id,label\n1,0\n');
const sha256 = createHash('sha256').update(content).digest('hex');
let stores: FolderObjectStores;
let store: ObjectStore;

beforeAll(async () => {
  stores = await FolderObjectStores.open(folder);
});
beforeEach(() => {
  store = stores.forTenant(tenantId);
});
afterEach(() => {
  jest.restoreAllMocks();
  // Whatever happened, nothing unfinished stays.
  expect(fs.readdirSync(path.join(folder, 'unfinished'))).toEqual([]);
  fs.rmSync(path.join(folder, tenantId), { recursive: true, force: true });
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What holds of every store is in test/contract/object-store.test.ts. */
describe('FolderObjectStores', () => {
  it.each([
    ['ENOSPC', 'the disk is full: free space'],
    ['EROFS', 'the file system is read-only: make it writable'],
  ])('is unavailable on %s, and keeps nothing', async (code, reason) => {
    const fail = (): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));
    const probe = await fs.promises.open(path.join(folder, 'probe'), 'w');
    const handle = Object.getPrototypeOf(probe) as { sync: () => Promise<void> };
    await probe.close();
    jest.spyOn(handle, 'sync').mockImplementation(fail);
    await expect(store.put(content)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `the object store does not work, because ${reason}`,
    });
    jest.restoreAllMocks();
    expect(await store.has(sha256)).toBe(false);
  });

  it('is refused in one line when its folder cannot be written', async () => {
    const file = path.join(folder, 'file');
    fs.writeFileSync(file, '');
    await expect(FolderObjectStores.open(path.join(file, 'objects'))).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringMatching(
        /cannot be written \(ENOTDIR\): make it writable, or set ARTIFACT_URL/,
      ) as string,
    });
  });

  it('removes what processes that are gone left unfinished, and nothing of those that live', async () => {
    const unfinished = (...parts: (string | number)[]): string =>
      path.join(folder, 'unfinished', parts.join('~'));
    const host = os.hostname().replace(/[^A-Za-z0-9-]/g, '_');
    const gone = [unfinished(host, 4_194_305, 'aa', '1'), unfinished(host, process.pid, 'aa', '2')];
    const alive = [unfinished(host, process.ppid, 'aa', '3'), unfinished('elsewhere', 1, 'aa', '4')];
    for (const file of [...gone, ...alive]) fs.writeFileSync(file, '');
    await FolderObjectStores.open(folder);
    expect([...gone, ...alive].filter((file) => fs.existsSync(file))).toEqual(alive);
    for (const file of alive) fs.rmSync(file);
  });
});
