import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MasterKeys } from './master-keys';
import { seal, unseal } from './sealed';

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
let dataDirectory: string;
beforeEach(async () => {
  dataDirectory = await mkdtemp(path.join(tmpdir(), 'master-keys-'));
});
afterEach(() => rm(dataDirectory, { recursive: true }));

const inFile = (): MasterKeys => new MasterKeys({ masterKey: null, masterKeyFile: null, dataDirectory });
const file = (): string => path.join(dataDirectory, 'master-keys');

describe('master keys', () => {
  it('are made once by several processes that begin at once, for their user alone', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => inFile().newest()));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it('stay when they are rotated, and another process finds the new one when it meets it', async () => {
    const other = inFile();
    const old = await other.newest();
    const fresh = await inFile().rotate();
    expect(fresh.id).not.toBe(old.id);
    expect((await other.newest()).id).toBe(old.id);
    expect((await other.byId(fresh.id)).bytes).toEqual(fresh.bytes);
    expect((await other.newest()).id).toBe(fresh.id);
    expect((await inFile().byId(old.id)).bytes).toEqual(old.bytes);
    expect((await readFile(file(), 'utf8')).trim().split('\n')).toHaveLength(2);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it('come from the environment, where only the operator rotates them', async () => {
    const keys = new MasterKeys({
      masterKey: `${key(1)},${key(2)}`,
      masterKeyFile: null,
      dataDirectory: '/nowhere',
    });
    expect((await keys.newest()).bytes).toEqual(Buffer.alloc(32, 1));
    await expect(keys.rotate()).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' });
  });

  it.each([
    ['a key that is too short', 'AAAA'],
    ['no key', ''],
    ['something else', 'not a key at all'],
  ])('are refused with %s in the file', async (_, text) => {
    await writeFile(file(), text);
    await expect(inFile().newest()).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' });
  });

  it('say which is missing', async () => {
    await expect(inFile().byId('0123456789abcdef')).rejects.toThrow(/0123456789abcdef/);
  });
});

describe('what is sealed', () => {
  const bytes = Buffer.from('secret');
  const sealed = seal(Buffer.alloc(32, 1), bytes, 'here');

  it('opens with its key in its context, and is another text each time', () => {
    expect(unseal(Buffer.alloc(32, 1), sealed, 'here')).toEqual(bytes);
    expect(seal(Buffer.alloc(32, 1), bytes, 'here')).not.toEqual(sealed);
  });

  it('opens with no other key, in no other context, and not after a change of any byte', () => {
    expect(() => unseal(Buffer.alloc(32, 2), sealed, 'here')).toThrow();
    expect(() => unseal(Buffer.alloc(32, 1), sealed, 'there')).toThrow();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => unseal(Buffer.alloc(32, 1), changed, 'here')).toThrow();
      expect(() => unseal(Buffer.alloc(32, 1), sealed.subarray(0, at), 'here')).toThrow();
    }
  });
});
