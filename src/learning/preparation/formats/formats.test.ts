import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { CsvFiles } from '../../../../test/support/csv-files';
import { copyQuery, storedZstd, tableSql } from '../../../../test/support/data-formats';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { inspectCsv } from '../inspect-csv';
import { prepareExamples, type PreparedPart } from '../prepare-examples';
import { type DatasetProfile } from '../profile/dataset-profile';
import { profileCsv } from '../profile/profile-csv';
import { type DeclaredFormat, type FileFormat } from './file-format';

const HEADER = ['id', 'user', 'at', 'kind', 'age', 'colour', 'bought'];
const TABLE: FeatureSpecInput = {
  shape: 'TABLE',
  idColumn: 'id',
  label: { column: 'bought' },
  features: [
    { type: 'numeric', name: 'age' },
    { type: 'categorical', name: 'colour' },
  ],
};
const EVENTS: FeatureSpecInput = {
  shape: 'EVENTS',
  idColumn: 'id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'purchase', withinMinutes: 12 * 60 },
  features: [
    { type: 'numeric', name: 'age' },
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
  ],
  sequence: {
    maxLength: 4,
    fields: [
      { type: 'categorical', name: 'kind' },
      { type: 'categorical', name: 'colour' },
    ],
  },
};

/** Rows with commas, quotes, line breaks, missing values, and one that cannot be read: the 8th. */
const ROWS = Array.from({ length: 150 }, (_, i): (string | null)[] => [
  `row ${i}`,
  `user ${i % 9}`,
  new Date(Date.UTC(2024, 0, 1, i, (i * 7) % 60)).toISOString(),
  i % 4 === 0 ? 'purchase' : 'view',
  i === 7 ? 'old' : i % 6 === 0 ? null : String((i * 37) % 101),
  ['réd', 'light "blue"', 'green, or so', 'two\nlines', null][i % 5] ?? null,
  i % 3 === 0 ? '1' : '0',
]);
/** For formats in which a value is never of two lines. */
const FLAT_ROWS = ROWS.map((row) => row.map((value) => value?.replace('\n', ' ') ?? null));

const delimited = (rows: typeof ROWS, delimiter: string, header = true): string =>
  [...(header ? [HEADER] : []), ...rows]
    .map((row) => row.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)))
    .map(
      (row) =>
        `${row.map((value) => (delimiter === '   ' && value === '' ? '""' : value)).join(delimiter)}\n`,
    )
    .join('');

/** Missing values as null in one row, and left out in the next; keys in changing order. */
const jsonLines = (): string =>
  ROWS.map((row, i) => {
    const entries = HEADER.map((name, column) => [name, row[column]] as const);
    const given = i % 2 === 0 ? entries : entries.filter(([, value]) => value !== null).reverse();
    const text = JSON.stringify(Object.fromEntries(given));
    return text.replace(/"(age|bought)":"(\d+)"/g, '"$1":$2');
  }).join('\n');

interface Case {
  readonly content: (files: CsvFiles) => Promise<string | Uint8Array>;
  readonly declared?: DeclaredFormat;
  readonly found: Partial<FileFormat>;
  /** Of the row that cannot be read. */
  readonly badLine: number;
  readonly rows?: typeof ROWS;
}

const parquet = async (files: CsvFiles, typed: boolean): Promise<Buffer> => {
  const path = join(files.folder, `${typed ? 'typed' : 'texts'}.parquet`);
  // One value of the typed column must be unreadable as well: infinity is.
  const columns = `id, "user", "at"::TIMESTAMP::TIMESTAMP_NS AS "at", kind,
    CASE age WHEN 'old' THEN 'infinity'::DOUBLE ELSE TRY_CAST(age AS DOUBLE) END AS age, colour, bought::DOUBLE AS bought`;
  await copyQuery(
    `SELECT ${typed ? columns : '*'} FROM (${tableSql(HEADER, ROWS)})`,
    path,
    'FORMAT parquet, ROW_GROUP_SIZE 2048',
  );
  return readFile(path);
};

const csv = { type: 'CSV', hasHeader: true, delimiter: ',', compression: 'NONE' } as const;
const plain = { delimiter: null, hasHeader: null, columns: null } as const;
const text = (content: string) => () => Promise.resolve(content);
/** The line of the unreadable row, where one of the rows before it has two lines. */
const CSV_LINE = 10;

