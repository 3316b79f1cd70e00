import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { type Damage } from '../../src/platform/artifacts/damage-report';
import { FolderObjectStores } from '../../src/platform/artifacts/folder-object-store';
import { LocalCopies } from '../../src/platform/artifacts/local-copies';
import { type ObjectStore, type ObjectStores } from '../../src/platform/artifacts/object-store';
import { type ObjectCiphers, objectCiphers } from '../../src/platform/artifacts/object-cipher';
import { S3ObjectStores } from '../../src/platform/artifacts/s3/s3-object-store';
import { FixedKeys } from '../support/artifacts/fixed-keys';
import { S3_BUCKET, S3_CREDENTIALS, startS3, type TestS3 } from '../support/artifacts/s3-server';

/** A kind of store, in which a test can look where it keeps what. */
interface Subject {
  readonly stores: ObjectStores;
  fileOf(tenantId: string, sha256: string): string;
  fileOfNamed(tenantId: string, name: string): string;
  /** What is on its way in, on this machine. */
  unfinished(): string[];
  close(): Promise<void>;
}

const damages: Damage[] = [];
const onDamage = (damage: Damage): void => void damages.push(damage);

async function openFolder(ciphers?: ObjectCiphers): Promise<Subject> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'propensity-objects-'));
  const cache = path.join(folder, 'cache');
  const encryption = ciphers && {
    ciphers,
    copies: await LocalCopies.open({ folder: cache, maxBytes: 2 ** 30 }),
  };
  return {
    stores: await FolderObjectStores.open(folder, { onDamage, ...(encryption && { encryption }) }),
    fileOf: (tenantId, sha256) => path.join(folder, tenantId, 'objects', sha256.slice(0, 2), sha256),
    fileOfNamed: (tenantId, name) => path.join(folder, tenantId, 'named', name),
    unfinished: () => fs.readdirSync(path.join(folder, 'unfinished')),
    close: () => fs.promises.rm(folder, { recursive: true }),
  };
}

