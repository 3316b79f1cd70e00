import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { CsvFiles } from '../../../test/support/csv-files';
import { copyQuery, storedZstd } from '../../../test/support/data-formats';
import { AppError } from '../../errors';
import { featureSpecSchema } from '../features/feature-spec';
import { inspectUpload } from './mapping/inspect-upload';
import { prepareExamples } from './prepare-examples';

const SPEC = featureSpecSchema.parse({
  shape: 'TABLE',
  label: { column: 'y' },
  features: [
    { type: 'numeric', name: 'x' },
    { type: 'categorical', name: 'k' },
  ],
});
/** What a tenant can mend; anything else would be a fault of ours. */
const THEIRS = ['INVALID_DATA', 'PAYLOAD_TOO_LARGE', 'MAPPING_UNCONFIRMED'];

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => [String(i), `k${i % 3}`, String(i % 2)]);
const jsonOf = ([x, k, y]: readonly string[]) => JSON.stringify({ x: Number(x), k, y: Number(y) });
const delimited = (count: number, delimiter: string, newline: string) =>
  [['x', 'k', 'y'], ...rowsOf(count)].map((row) => row.join(delimiter)).join(newline) + newline;

/** Good files, before anybody lays hands on them. */
const anyFile = fc.oneof(
  fc
    .tuple(
      fc.integer({ min: 2, max: 60 }),
      fc.constantFrom(',', ';', '\t', '|'),
      fc.constantFrom('\n', '\r\n', '\r'),
    )
    .map(([count, delimiter, newline]) => Buffer.from(delimited(count, delimiter, newline))),
  fc.integer({ min: 2, max: 60 }).map((count) => Buffer.from(rowsOf(count).map(jsonOf).join('\n'))),
);

const SHARDS = [
  ...[
    '\0',
    '"',
    '""',
    '"\n',
    '\r',
    '\n',
    '\r\n',
    ',',
    ';',
    '\t',
    '|',
    '{',
    '}',
    '[',
    '\\',
    '\ufeff',
    '\u2028',
    '\ud83d\ude00',
  ],
  ...[
    '\n1;2;3\n',
    '\n"never closed,1,0\n',
    '\n{"x":1}\n',
    '\n{"x":{"y":{}}}\n',
    '\n=cmd|1,k,0\n',
    `\n${'9'.repeat(400)},k,1\n`,
  ],
].map((text) => Buffer.from(text));
const shard = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SHARDS) },
  fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(Buffer.from([0xff, 0xfe]), Buffer.from([0xc3]), Buffer.from([0xed, 0xa0, 0x80])),
);
type Blow = (content: Buffer) => Buffer;
const place = fc.double({ min: 0, max: 1, noNaN: true });
const blow: fc.Arbitrary<Blow> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(place, shard).map(([at, bytes]): Blow => (content) => {
      const index = Math.floor(at * content.length);
      return Buffer.concat([content.subarray(0, index), bytes, content.subarray(index)]);
    }),
  },
  place.map(
    (at): Blow =>
      (content) =>
        content.subarray(0, Math.floor(at * content.length)),
  ),
  place.map((at): Blow => (content) => {
    const changed = Buffer.from(content);
    const index = Math.floor(at * (content.length - 1));
    changed[index] = (changed[index] ?? 0) ^ 0x55;
    return content.length === 0 ? content : changed;
  }),
  fc.constantFrom<Blow>(
    (content) => Buffer.from(content.toString('utf8'), 'utf16le'),
    (content) => Buffer.concat([Buffer.from('\ufeff'), content]),
    (content) => Buffer.concat([content, content]),
    (content) => Buffer.concat([content, Buffer.from('x'.repeat(1_200_000))]),
  ),
);
const packed = fc.constantFrom<Blow>(
  (content) => content,
  gzipSync,
  (content) => Buffer.from(storedZstd(content)),
);
/** Struck, packed, and in one of three cases struck again. */
const hostile = fc
  .tuple(anyFile, fc.array(blow, { maxLength: 4 }), packed, fc.option(blow, { freq: 2 }))
  .map(([file, blows, pack, last]) => {
    const content = pack(blows.reduce<Buffer>((struck, one) => one(struck), file));
    return last && content.length < 100_000 ? last(content) : content;
  });

describe('files as an attacker would send them', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  /** @returns what became of the rows; null where the file was refused, with a reason for whoever sent it */
  async function takeIn(content: Uint8Array) {
    const path = await files.write(content);
    const workDirectory = join(files.folder, 'work');
    const options = { workDirectory, threads: 1, maxUnpackedBytes: 50_000_000 };
    try {
      const { rowCount, quarantined } = await inspectUpload(path, SPEC, options);
      const prepared = await prepareExamples({ csvPath: path, spec: SPEC, seed: 1, ...options });
      await prepared.close();
      const { accounting, counts } = prepared;
      expect(accounting.rows).toBe(rowCount);
      expect(accounting.quarantined).toBe(quarantined.count);
      expect(accounting.quarantined + accounting.duplicates + accounting.later + accounting.used).toBe(
        rowCount,
      );
      expect(counts.train + counts.validation + counts.test + accounting.unassigned).toBe(accounting.used);
      return accounting;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      expect(THEIRS).toContain(error.code);
      expect(error.message).not.toMatch(/DuckDB|SELECT|read_csv|\/tmp\//);
      return null;
    } finally {
      expect(await readdir(workDirectory).catch(() => [])).toEqual([]);
    }
  }

  it('are read or refused, no row is lost, and nothing is left behind', async () => {
    let [read, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(hostile, async (content) => {
        if (await takeIn(content)) read += 1;
        else refused += 1;
      }),
      { numRuns: Number(process.env['PROPENSITY_FUZZ_RUNS'] ?? 120) },
    );
    // About one in eight is read: that none is, or all are, would say that the generator is broken.
    expect(read).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  }, 300_000);

  it('of 10,000 columns are refused, delimited or as JSON', async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
    expect(await takeIn(Buffer.from(`${names.join(',')}\n${names.map(() => '1').join(',')}\n`))).toBeNull();
    expect(
      await takeIn(Buffer.from(`${JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])))}\n`)),
    ).toBeNull();
  });

  it('of Parquet that was cut or changed anywhere are refused, or read whole', async () => {
    const path = join(files.folder, 'rows.parquet');
    await copyQuery(
      "SELECT i AS x, 'k' || i % 3 AS k, i % 2 AS y FROM range(200) r(i)",
      path,
      'FORMAT parquet, COMPRESSION zstd',
    );
    const whole = await readFile(path);
    expect(await takeIn(whole)).toMatchObject({ rows: 200, used: 200 });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 2), fc.boolean(), async (at, isCut) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ 0x55;
        const accounting = await takeIn(isCut ? whole.subarray(0, at) : changed);
        if (accounting) expect(accounting.rows).toBe(200);
      }),
      // The example names a page outside the file, which DuckDB tells with the file's path.
      { numRuns: Number(process.env['PROPENSITY_FUZZ_RUNS'] ?? 60), examples: [[774, false]] },
    );
  }, 120_000);
});
