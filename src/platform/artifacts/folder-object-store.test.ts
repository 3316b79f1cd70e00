import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
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

const fileOf = (digest: string): string => path.join(folder, tenantId, 'objects', digest.slice(0, 2), digest);

describe('FolderObjectStores', () => {
  it('stores content under its digest, from bytes or a stream, once', async () => {
    expect(await store.put(content)).toEqual({ sha256, bytes: content.length });
    expect(await store.put(Readable.from([content.subarray(0, 4), content.subarray(4)]))).toEqual({
      sha256,
      bytes: content.length,
    });
    expect(Buffer.from(await store.get(sha256))).toEqual(content);
    expect(fs.readFileSync(await store.localPath(sha256))).toEqual(content);
    expect(await store.has(sha256)).toBe(true);
  });

  it('stores an empty object and one of many chunks', async () => {
    const empty = await store.put(new Uint8Array());
    expect(await store.get(empty.sha256)).toHaveLength(0);
    const bytes = randomBytes(3 * 1024 * 1024 + 17);
    const large = await store.put(Readable.from(bytes, { objectMode: false, highWaterMark: 1000 }));
    expect(Buffer.from(await store.get(large.sha256)).equals(bytes)).toBe(true);
  });

  it('keeps tenants apart', async () => {
    await store.put(content);
    const other = stores.forTenant(randomUUID());
    expect(await other.has(sha256)).toBe(false);
    await expect(other.get(sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(() => stores.forTenant('../../etc')).toThrow(TypeError);
  });

  it.each(['', 'x', '../../../etc/passwd', sha256.toUpperCase(), `${sha256}0`])(
    'has nothing under the address %p',
    async (address) => {
      await store.put(content);
      expect(await store.has(address)).toBe(false);
      await expect(store.get(address)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(store.localPath(address)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    },
  );

  it('refuses what is too large, reads no further and leaves the stream to its owner', async () => {
    let read = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          read += 1000;
          yield Buffer.alloc(1000);
        }
      })(),
      { objectMode: false, highWaterMark: 1000 },
    );
    await expect(store.put(endless, { maxBytes: 5000 })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(read).toBeLessThan(50_000);
    expect(endless.destroyed).toBe(false);
    endless.destroy();
    expect(await store.put(content, { maxBytes: content.length })).toMatchObject({ sha256 });
  });

  it('refuses content with another digest than was expected', async () => {
    await expect(store.put(content, { expectedSha256: 'ab'.repeat(32) })).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
    expect(await store.has(sha256)).toBe(false);
    await store.put(content, { expectedSha256: sha256 });
  });

  it('keeps nothing of a stream that breaks', async () => {
    const broken = new Readable({ read: () => undefined });
    broken.push(content);
    const put = store.put(broken);
    broken.destroy(new Error('connection lost'));
    await expect(put).rejects.toThrow('connection lost');
    const cut = new Readable({ read: () => undefined });
    const cutPut = store.put(cut);
    cut.destroy();
    await expect(cutPut).rejects.toThrow(/premature close/i);
    expect(fs.existsSync(path.join(folder, tenantId))).toBe(false);
  });

  it('notices content that changed on the disk, and heals when it is stored again', async () => {
    await store.put(content);
    fs.writeFileSync(fileOf(sha256), 'id,label\n1,1\n');
    await expect(store.get(sha256)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.localPath(sha256)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await store.put(content);
    expect(Buffer.from(await store.get(sha256))).toEqual(content);
  });

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

describe('named objects', () => {
  it('replace each other and end', async () => {
    expect(await store.getNamed('checkpoints/run')).toBeNull();
    await store.putNamed('checkpoints/run', Buffer.from('one'));
    await store.putNamed('checkpoints/run', Buffer.from('two'));
    expect(Buffer.from((await store.getNamed('checkpoints/run')) ?? []).toString()).toBe('two');
    await store.deleteNamed('checkpoints/run');
    await store.deleteNamed('checkpoints/run');
    expect(await store.getNamed('checkpoints/run')).toBeNull();
  });

  it('are absent when they are damaged', async () => {
    await store.putNamed('run', Buffer.from('one'));
    const file = path.join(folder, tenantId, 'named', 'run');
    for (const size of [34, 3]) {
      fs.truncateSync(file, size);
      expect(await store.getNamed('run')).toBeNull();
    }
  });

  it.each(['', '.', '../x', 'a/../b', '/x', 'a//b', 'a/'])('have no name like %p', async (name) => {
    await expect(store.putNamed(name, content)).rejects.toThrow(TypeError);
  });
});
