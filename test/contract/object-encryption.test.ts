import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '../../src/errors';
import { type Damage } from '../../src/platform/artifacts/damage-report';
import { FolderObjectStores } from '../../src/platform/artifacts/folder-object-store';
import { LocalCopies } from '../../src/platform/artifacts/local-copies';
import { type ObjectCiphers, objectCiphers } from '../../src/platform/artifacts/object-cipher';
import { type ObjectStore, type ObjectStores } from '../../src/platform/artifacts/object-store';
import { S3ObjectStores } from '../../src/platform/artifacts/s3/s3-object-store';
import { HEADER_BYTES, headerOf } from '../../src/platform/encryption/object-frames';
import { filesIn, filesWith } from '../support/artifacts/files-with';
import { FixedKeys } from '../support/artifacts/fixed-keys';
import { S3_BUCKET, S3_CREDENTIALS, startS3 } from '../support/artifacts/s3-server';

/** A kind of store that several processes open, each with ciphers of its own. */
interface Subject {
  open(ciphers?: ObjectCiphers): Promise<ObjectStores>;
  /** Where the store keeps everything. */
  readonly folder: string;
  /** Where local copies are. */
  readonly cache: string;
  fileOf(tenantId: string, sha256: string): string;
  fileOfNamed(tenantId: string, name: string): string;
  close(): Promise<void>;
}

const damages: Damage[] = [];
const onDamage = (damage: Damage): void => void damages.push(damage);
const temporary = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'propensity-encrypted-'));
const copiesIn = (folder: string): Promise<LocalCopies> => LocalCopies.open({ folder, maxBytes: 2 ** 30 });

function inFolder(): Promise<Subject> {
  const [folder, cache] = [temporary(), path.join(temporary(), 'cache')];
  return Promise.resolve({
    ...{ folder, cache },
    open: async (ciphers) =>
      FolderObjectStores.open(folder, {
        onDamage,
        ...(ciphers && { encryption: { ciphers, copies: await copiesIn(cache) } }),
      }),
    fileOf: (tenantId, sha256) => path.join(folder, tenantId, 'objects', sha256.slice(0, 2), sha256),
    fileOfNamed: (tenantId, name) => path.join(folder, tenantId, 'named', name),
    close: () => {
      for (const each of [folder, path.dirname(cache)]) fs.rmSync(each, { recursive: true });
      return Promise.resolve();
    },
  });
}

async function inS3(): Promise<Subject> {
  Object.assign(process.env, S3_CREDENTIALS);
  const server = await startS3();
  const cache = path.join(temporary(), 'cache');
  return {
    ...{ folder: server.folder, cache },
    open: async (ciphers) =>
      S3ObjectStores.open({
        ...{ bucket: S3_BUCKET, prefix: '', endpoint: server.endpoint, region: 'us-east-1' },
        ...{ pathStyle: true, onDamage, copies: await copiesIn(cache), ...(ciphers && { ciphers }) },
      }),
    fileOf: (tenantId, sha256) => server.fileOf(`${tenantId}/objects/${sha256}`),
    fileOfNamed: (tenantId, name) => server.fileOf(`${tenantId}/named/${name}`),
    close: async () => {
      await server.stop();
      fs.rmSync(path.dirname(cache), { recursive: true });
    },
  };
}

const content = Buffer.from(`id,label\n${'planted-value,1\n'.repeat(50_000)}`);
const other = Buffer.from('id,label\nanother,0\n');
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const [sha256, otherSha256] = [digestOf(content), digestOf(other)];
const damaged = { code: 'UNAVAILABLE', message: expect.stringContaining('is damaged') as string };

