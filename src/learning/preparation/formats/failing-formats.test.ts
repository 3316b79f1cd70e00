import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CsvFiles } from '../../../../test/support/csv-files';
import { copyQuery, storedZstd } from '../../../../test/support/data-formats';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { inspectCsv } from '../inspect-csv';
import { type DeclaredFormat } from './file-format';

const SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  label: { column: 'bought' },
  features: [
    { type: 'numeric', name: 'age' },
    { type: 'categorical', name: 'colour' },
  ],
};
const GOOD = ['1,red,1', '2,blue,0', '3,red,1', '4,blue,0'];
const CSV = ['age,colour,bought', ...GOOD, ''].join('\n');
const jsonOf = (row: string): string => {
  const [age, colour, bought] = row.split(',');
  return JSON.stringify({ age: Number(age), colour, bought });
};
const JSON_LINES = GOOD.map(jsonOf);

let files: CsvFiles;
let parquet: Buffer;
beforeAll(async () => {
  files = await CsvFiles.create();
  parquet = await parquetOf("SELECT i AS age, 'red' AS colour, i % 2 AS bought FROM range(5000) r(i)");
});
afterAll(() => files.remove());

async function parquetOf(sql: string): Promise<Buffer> {
  const path = join(files.folder, 'query.parquet');
  await copyQuery(sql, path, 'FORMAT parquet');
  return readFile(path);
}

interface Options {
  readonly format?: DeclaredFormat;
  readonly maxUnpackedBytes?: number;
}

async function inspect(content: string | Uint8Array, options: Options = {}) {
  const path = await files.write(content);
  const workDirectory = join(files.folder, 'work');
  try {
    return await inspectCsv(path, featureSpecSchema.parse(SPEC), { ...options, workDirectory });
  } finally {
    expect(await readdir(workDirectory)).toEqual([]);
  }
}

async function refusal(content: string | Uint8Array, options: Options = {}): Promise<string> {
  const error: unknown = await inspect(content, options).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: options.maxUnpackedBytes ? 'PAYLOAD_TOO_LARGE' : 'INVALID_DATA' });
  return (error as Error).message;
}