const CASES: Record<string, Case> = {
  CSV: { content: text(delimited(ROWS, ',')), found: csv, badLine: CSV_LINE },
  TSV: { content: text(delimited(ROWS, '\t')), found: { ...csv, delimiter: '\t' }, badLine: CSV_LINE },
  semicolons: { content: text(delimited(ROWS, ';')), found: { ...csv, delimiter: ';' }, badLine: CSV_LINE },
  'another delimiter, declared': {
    content: text(delimited(ROWS, '^')),
    declared: { delimiter: '^' },
    found: { ...csv, delimiter: '^' },
    badLine: CSV_LINE,
  },
  'no header, columns declared': {
    content: text(delimited(ROWS, '|', false)),
    declared: { columns: HEADER },
    found: { ...csv, delimiter: '|', hasHeader: false, columns: HEADER },
    badLine: CSV_LINE - 1,
  },
  'runs of blanks': {
    content: text(`\n${delimited(FLAT_ROWS, '   ').replaceAll(/^/gm, ' ')}`),
    found: { ...csv, delimiter: ' ' },
    badLine: 10,
    rows: FLAT_ROWS,
  },
  'CSV in gzip, of two members': {
    content: () => {
      const all = Buffer.from(delimited(ROWS, ','));
      return Promise.resolve(Buffer.concat([gzipSync(all.subarray(0, 999)), gzipSync(all.subarray(999))]));
    },
    found: { ...csv, compression: 'GZIP' },
    badLine: CSV_LINE,
  },
  'CSV in zstd': {
    content: async (files) => {
      const path = join(files.folder, 'rows.csv.zst');
      await copyQuery(tableSql(HEADER, ROWS), path, 'FORMAT csv, HEADER, COMPRESSION zstd');
      return readFile(path);
    },
    found: { ...csv, compression: 'ZSTD' },
    badLine: CSV_LINE,
  },
  'JSON Lines': { content: text(jsonLines()), found: { ...plain, type: 'JSON_LINES' }, badLine: 8 },
  'JSON Lines in zstd': {
    content: () => Promise.resolve(storedZstd(`\n\n${jsonLines()}`)),
    declared: { type: 'JSON_LINES' },
    found: { ...plain, type: 'JSON_LINES', compression: 'ZSTD' },
    badLine: 10,
  },
  'Parquet of texts': {
    content: (files) => parquet(files, false),
    found: { ...plain, type: 'PARQUET' },
    badLine: 8,
  },
  'Parquet of types': {
    content: (files) => parquet(files, true),
    declared: { type: 'PARQUET' },
    found: { ...plain, type: 'PARQUET' },
    badLine: 8,
  },
  'Parquet in gzip': {
    content: async (files) => gzipSync(await parquet(files, false)),
    found: { ...plain, type: 'PARQUET', compression: 'GZIP' },
    badLine: 8,
  },
};

describe.each(Object.entries(CASES))('a file of %s', (_name, { content, declared, found, badLine, rows }) => {
  let files: CsvFiles;
  let path: string;
  let reference: string;
  beforeAll(async () => {
    files = await CsvFiles.create();
    path = await files.write(await content(files));
    reference = await files.write(delimited(rows ?? ROWS, ','));
  });
  afterAll(() => files.remove());

  it.each([
    ['TABLE', TABLE],
    ['EVENTS', EVENTS],
  ])('gives the same %s examples as the same rows as CSV', async (_shape, input) => {
    const spec = featureSpecSchema.parse(input);
    const inspection = await inspectCsv(path, spec, { workDirectory: files.folder, format: declared });
    expect(inspection.format).toMatchObject(found);
    expect(inspection.columns.map((column) => column.name).sort()).toEqual([...HEADER].sort());
    expect(inspection).toMatchObject({ rowCount: 150, endsInsideRow: false });
    const [bad] = inspection.quarantined.sample;
    expect(inspection.quarantined.count).toBe(1);
    expect(bad).toMatchObject({ line: badLine, reason: expect.stringContaining('column age') as unknown });
    expect(bad?.text).toContain('row 7');

    const prepared = await prepare(path, spec, inspection.format);
    const expected = await prepare(reference, spec, null);
    expect(prepared.accounting).toEqual(expected.accounting);
    expect(prepared.accounting).toMatchObject({ rows: 150, quarantined: 1 });
    expect(prepared.featureMap).toEqual(expected.featureMap);
    for (const part of ['train', 'validation', 'test'] as const) {
      expect(prepared[part].ids()).toEqual(expected[part].ids());
      expect(await all(prepared[part])).toEqual(await all(expected[part]));
    }
  });

  it('has the profile of the same rows as CSV', async () => {
    const spec = featureSpecSchema.parse(TABLE);
    const workDirectory = files.folder;
    const profile = await profileCsv(path, spec, { workDirectory, format: declared });
    expect(comparable(profile)).toEqual(comparable(await profileCsv(reference, spec, { workDirectory })));
  });

  const prepare = (
    csvPath: string,
    spec: ReturnType<typeof featureSpecSchema.parse>,
    format: FileFormat | null,
  ) => prepareExamples({ csvPath, spec, workDirectory: files.folder, seed: 3, format: format ?? undefined });
});

/**
 * The columns in one order, without lines and texts, which are each format's own: a typed moment is written in another
 * way.
 */
function comparable(profile: DatasetProfile): unknown {
  const columns = [...profile.columns].sort((a, b) => a.name.localeCompare(b.name));
  return JSON.parse(
    JSON.stringify({ ...profile, columns }, (key, value: unknown) =>
      /lines?$/i.test(key) || ['index', 'value', 'reason'].includes(key) ? undefined : value,
    ),
  );
}

const all = (part: PreparedPart) => part.read(Int32Array.from({ length: part.count }, (_, i) => i));
