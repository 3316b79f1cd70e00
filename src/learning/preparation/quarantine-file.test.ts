import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CsvFiles } from '../../../test/support/csv-files';
import { copyQuery } from '../../../test/support/data-formats';
import { featureSpecSchema } from '../features/feature-spec';
import { profileCsv } from './profile/profile-csv';
import { quarantineRecord, readQuarantineRecord } from './quarantine-record';

const SPEC = featureSpecSchema.parse({
  shape: 'TABLE',
  label: { column: 'y' },
  features: [
    { type: 'numeric', name: 'x' },
    { type: 'categorical', name: 'k' },
  ],
});
const ROWS = Array.from({ length: 20 }, (_, i) => `${i},k${i % 3},${i % 2}`);

describe('a file of quarantined rows', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function quarantined(path: string) {
    const quarantinePath = `${path}.quarantine`;
    const profile = await profileCsv(path, SPEC, { workDirectory: files.folder, quarantinePath });
    const text = await readFile(quarantinePath, 'utf8');
    const rows = text.trimEnd().split('\n').slice(1).map(readQuarantineRecord);
    expect(rows).toHaveLength(profile.quarantinedCount);
    return { rows, reasons: profile.quarantineReasons };
  }
  const NUMBER = 'column x: "a" is not a number within ±3.4e38';

  it('holds what the scan and what the checks refuse, by line, of text in gzip', async () => {
    const lines = ['x,k,y', ...ROWS, 'a,k,1', '1,2', 'a,"two', 'lines",0', 'b,"k",1', ''];
    const { rows, reasons } = await quarantined(await files.write(gzipSync(lines.join('\n'))));
    expect(rows).toEqual([
      { line: 22, reason: NUMBER, text: 'a,k,1' },
      { line: 23, reason: '2 fields where the header has 3', text: '1,2' },
      { line: 24, reason: NUMBER, text: 'a,"two' },
      { line: 26, reason: NUMBER.replace('"a"', '"b"'), text: 'b,"k",1' },
    ]);
    expect(reasons).toEqual([
      { reason: NUMBER.replace('"a"', '"…"'), count: 3 },
      { reason: '2 fields where the header has 3', count: 1 },
    ]);
  });

  it('names the lines of files with carriage returns alone, and of a last line without an end', async () => {
    const { rows } = await quarantined(await files.write(['x,k,y', ...ROWS, '1', 'a,k,1'].join('\r')));
    expect(rows.map(({ line, text }) => [line, text])).toEqual([
      [22, '1'],
      [23, 'a,k,1'],
    ]);
  });

  it('holds lines of JSON as they are written', async () => {
    const json = ROWS.map((row) => {
      const [x, k, y] = row.split(',');
      return JSON.stringify({ x, k, y });
    });
    const bad = '{"x":"a","k":"k","y":1}';
    const { rows } = await quarantined(await files.write([...json, bad, '{"x":', ...json, ''].join('\n')));
    expect(rows.map(({ line, text }) => [line, text])).toEqual([
      [21, bad],
      [22, '{"x":'],
    ]);
  });

  it('holds records of Parquet with their values', async () => {
    const path = join(files.folder, 'rows.parquet');
    const sql = `SELECT CASE WHEN i % 10 = 4 THEN 'a' ELSE i::VARCHAR END AS x, 'k' AS k, i % 2 AS y FROM range(30) t(i)`;
    await copyQuery(sql, path, 'FORMAT parquet');
    const { rows } = await quarantined(path);
    expect(rows).toEqual([5, 15, 25].map((line) => ({ line, reason: NUMBER, text: 'a,k,0' })));
  });

  it('holds all of many, and the beginning of long lines', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => [`${i},k,1`, `a,k${i},0`]).flat();
    const long = `a,${'é'.repeat(1000)},1,${'z'.repeat(100_000)}`;
    const { rows } = await quarantined(await files.write(['x,k,y', ...ROWS, ...many, long, ''].join('\n')));
    expect(rows).toHaveLength(5001);
    expect(rows[4999]).toEqual({ line: 10_021, reason: NUMBER, text: 'a,k4999,0' });
    expect(rows[5000]?.text).toHaveLength(16_385);
    expect(long.startsWith(rows[5000]?.text.slice(0, -1) ?? '?')).toBe(true);
  });
});

describe('a quarantined row as a line of CSV', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc
      .array(fc.constantFrom('=', '+', '-', '@', "'", '"', ',', '\t', 'a'), { maxLength: 6 })
      .map((parts) => parts.join('')),
  );

  it('is read back as it was, and begins no cell that a spreadsheet computes', () => {
    fc.assert(
      fc.property(fc.nat(), text, text, (line, reason, raw) => {
        fc.pre(!/[\r\n]/.test(reason + raw));
        const record = quarantineRecord({ line, reason, text: raw });
        expect(readQuarantineRecord(record.trimEnd())).toEqual({ line, reason, text: raw });
        expect(record).not.toMatch(/(?:^|,)"[=+\-@\t]/);
      }),
    );
  });
});
