import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  announceDataset,
  type AnnouncedDataset,
  configureTable,
  KIND,
  stateOf,
  TABLE_CSV,
} from '../../support/api/table-dataset';
import { type ApiTenant, MAX_UPLOAD_BYTES, startTestApi, type TestApi } from '../../support/api/test-api';
import { copyQuery, storedZstd } from '../../support/data-formats';

const COLUMNS = ['x', 'color', 'label'];
const ROWS = TABLE_CSV.trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));
const JSON_LINES = ROWS.map(([x, color, label]) =>
  JSON.stringify({ x: x === '' ? null : Number(x), color, label: Number(label) }),
).join('\n');

let test: TestApi;
let owner: ApiTenant;
let folder: string;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
  await configureTable(owner.caller);
  folder = await mkdtemp(path.join(tmpdir(), 'propensity-formats-'));
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

const put = (
  { uploadUrl }: AnnouncedDataset,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> => owner.caller.http(uploadUrl, { method: 'PUT', body, headers });

async function parquet(): Promise<Buffer> {
  const file = path.join(folder, 'rows.parquet');
  const sql = `SELECT * FROM (VALUES (1.5, 'red', 1), (2.5, 'blue', 0), (NULL, 'red', 1), (4.0, 'green', 0)) t(x, color, label)`;
  await copyQuery(sql, file, 'FORMAT parquet');
  return readFile(file);
}

const none = { delimiter: null, hasHeader: null, columns: null };

describe('a dataset', () => {
  it.each([
    {
      name: 'JSON Lines in gzip',
      content: () => Promise.resolve(gzipSync(JSON_LINES)),
      declared: { type: 'JSON_LINES' },
      format: { ...none, type: 'JSON_LINES', compression: 'GZIP' },
      extension: '.jsonl.gz',
    },
    {
      name: 'Parquet',
      content: parquet,
      declared: null,
      format: { ...none, type: 'PARQUET', compression: 'NONE' },
      extension: '.parquet',
    },
    {
      name: 'tab-separated fields without a header, in zstd',
      content: () => Promise.resolve(storedZstd(ROWS.map((row) => row.join('\t')).join('\n'))),
      declared: { hasHeader: false, columns: COLUMNS },
      format: { type: 'CSV', compression: 'ZSTD', delimiter: '\t', hasHeader: false, columns: COLUMNS },
      extension: '.csv.zst',
    },
  ])('may be a file of $name, and says so', async ({ content, declared, format, extension }) => {
    const dataset = await announceDataset(owner.caller, 'rows', declared);
    const body = await content();
    const response = await put(dataset, body);
    expect(await response.json()).toMatchObject({ state: 'READY', rowCount: 4, quarantinedCount: 0, format });
    const { dataset: found } = await owner.caller.data<{ dataset: { downloadUrl: string } }>(
      `query ($id: ID!) { dataset(id: $id) {
        format { type compression delimiter hasHeader columns } columns { name } rowCount downloadUrl
      } }`,
      { id: dataset.id },
    );
    expect(found).toMatchObject({ format, columns: COLUMNS.map((name) => ({ name })), rowCount: 4 });
    const download = await owner.caller.http(found.downloadUrl);
    expect(download.headers.get('content-disposition')).toContain(`${dataset.id}${extension}"`);
    expect(Buffer.from(await download.arrayBuffer()).equals(Buffer.from(body))).toBe(true);
  });

  it('is REJECTED when its file is not what was declared, or compressed and cut', async () => {
    for (const [format, body, message] of [
      [{ type: 'JSON_LINES' }, TABLE_CSV, 'declared to be JSON Lines, but it is delimited text'],
      [{ delimiter: ';' }, TABLE_CSV, 'looks delimited by ","'],
      [null, gzipSync(TABLE_CSV).subarray(0, 30), 'The gzip file is cut'],
      [null, (await parquet()).subarray(0, 300), 'The Parquet file is cut'],
    ] as const) {
      const dataset = await announceDataset(owner.caller, 'rows', format);
      const response = await put(dataset, body);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({
        code: 'INVALID_DATA',
        message: expect.stringContaining(message) as unknown,
      });
      expect(await stateOf(owner.caller, dataset.id)).toBe('REJECTED');
    }
  });

  it('is left as it was by a small file that unpacks to 16 times the largest upload', async () => {
    const dataset = await announceDataset(owner.caller);
    const bomb = gzipSync(TABLE_CSV + '\n'.repeat(16 * MAX_UPLOAD_BYTES));
    expect(bomb.length).toBeLessThan(MAX_UPLOAD_BYTES);
    const response = await put(dataset, bomb);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await stateOf(owner.caller, dataset.id)).toBe('AWAITING_UPLOAD');
  });

  it('whose last row is cut is taken with its digest, and the row is quarantined', async () => {
    const dataset = await announceDataset(owner.caller);
    const body = gzipSync(`${TABLE_CSV}5.0,re`);
    expect((await put(dataset, body)).status).toBe(422);
    const digest = createHash('sha256').update(body).digest('hex');
    const response = await put(dataset, body, { 'x-content-sha256': digest });
    expect(await response.json()).toMatchObject({
      state: 'READY',
      rowCount: 5,
      quarantinedCount: 1,
      quarantineSample: [{ line: 6, text: '5.0,re' }],
    });
  });

  it('is not announced with a format that makes no sense', async () => {
    const { createDataset } = await owner.caller.data<{ createDataset: object }>(
      `mutation ($input: CreateDatasetInput!) {
        createDataset(input: $input) { __typename ... on InvalidInput { code issues { path } } }
      }`,
      {
        input: {
          kind: KIND,
          name: 'rows',
          format: { type: 'PARQUET', delimiter: 'ab', columns: ['a', 'a'] },
        },
      },
    );
    expect(createDataset).toEqual({
      __typename: 'InvalidInput',
      code: 'BAD_USER_INPUT',
      issues: [
        { path: 'format.delimiter' },
        { path: 'format.columns' },
        { path: 'format.delimiter' },
        { path: 'format.columns' },
      ],
    });
  });
});