describe.each([
  ['a folder', inFolder],
  ['S3', inS3],
])('encrypted objects in %s', (_, make) => {
  let subject: Subject;
  let keys: FixedKeys;
  let stores: ObjectStores;
  let tenantId: string;
  let store: ObjectStore;

  beforeEach(async () => {
    subject = await make();
    keys = new FixedKeys();
    stores = await subject.open(objectCiphers(keys, { seals: true }));
    tenantId = randomUUID();
    store = stores.forTenant(tenantId);
    damages.length = 0;
  });
  afterEach(() => subject.close());

  const headerAt = (file: string) => headerOf(fs.readFileSync(file).subarray(0, HEADER_BYTES));

  it('show nothing of what they are, from bytes and from a stream, content and named', async () => {
    await store.put(Readable.from([content]));
    await store.put(other);
    await store.putNamed('checkpoints/run', content);
    for (const text of ['planted-value', 'another', 'label'])
      expect(filesWith(subject.folder, text)).toEqual([]);
    expect(Buffer.from(await store.get(sha256)).equals(content)).toBe(true);
    expect(fs.readFileSync(await store.localPath(sha256)).equals(content)).toBe(true);
    expect(Buffer.from((await store.getNamed('checkpoints/run')) ?? []).equals(content)).toBe(true);
  });

  it('have nothing in common between tenants, nor between two writings', async () => {
    const twin = randomUUID();
    const written = async (tenant: string): Promise<string> => {
      await stores.forTenant(tenant).put(content);
      return fs.readFileSync(subject.fileOf(tenant, sha256)).toString('latin1', HEADER_BYTES);
    };
    const all = [await written(tenantId), await written(tenantId), await written(twin)];
    expect(new Set(all.map((text) => text.slice(0, 1000))).size).toBe(3);
  });

  it('are read by whoever meets objects from before, which the next writing encrypts', async () => {
    const before = (await subject.open()).forTenant(tenantId);
    await before.put(content);
    await before.put(Readable.from([other]));
    await before.putNamed('run', other);
    expect(headerAt(subject.fileOf(tenantId, sha256))).toBeNull();
    expect(Buffer.from(await store.get(sha256)).equals(content)).toBe(true);
    expect(fs.readFileSync(await store.localPath(otherSha256)).equals(other)).toBe(true);
    expect(Buffer.from((await store.getNamed('run')) ?? []).equals(other)).toBe(true);
    await store.put(content);
    expect(headerAt(subject.fileOf(tenantId, sha256))).not.toBeNull();
    expect(fs.readFileSync(await store.localPath(sha256)).equals(content)).toBe(true);
  });

  it('are opened by a process that encrypts nothing but has the keys, and by none without', async () => {
    await store.put(content);
    const reading = (await subject.open(objectCiphers(keys, { seals: false }))).forTenant(tenantId);
    expect(Buffer.from(await reading.get(sha256)).equals(content)).toBe(true);
    await reading.put(other);
    expect(headerAt(subject.fileOf(tenantId, otherSha256))).toBeNull();
    await expect((await subject.open()).forTenant(tenantId).get(sha256)).rejects.toMatchObject(damaged);
  });

  it('are opened with the key that they name, after a rotation as well; what comes then has the new one', async () => {
    await store.put(content);
    keys.rotate();
    await store.put(other);
    const [first, second] = [sha256, otherSha256].map((each) => headerAt(subject.fileOf(tenantId, each)));
    expect(first?.keyId).not.toBe(second?.keyId);
    expect(Buffer.from(await store.get(sha256)).equals(content)).toBe(true);
    expect(Buffer.from(await store.get(otherSha256)).equals(other)).toBe(true);
  });

  it('cannot be put in the place of another, of the same tenant or of another, and are told as damaged', async () => {
    await store.put(content);
    await store.put(other);
    fs.copyFileSync(subject.fileOf(tenantId, otherSha256), subject.fileOf(tenantId, sha256));
    await expect(store.get(sha256)).rejects.toMatchObject(damaged);
    await expect(store.localPath(sha256)).rejects.toMatchObject(damaged);
    const stranger = randomUUID();
    await stores.forTenant(stranger).put(other);
    fs.copyFileSync(subject.fileOf(stranger, otherSha256), subject.fileOf(tenantId, otherSha256));
    await expect(store.get(otherSha256)).rejects.toMatchObject(damaged);
    await store.putNamed('one', content);
    await store.putNamed('two', other);
    fs.copyFileSync(subject.fileOfNamed(tenantId, 'two'), subject.fileOfNamed(tenantId, 'one'));
    expect(await store.getNamed('one')).toBeNull();
    expect(damages.map(({ object }) => object)).toEqual([sha256, sha256, otherSha256, 'one']);
    expect(new Set(damages.map((damage) => damage.tenantId))).toEqual(new Set([tenantId]));
  });

  it('are damaged when anything of them is missing or changed, and leave nothing on the disk then', async () => {
    await store.put(content);
    await store.putNamed('run', content);
    const file = subject.fileOf(tenantId, sha256);
    const whole = fs.readFileSync(file);
    for (const length of [10, HEADER_BYTES, HEADER_BYTES + 262_160, whole.length - 1]) {
      fs.writeFileSync(file, whole.subarray(0, length));
      await expect(store.get(sha256)).rejects.toMatchObject(damaged);
      await expect(store.localPath(sha256)).rejects.toMatchObject(damaged);
    }
    for (const at of [8, 30, HEADER_BYTES, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      fs.writeFileSync(file, changed);
      await expect(store.get(sha256)).rejects.toMatchObject(damaged);
      await expect(store.localPath(sha256)).rejects.toMatchObject(damaged);
    }
    expect(filesIn(subject.cache)).toEqual([]);
    const named = subject.fileOfNamed(tenantId, 'run');
    fs.writeFileSync(named, fs.readFileSync(named).subarray(0, HEADER_BYTES + 262_160));
    expect(await store.getNamed('run')).toBeNull();
    expect(damages).toHaveLength(17);
  });

  it('have decrypted copies for their user alone, which go with them', async () => {
    await store.put(Readable.from([content]));
    const copy = await store.localPath(sha256);
    expect(copy.startsWith(subject.cache)).toBe(true);
    expect(fs.statSync(copy).mode & 0o777).toBe(0o600);
    for (let at = path.dirname(copy); at.length >= subject.cache.length; at = path.dirname(at))
      expect([at, fs.statSync(at).mode & 0o777]).toEqual([at, 0o700]);
    await store.delete(sha256);
    expect(filesWith(subject.cache, 'planted-value')).toEqual([]);
  });

  it('wait for keys that cannot be used, and leave nothing behind', async () => {
    await store.put(content);
    const never = Buffer.from('id\nnever-stored\n');
    const away = () => Promise.reject(new AppError('UNAVAILABLE', 'the encryption keys cannot be used'));
    const keyless = (
      await subject.open(objectCiphers({ sealing: away, opening: away }, { seals: true }))
    ).forTenant(tenantId);
    const unavailable = { code: 'UNAVAILABLE', message: expect.stringContaining('keys') as string };
    for (const attempt of [
      () => keyless.get(sha256),
      () => keyless.put(never),
      () => keyless.put(Readable.from([never])),
      () => keyless.putNamed('run', never),
    ])
      await expect(attempt()).rejects.toMatchObject(unavailable);
    expect(await keyless.has(digestOf(never))).toBe(false);
    expect(damages).toEqual([]);
    expect([subject.folder, subject.cache].flatMap((folder) => filesWith(folder, 'never-stored'))).toEqual(
      [],
    );
  });
});
