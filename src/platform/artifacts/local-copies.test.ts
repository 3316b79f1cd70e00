import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type CopyKey, LocalCopies } from './local-copies';

const MINUTE_MS = 60_000;
const tenantId = randomUUID();
let folder: string;
let fetched: string[];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'propensity-copies-'));
  fetched = [];
});
afterEach(() => {
  expect(fs.readdirSync(path.join(folder, 'unfinished'))).toEqual([]);
  fs.rmSync(folder, { recursive: true });
});

const keyOf = (text: string): CopyKey => ({
  tenantId,
  sha256: createHash('sha256').update(text).digest('hex'),
});

/** Asks for the copy of a text, which its store has. */
function get(copies: LocalCopies, text: string): Promise<string> {
  return copies.get(keyOf(text), async () => {
    fetched.push(text);
    await Promise.resolve();
    const bytes = Buffer.from(text);
    return {
      bytes: bytes.length,
      chunks: (async function* () {
        await Promise.resolve();
        yield bytes;
      })(),
    };
  });
}

/** Makes it so long ago that a copy was asked for. */
function age(text: string, minutes: number): void {
  const at = new Date(Date.now() - minutes * MINUTE_MS);
  fs.utimesSync(path.join(folder, 'copies', tenantId, keyOf(text).sha256), at, at);
}

const isThere = (text: string): boolean =>
  fs.existsSync(path.join(folder, 'copies', tenantId, keyOf(text).sha256));

describe('LocalCopies', () => {
  it('fetches once, whoever asks for it at the same time or later, in this process or another', async () => {
    const copies = await LocalCopies.open({ folder, maxBytes: 100 });
    const files = await Promise.all([get(copies, 'one'), get(copies, 'one'), get(copies, 'one')]);
    expect(new Set(files).size).toBe(1);
    expect(fs.readFileSync(files[0], 'utf8')).toBe('one');
    await get(await LocalCopies.open({ folder, maxBytes: 100 }), 'one');
    expect(fetched).toEqual(['one']);
  });

  it('makes room by the longest unused, and never by what may be in use', async () => {
    const copies = await LocalCopies.open({ folder, maxBytes: 10 });
    for (const text of ['aaaa', 'bbbb', 'cccc']) await get(copies, text);
    // Beyond the bound, but all just handed out.
    expect(['aaaa', 'bbbb', 'cccc'].map(isThere)).toEqual([true, true, true]);
    age('aaaa', 40);
    age('bbbb', 50);
    age('cccc', 35);
    await get(copies, 'aaaa');
    await get(copies, 'dddd');
    expect(['aaaa', 'bbbb', 'cccc', 'dddd'].map(isThere)).toEqual([true, false, false, true]);
  });

  it('keeps nothing that nobody asked for in an hour', async () => {
    await get(await LocalCopies.open({ folder, maxBytes: 100 }), 'one');
    await get(await LocalCopies.open({ folder, maxBytes: 100 }), 'two');
    age('one', 61);
    await LocalCopies.open({ folder, maxBytes: 100 });
    expect(['one', 'two'].map(isThere)).toEqual([false, true]);
  });

  it('keeps what a process holds, however long it works', async () => {
    const copies = await LocalCopies.open({ folder, maxBytes: 100, holds: true });
    await get(copies, 'one');
    age('one', 59);
    await copies.tend();
    age('one', 59);
    await copies.tend();
    await (await LocalCopies.open({ folder, maxBytes: 0 })).tend();
    expect(isThere('one')).toBe(true);
  });

  it('fetches a damaged copy again', async () => {
    const file = await get(await LocalCopies.open({ folder, maxBytes: 100 }), 'one');
    fs.writeFileSync(file, 'onE');
    const copies = await LocalCopies.open({ folder, maxBytes: 100 });
    expect(fs.readFileSync(await get(copies, 'one'), 'utf8')).toBe('one');
    fs.writeFileSync(file, 'One');
    expect(fs.readFileSync(await get(copies, 'one'), 'utf8')).toBe('one');
    expect(fetched).toHaveLength(3);
  });

  it('keeps nothing of a copy that does not come to its end', async () => {
    const copies = await LocalCopies.open({ folder, maxBytes: 100 });
    const broken = copies.get(keyOf('one'), () =>
      Promise.resolve({
        bytes: 3,
        chunks: (async function* () {
          await Promise.resolve();
          yield Buffer.from('o');
          throw new Error('connection lost');
        })(),
      }),
    );
    await expect(broken).rejects.toThrow('connection lost');
    expect(isThere('one')).toBe(false);
    await get(copies, 'one');
  });

  it('is refused in one line when its folder cannot be written', async () => {
    const file = path.join(folder, 'file');
    fs.writeFileSync(file, '');
    await expect(LocalCopies.open({ folder: path.join(file, 'cache'), maxBytes: 1 })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringMatching(/cannot be written \(ENOTDIR\): make it writable/) as string,
    });
    fs.mkdirSync(path.join(folder, 'unfinished'));
  });
});