describe('a file is refused, with the reason', () => {
  it.each([
    ['an empty file', '', 'The file is empty: 0 bytes.'],
    ['an empty file in gzip', gzipSync(''), 'The file is empty: 0 bytes.'],
    ['an empty file in zstd', storedZstd(''), 'The file is empty: 0 bytes.'],
    ['blank lines', '\n \n\n', 'only blank lines'],
    ['a header alone', 'age,colour,bought\n', 'a header line but no rows'],
    ['UTF-16', Buffer.from(`\ufeff${CSV}`, 'utf16le'), 'UTF-16'],
    ['a Latin-1 header', Buffer.from(`é,${CSV}`, 'latin1'), 'not UTF-8'],
    ['a spreadsheet', Uint8Array.of(0x50, 0x4b, 3, 4), 'spreadsheet'],
    ['bzip2', Buffer.from('BZh91AY&SY'), 'bzip2'],
    ['two compressions', gzipSync(storedZstd(CSV)), 'compressed twice'],
    ['gzip that is cut', gzipSync(CSV).subarray(0, 40), 'The gzip file is cut'],
    ['zstd that is cut', storedZstd(CSV).subarray(0, 40), 'The zstd file is cut'],
    ['a quote in the header that never closes', `age,"colour,bought\n${GOOD.join('\n')}`, 'never closes'],
    ['a column twice', CSV.replace('colour', 'age'), 'lacks the column colour'],
    ['10,000 columns', `${'x,'.repeat(9999)}x\n${'1,'.repeat(9999)}1\n`, 'has 10000 columns'],
    [
      'no header that names the columns',
      GOOD.join('\n'),
      'It has no header; its columns are "column1", "column2"',
    ],
    ['a JSON array', `[\n${JSON_LINES.join(',\n')}\n]`, 'one JSON array'],
    [
      'JSON over several lines',
      JSON.stringify({ age: 1 }, null, 2),
      'no line of it is a JSON object with members',
    ],
    ['JSON Lines of other members', '{"years":1}\n{"years":2}\n', 'lacks the columns bought, age, colour'],
    [
      '10,000 members',
      JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`m${i}`, 1]))),
      'more than 4096 columns',
    ],
    ['an encrypted Parquet file', Buffer.from('PARE0000PARE'), 'encrypted'],
    ['Parquet of nothing', Buffer.from('PAR1'), 'damaged'],
  ])('%s', async (_, content, message) => {
    expect(await refusal(content)).toContain(message);
  });

  it('Parquet that is cut or damaged, wherever it is', async () => {
    for (const length of [5, 100, parquet.length >> 1, parquet.length - 1])
      expect(await refusal(parquet.subarray(0, length))).toContain('The Parquet file is cut');
    const footer = Buffer.from(parquet);
    footer.fill(0xee, footer.length - 60, footer.length - 20);
    expect(await refusal(footer)).toContain('The Parquet file is damaged');
    const page = Buffer.from(parquet);
    page.fill(0xee, 10, 60);
    expect(await refusal(page)).not.toContain(files.folder);
  });

  it('Parquet without rows, without the columns, or with 10,000 of them', async () => {
    expect(await refusal(await parquetOf('SELECT 1 AS age WHERE false'))).toContain('holds no rows');
    expect(await refusal(await parquetOf('SELECT 1 AS years'))).toContain('lacks the columns');
    const wide = Array.from({ length: 10_000 }, (_, i) => `${i} AS m${i}`).join(', ');
    expect(await refusal(await parquetOf(`SELECT ${wide}`))).toContain('has 10000 columns');
  });

  it.each<[string, () => string | Uint8Array, DeclaredFormat, string]>([
    ['JSON Lines', () => CSV, { type: 'JSON_LINES' }, 'declared to be JSON Lines, but it is delimited text'],
    [
      'Parquet',
      () => JSON_LINES.join('\n'),
      { type: 'PARQUET' },
      'declared to be Parquet, but it is JSON Lines',
    ],
    ['delimited text', () => parquet, { type: 'CSV' }, 'declared to be delimited text, but it is Parquet'],
    ['delimited by semicolons', () => CSV, { delimiter: ';' }, 'looks delimited by ","'],
    ['of two columns', () => CSV, { columns: ['age', 'bought'] }, 'has 3 fields, but 2 columns are declared'],
    ['without header', () => CSV, { hasHeader: false }, 'It has no header'],
  ])('declared to be %s, and is not', async (_, content, format, message) => {
    expect(await refusal(content(), { format })).toContain(message);
  });

  it('that unpacks to more than is allowed', async () => {
    const limit = { maxUnpackedBytes: 4000 };
    const long = CSV + `${GOOD.join('\n')}\n`.repeat(1000);
    for (const content of [gzipSync(long), storedZstd(long), parquet])
      expect(await refusal(content, limit)).toContain('more than 4000 bytes');
    const repeats = "SELECT i % 2 AS bought, i AS age, repeat('red', 300) AS colour FROM range(20000) r(i)";
    const small = await parquetOf(repeats);
    expect(small.length).toBeLessThan(500_000);
    expect(await refusal(small, { maxUnpackedBytes: 10_000_000 })).toContain('more than 10000000 bytes');
    const sparse = Array.from({ length: 1000 }, (_, i) => `{"bought":0,"m${i}":0}`).join('\n');
    expect(await refusal(sparse, { maxUnpackedBytes: 500_000 })).toMatch(
      /As a table of (?:9\d\d|1001) columns/,
    );
    // What is not compressed was limited as it came in.
    expect((await inspect(long, limit)).rowCount).toBe(4004);
  });
});