async function openS3(ciphers?: ObjectCiphers): Promise<Subject> {
  Object.assign(process.env, S3_CREDENTIALS);
  const server: TestS3 = await startS3();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'propensity-copies-'));
  const stores = await S3ObjectStores.open({
    ...{ bucket: S3_BUCKET, prefix: 'some/where/', endpoint: server.endpoint },
    ...{ region: 'us-east-1', pathStyle: true, onDamage },
    copies: await LocalCopies.open({ folder, maxBytes: 2 ** 30 }),
    ...(ciphers && { ciphers }),
  });
  await stores.check();
  return {
    stores,
    fileOf: (tenantId, sha256) => server.fileOf(`some/where/${tenantId}/objects/${sha256}`),
    fileOfNamed: (tenantId, name) => server.fileOf(`some/where/${tenantId}/named/${name}`),
    unfinished: () => fs.readdirSync(path.join(folder, 'unfinished')),
    close: async () => {
      await server.stop();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

const encrypted = (): ObjectCiphers => objectCiphers(new FixedKeys(), { seals: true });

const content = Buffer.from('id,label\n1,0\n');
const sha256 = createHash('sha256').update(content).digest('hex');

describe.each([
  ['a folder, in the clear', () => openFolder()],
  ['a folder, encrypted', () => openFolder(encrypted())],
  ['S3, in the clear', () => openS3()],
  ['S3, encrypted', () => openS3(encrypted())],
])('an object store in %s', (_, open) => {
  let subject: Subject;
  let tenantId: string;
  let store: ObjectStore;

  beforeAll(async () => {
    subject = await open();
  });
  beforeEach(() => {
    tenantId = randomUUID();
    store = subject.stores.forTenant(tenantId);
    damages.length = 0;
  });
  afterEach(() => {
    // Whatever happened, nothing unfinished stays.
    expect(subject.unfinished()).toEqual([]);
  });
  afterAll(() => subject.close());

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

  it.each([
    ['an empty one', 0],
    ['one of many chunks', 3 * 1024 * 1024 + 17],
    ['one of several parts', 33 * 1024 * 1024 + 5],
  ])('keeps %s, from bytes and from a stream, to the byte', async (_name, size) => {
    const bytes = randomBytes(size);
    const stream = Readable.from(bytes, { objectMode: false, highWaterMark: 100_000 });
    const large = await store.put(stream);
    expect(large.bytes).toBe(size);
    expect(Buffer.from(await store.get(large.sha256)).equals(bytes)).toBe(true);
    expect(fs.readFileSync(await store.localPath(large.sha256)).equals(bytes)).toBe(true);
    const other = subject.stores.forTenant(randomUUID());
    expect(await other.put(bytes)).toEqual(large);
    expect(fs.readFileSync(await other.localPath(large.sha256)).equals(bytes)).toBe(true);
  });

  it('keeps tenants apart', async () => {
    await store.put(content);
    const other = subject.stores.forTenant(randomUUID());
    expect(await other.has(sha256)).toBe(false);
    await expect(other.get(sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(other.localPath(sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(() => subject.stores.forTenant('../../etc')).toThrow(TypeError);
  });

  it.each(['', 'x', '../../../etc/passwd', sha256.toUpperCase(), `${sha256}0`])(
    'has nothing under the address %p',
    async (address) => {
      await store.put(content);
      expect(await store.has(address)).toBe(false);
      await store.delete(address);
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
    await expect(store.put(content, { maxBytes: 3 })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await store.has(sha256)).toBe(false);
    expect(await store.put(content, { maxBytes: content.length })).toMatchObject({ sha256 });
  });

  it('refuses content with another digest than was expected', async () => {
    for (const sent of [content, Readable.from([content])]) {
      await expect(store.put(sent, { expectedSha256: 'ab'.repeat(32) })).rejects.toMatchObject({
        code: 'INVALID_DATA',
      });
    }
    expect(await store.has(sha256)).toBe(false);
    await expect(store.localPath(sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
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
    expect(await store.has(sha256)).toBe(false);
    expect(fs.existsSync(subject.fileOf(tenantId, sha256))).toBe(false);
  });

  it('notices one flipped bit, tells whoever runs it, and heals when the content is stored again', async () => {
    await store.put(content);
    const flipped = Buffer.from(content);
    flipped[3]! ^= 1;
    fs.writeFileSync(subject.fileOf(tenantId, sha256), flipped);
    const damaged = { code: 'UNAVAILABLE', message: expect.stringContaining(sha256) as string };
    await expect(store.get(sha256)).rejects.toMatchObject(damaged);
    await expect(store.localPath(sha256)).rejects.toMatchObject(damaged);
    expect(damages).toEqual([
      { tenantId, object: sha256 },
      { tenantId, object: sha256 },
    ]);
    await store.put(content);
    expect(Buffer.from(await store.get(sha256))).toEqual(content);
    expect(fs.readFileSync(await store.localPath(sha256))).toEqual(content);
  });

  it('notices a changed file also when its times are set back', async () => {
    await store.put(content);
    const file = await store.localPath(sha256);
    const { atime, mtime } = fs.statSync(file);
    const changed = Buffer.from(content);
    changed[9]! ^= 1;
    fs.writeFileSync(file, changed);
    fs.utimesSync(file, atime, mtime);
    const again = await store.localPath(sha256).then(
      (path) => fs.readFileSync(path),
      (error: unknown) => (error as { code: string }).code,
    );
    // What is stored is damaged, or what is stored is whole and the copy is made anew; never the changed bytes.
    expect([content, 'UNAVAILABLE']).toContainEqual(again);
  });

  it('deletes for good, and what is absent stays so', async () => {
    await store.put(Readable.from([content]));
    await store.localPath(sha256);
    await store.delete(sha256);
    await store.delete(sha256);
    expect(await store.has(sha256)).toBe(false);
    await expect(store.get(sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(store.localPath(sha256)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('stores the same content many times at once', async () => {
    const bytes = randomBytes(100_000);
    const stored = await Promise.all(
      [1, 2, 3, 4].map((part) =>
        store.put(
          part % 2 === 0 ? bytes : Readable.from(bytes, { objectMode: false, highWaterMark: 10_000 }),
        ),
      ),
    );
    expect(new Set(stored.map((object) => object.sha256)).size).toBe(1);
    expect(Buffer.from(await store.get(stored[0]!.sha256)).equals(bytes)).toBe(true);
  });

  describe('named objects', () => {
    it('replace each other and end', async () => {
      expect(await store.getNamed('checkpoints/run')).toBeNull();
      await store.putNamed('checkpoints/run', Buffer.from('one'));
      await store.putNamed('checkpoints/run', Buffer.from('two'));
      expect(Buffer.from((await store.getNamed('checkpoints/run')) ?? []).toString()).toBe('two');
      expect(await subject.stores.forTenant(randomUUID()).getNamed('checkpoints/run')).toBeNull();
      await store.deleteNamed('checkpoints/run');
      await store.deleteNamed('checkpoints/run');
      expect(await store.getNamed('checkpoints/run')).toBeNull();
    });

    it('are absent when they are damaged, which is told', async () => {
      await store.putNamed('run', Buffer.from('one'));
      const file = subject.fileOfNamed(tenantId, 'run');
      const stored = fs.readFileSync(file);
      for (const size of [34, 3]) {
        fs.writeFileSync(file, stored.subarray(0, size));
        expect(await store.getNamed('run')).toBeNull();
      }
      expect(damages).toEqual([
        { tenantId, object: 'run' },
        { tenantId, object: 'run' },
      ]);
    });

    it.each(['', '.', '../x', 'a/../b', '/x', 'a//b', 'a/'])('have no name like %p', async (name) => {
      await expect(store.putNamed(name, content)).rejects.toThrow(TypeError);
      await expect(store.getNamed(name)).rejects.toThrow(TypeError);
    });
  });
});
