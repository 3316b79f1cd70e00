import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CsvFiles } from '../../../../test/support/csv-files';
import { copyQuery, storedZstd } from '../../../../test/support/data-formats';
import { compressionOf, unpack } from './unpack';

/** A frame that stands for a gigabyte of zeros: blocks of 128 KiB, each one byte repeated. */
function zstdBomb(): Buffer {
  const block = Buffer.alloc(4);
  block.writeUIntLE((131_072 << 3) | (1 << 1), 0, 3);
  const blocks = Array.from({ length: 8192 }, () => block);
  return Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3), ...blocks]);
}

describe('unpack', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function unpacked(content: Uint8Array, maxBytes?: number): Promise<Buffer> {
    const from = await files.write(content);
    const compression = compressionOf(content);
    if (compression === 'NONE') throw new Error('the content is not compressed');
    const to = `${from}.unpacked`;
    await unpack({ from, to, compression, maxBytes });
    return readFile(to);
  }

  const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(300_000, 'abc')]);
  const skippable = Buffer.from('502a4d1803000000aabbcc', 'hex');

  it.each([
    ['gzip', gzipSync(content)],
    ['zstd', storedZstd(content)],
    [
      'zstd of several frames, some to be skipped',
      Buffer.concat([skippable, storedZstd(content), skippable]),
    ],
  ])('gives back what was compressed by %s', async (_, packed) => {
    expect((await unpacked(packed)).equals(content)).toBe(true);
  });

  it('appends frames and members', async () => {
    const zstd = Buffer.concat(['a', '', 'bc'].map((part) => storedZstd(part)));
    expect(String(await unpacked(zstd))).toBe('abc');
    expect(String(await unpacked(Buffer.concat(['a', '', 'bc'].map((part) => gzipSync(part)))))).toBe('abc');
  });

  it('reads what a real compressor writes, with matches over many blocks', async () => {
    const sql = "SELECT i, 'some text that repeats ' || (i % 97) AS t, hash(i) AS h FROM range(200000) r(i)";
    const [packed, plain] = [join(files.folder, 'a.csv.zst'), join(files.folder, 'a.csv')];
    await copyQuery(sql, packed, 'FORMAT csv, COMPRESSION zstd');
    await copyQuery(sql, plain, 'FORMAT csv');
    expect((await unpacked(await readFile(packed))).equals(await readFile(plain))).toBe(true);
  });

  it.each([
    ['gzip', gzipSync(content)],
    ['zstd', storedZstd(content)],
  ])('says that %s is cut, wherever it is', async (name, packed) => {
    for (const length of [5, 8, 20, 1000, packed.length - 1])
      await expect(unpacked(packed.subarray(0, length))).rejects.toMatchObject({
        code: 'INVALID_DATA',
        message: `The ${name} file is cut: it ends before its content does. Send the whole file.`,
      });
  });

  it('says that a file is damaged', async () => {
    const gzip = gzipSync(content);
    gzip[gzip.length - 6] = (gzip[gzip.length - 6] ?? 0) ^ 1;
    const zstd = storedZstd(content);
    zstd[6] = (zstd[6] ?? 0) | 6;
    const flipped = storedZstd(content);
    flipped[1000] = (flipped[1000] ?? 0) ^ 1;
    const trailing = [gzipSync('a'), storedZstd('a')].map((packed) =>
      Buffer.concat([packed, Buffer.from('more')]),
    );
    for (const packed of [gzip, zstd, flipped, ...trailing])
      await expect(unpacked(packed)).rejects.toMatchObject({
        code: 'INVALID_DATA',
        message: expect.stringContaining('file cannot be unpacked: ') as unknown,
      });
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['zstd', zstdBomb()],
  ])('stops when %s unpacks to more than is allowed', async (name, packed) => {
    await expect(unpacked(packed, 1_000_000)).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: `The ${name} file unpacks to more than 1000000 bytes, the most that a dataset may have.`,
    });
  });

  it('refuses a zstd window of a gigabyte before it takes the memory', async () => {
    const greedy = storedZstd('a');
    greedy[5] = 20 << 3;
    await expect(unpacked(greedy)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('window is larger than 128 MiB') as unknown,
    });
  });
});