describe('rows are quarantined by their line', () => {
  const bad = async (content: string | Uint8Array, options: Options = {}) => {
    const { quarantined, rowCount, momentCount } = await inspect(content, options);
    expect(rowCount).toBe(quarantined.count + momentCount);
    return quarantined.sample.map(({ line, reason, text }) => `${line}: ${reason}: ${text.slice(0, 30)}`);
  };

  it('where delimiters are mixed', async () => {
    expect(await bad(`${CSV}5;red;1\n6,red,0\n`)).toEqual(['6: 1 field where the header has 3: 5;red;1']);
    expect(await bad('age  colour bought\n1 red 1\n2  blue  0\n3,red,1\n 4\tred 0 \n')).toEqual([
      '4: 1 field where the header has 3: 3,red,1',
    ]);
  });

  it('where a quote does not close', async () => {
    expect(await bad(gzipSync(`${CSV}5,"red,1\n6,red,0\n`))).toEqual([
      '6: a quote opens here and never closes: 5,"red,1',
    ]);
    expect(await bad('age colour bought\n1 red 1\n2 "light red 0\n3 "light red" 0\n')).toEqual([
      expect.stringMatching(/^3: /),
    ]);
  });

  it('where a line is not UTF-8', async () => {
    const broken = (line: string, at: number) => {
      const bytes = Buffer.from(line);
      bytes[at] = 0xff;
      return bytes;
    };
    const csv = Buffer.concat([Buffer.from(CSV), broken('5,red,1\n', 3), Buffer.from('6,red,0')]);
    expect(await bad(storedZstd(csv))).toEqual([
      '6: is not UTF-8 text: 5,\ufffded,1'.replace('\ufffde', 'r\ufffd'),
    ]);
    const json = Buffer.concat([broken(`${jsonOf('5,red,1')}\n`, 20), Buffer.from(JSON_LINES.join('\n'))]);
    expect(await bad(json)).toEqual([expect.stringMatching(/^1: is not UTF-8 text: \{"age":5/)]);
  });

  it('where a line of JSON Lines is no record, or longer than 1 MiB', async () => {
    const long = JSON.stringify({ age: 1, bought: 1, colour: 'x'.repeat(3_000_000) });
    const lines = [
      '',
      '7',
      ...JSON_LINES,
      '{"age":1,"age":2}',
      long,
      '{"age":"old","bought":1}',
      '{"bought":0}',
    ];
    expect(await bad(`\ufeff{"bought":"1"}\r\n${lines.join('\r\n')}\r\n`)).toEqual([
      '3: is not a JSON object: 7',
      '8: has "age" twice: {"age":1,"age":2}',
      '9: longer than 1 MiB: {"age":1,"bought":1,"colour":"',
      '10: column age: "old" is not a number within ±3.4e38: {"age":"old","bought":1}',
    ]);
  });

  it('where JSON Lines are cut', async () => {
    const inspection = await inspect(`${JSON_LINES.join('\n')}\n{"age":5,"col`);
    expect(inspection).toMatchObject({ endsInsideRow: true, rowCount: 5, momentCount: 4 });
    expect(inspection.quarantined.sample).toMatchObject([
      { line: 5, reason: 'the file ends inside this line: it was probably cut' },
    ]);
  });

  it('where a Parquet value cannot be used, by the number of its record', async () => {
    const file = await parquetOf(
      `SELECT CASE WHEN i = 70000 THEN 'infinity'::DOUBLE ELSE i END AS age, i % 2 AS bought,
        CASE i WHEN 3 THEN 'a' || chr(0) WHEN 5 THEN repeat('x', 2000) ELSE 'red' END AS colour
       FROM range(150000) r(i)`,
    );
    expect(await bad(file)).toEqual([
      expect.stringMatching(/^4: column colour: holds a NUL character: 3,1,a/),
      expect.stringMatching(/^6: column colour: is longer than 1024 characters: 5,1,x/),
      '70001: column age: "inf" is not a number within ±3.4e38: inf,0,red',
    ]);
  });
});

it('members of Parquet structs and of JSON objects are columns of the same names', async () => {
  const spec = featureSpecSchema.parse({
    ...SPEC,
    features: [{ type: 'numeric', name: 'price', column: 'item.price' }],
  });
  const rows = Array.from({ length: 10 }, (_, i) => ({ bought: i % 2, item: { price: i, tags: ['a', i] } }));
  const json = await files.write(rows.map((row) => JSON.stringify(row)).join('\n'));
  const table = await files.write(
    await parquetOf(
      "SELECT i % 2 AS bought, {'price': i, 'tags': ['a', i::VARCHAR]} AS item FROM range(10) r(i)",
    ),
  );
  for (const path of [json, table])
    expect(await inspectCsv(path, spec, { workDirectory: files.folder })).toMatchObject({
      rowCount: 10,
      quarantined: { count: 0 },
      columns: [
        { name: 'bought', type: 'numeric' },
        { name: 'item.price', type: 'numeric' },
        { name: 'item.tags', type: 'categorical' },
      ],
    });
});
