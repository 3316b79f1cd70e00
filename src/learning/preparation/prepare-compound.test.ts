import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { CsvFiles } from '../../../test/support/csv-files';
import { encode } from '../features/encode';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { parseMoment } from '../features/moment';
import { type ExampleRecord, type FeatureValue, rawFromRecords } from '../features/raw-from-records';
import { DuckDbSession } from './duckdb-session';
import { inspectCsv } from './inspect-csv';
import { prepareExamples, type PreparedExamples } from './prepare-examples';

const START_MS = Date.UTC(2024, 1, 27, 22);
const MINUTE_MS = 60_000;
const DIMENSION = 3;
const KINDS = [
  { type: 'multi', name: 'tags', maxValues: 3 },
  { type: 'numeric', name: 'price' },
  { type: 'text', name: 'title', maxTokens: 4, pooling: 'sum' },
  { type: 'vector', name: 'image', dimension: DIMENSION },
  {
    type: 'timestamp',
    name: 'since',
    column: 'joined',
    parts: ['hourOfDay', 'dayOfWeek', 'dayOfMonth', 'monthOfYear'],
  },
  { type: 'categorical', name: 'what', column: 'kind' },
  { type: 'timestamp', name: 'ago', column: 'joined', parts: [] },
] satisfies FeatureSpecInput['features'];
const SPEC: FeatureSpecInput = {
  shape: 'EVENTS',
  idColumn: 'id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'buy', withinMinutes: 10 },
  features: KINDS,
  sequence: { maxLength: 3, fields: [{ type: 'elapsed', name: 'gone' }, ...KINDS] },
};
const TABLE: FeatureSpecInput = { shape: 'TABLE', timeColumn: 'at', label: { column: 'y' }, features: KINDS };
const HEADER = ['id', 'user', 'at', 'kind', 'price', 'tags', 'title', 'image', 'joined'];

interface Event {
  readonly ms: number;
  readonly user: string;
  readonly kind: string;
  readonly price: number | null;
  readonly tags: readonly string[] | null;
  readonly isJson: boolean;
  readonly title: string;
  readonly image: readonly number[] | null;
  readonly joined: number | null;
}

const number = fc.float({ min: -1000, max: 1000, noNaN: true }).map((value) => value + 0);
/** Few users and minutes, so that ties and empty histories are common; everything may be missing. */
const anyEvents: fc.Arbitrary<Event[]> = fc.array(
  fc.record({
    ms: fc.integer({ min: 0, max: 90 }).map((minute) => START_MS + minute * MINUTE_MS),
    user: fc.constantFrom('u', 'v', 'w'),
    kind: fc.constantFrom('view', 'view', 'buy'),
    price: fc.option(number),
    tags: fc.option(fc.array(fc.constantFrom('', 'red', 'Å', 'TRUE', 'a b', 'rare', '7'), { maxLength: 6 })),
    isJson: fc.boolean(),
    title: fc.constantFrom('', 'İs THE “best”', 'the 東京🔥 e\u0301', 'best best best best of 5', '[x'),
    image: fc.option(fc.array(number, { minLength: DIMENSION, maxLength: DIMENSION })),
    // Some of them after the moment.
    joined: fc.option(fc.integer({ min: -2e9, max: 5_400_000 }).map((ms) => START_MS + ms)),
  }),
  { minLength: 60, maxLength: 100 },
);

function cells(event: Event): string[] {
  const { tags, isJson, image } = event;
  const list = isJson ? JSON.stringify : (values: readonly (string | number)[]) => values.join(' ');
  return [
    String(event.price ?? ''),
    tags ? (isJson ? JSON.stringify(tags) : tags.join('|')) : '',
    event.title,
    image ? list(image) : '',
    event.joined === null ? '' : new Date(event.joined).toISOString(),
  ];
}

function valuesOf({ price, tags, title, image, joined, kind }: Event): Record<string, FeatureValue> {
  const moment = joined === null ? null : new Date(joined);
  return { price, tags, title, image, what: kind, since: moment, ago: moment?.toISOString() };
}

const quoted = (rows: readonly string[][]): string[][] =>
  rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`));

describe('compound features', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function prepare(
    header: string[],
    rows: string[][],
    spec: FeatureSpecInput,
  ): Promise<PreparedExamples> {
    const csvPath = await files.writeRows([header, ...quoted(rows)]);
    return prepareExamples({
      csvPath,
      spec: featureSpecSchema.parse(spec),
      workDirectory: files.folder,
      seed: 1,
    });
  }

  it('are the same from a file as from requests, and encoded as the reference encodes them', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents, async (events) => {
        const lastMs = Math.max(...events.map(({ ms }) => ms));
        const rows = events.map((event, i) => [
          `e${i}`,
          event.user,
          new Date(event.ms).toISOString(),
          event.kind,
          ...cells(event),
        ]);
        // With a label of each class in every part.
        for (let i = 0; i < 40; i++) {
          const at = (minutes: number) => new Date(lastMs + minutes * MINUTE_MS).toISOString();
          rows.push([`p${i}`, `p${i}`, at(i * 2 + 1), 'view', ...Array<string>(5).fill('')]);
          rows.push([`b${i}`, i % 2 ? `p${i}` : 'b', at(i * 2 + 2), 'buy', ...Array<string>(5).fill('')]);
        }
        const prepared = await prepare(HEADER, rows, SPEC);
        expect(prepared.accounting.quarantined).toBe(0);
        let later = 0;
        for (const part of [prepared.train, prepared.validation, prepared.test]) {
          const indices = Int32Array.from({ length: part.count }, (_, n) => n);
          const raw = await part.readRaw(indices);
          const encoded = await part.read(indices);
          expect(encoded).toMatchObject(encode(prepared.featureMap, raw));
          const records = part.ids().map((id): ExampleRecord => {
            const event = events[Number(id.slice(1))];
            if (!id.startsWith('e') || !event) return { at: new Date(0), features: {} };
            const history = events
              .filter(({ user, ms }) => user === event.user && ms < event.ms)
              .map((past) => ({ at: new Date(past.ms), values: valuesOf(past) }));
            const seen = [event, ...[...history].sort((a, b) => +a.at - +b.at).slice(-3)];
            later += seen.filter((one) => {
              const joined = 'joined' in one ? one.joined : one.values['since'];
              return joined !== null && Number(joined) > event.ms;
            }).length;
            return { at: new Date(event.ms), features: valuesOf(event), history };
          });
          const own = indices.filter((n) => part.ids()[n]?.startsWith('e'));
          const online = rawFromRecords(
            featureSpecSchema.parse(SPEC),
            [...own].map((n) => records[n]!),
          );
          expect(online).toEqual(await part.readRaw(own));
        }
        // Two timestamps read the same cells.
        expect(prepared.accounting.laterMoments).toBe(2 * later);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }, 60_000);

  const row = (n: number, changes: Partial<Record<string, string>> = {}) =>
    [
      ['at', new Date(START_MS + n * MINUTE_MS).toISOString()],
      ['y', String(n % 2)],
      ['price', '1'],
      ['kind', 'k'],
      ['tags', 'a|b'],
      ['title', 'Some title'],
      ['image', '[1, 2, 3]'],
      ['joined', '2024-01-01'],
    ].map(([column, value]) => changes[column!] ?? value!);
  const TABLE_HEADER = ['at', 'y', 'price', 'kind', 'tags', 'title', 'image', 'joined'];

  it.each([
    ['tags', '["a"', 'column tags: "[\\"a\\"" begins with [ and is no JSON array of texts and numbers'],
    ['tags', '["\\u0000"]', 'column tags: holds a NUL character'],
    ['tags', 'x|'.repeat(33_000), 'column tags: is longer than 65536 characters'],
    ['title', 'y'.repeat(65_537), 'column title: is longer than 65536 characters'],
    ['image', '[1, 2]', 'column image: does not have 3 numbers'],
    ['image', '1 2 3 4', 'column image: does not have 3 numbers'],
    [
      'image',
      '[1, null, 3]',
      'column image: "[1, null, 3]" holds something that is not a number within ±3.4e38',
    ],
    ['image', '1;nan;3', 'column image: "1;nan;3" holds something that is not a number within ±3.4e38'],
    ['image', '1 2 1e39', 'column image: "1 2 1e39" holds something that is not a number within ±3.4e38'],
    [
      'joined',
      'yesterday',
      'column joined: "yesterday" is no ISO 8601 moment between the years 1900 and 2200',
    ],
    [
      'joined',
      '1066-10-14',
      'column joined: "1066-10-14" is no ISO 8601 moment between the years 1900 and 2200',
    ],
  ])('are quarantined where %s is %.20s', async (column, value, reason) => {
    const rows = Array.from({ length: 40 }, (_, n) => row(n, n === 7 ? { [column]: value } : {}));
    const csvPath = await files.writeRows([TABLE_HEADER, ...quoted(rows)]);
    const { quarantined } = await inspectCsv(csvPath, featureSpecSchema.parse(TABLE));
    expect(quarantined.sample.map(({ line, reason }) => ({ line, reason }))).toEqual([{ line: 9, reason }]);
    const { accounting } = await prepare(TABLE_HEADER, rows, TABLE);
    expect(accounting).toMatchObject({ rows: 40, quarantined: 1, examples: 39 });
  });

  it.each([
    ['image', ['[]', '', 'NA', 'null', '[ ]'], [NaN, NaN, NaN]],
    ['image', ['[1,2,3]', '1 2 3', ' 1|2|3 ', '1.0,2e0;3', '[ 1.0 , +2, 3 ]'], [1, 2, 3]],
    ['joined', ['', '?', 'NA'], [NaN, NaN, NaN, NaN, NaN]],
  ])('read %s alike however it is written: %j', async (column, written, expected) => {
    const rows = Array.from({ length: 40 }, (_, n) => row(n, { [column]: written[n % written.length]! }));
    const { train, accounting } = await prepare(TABLE_HEADER, rows, TABLE);
    expect(accounting.quarantined).toBe(0);
    const raw = await train.readRaw(Int32Array.from({ length: train.count }, (_, n) => n));
    const values = raw.numeric[column === 'image' ? 'image' : 'since']!;
    expect([...values]).toEqual(Array.from({ length: train.count }, () => expected).flat());
  });

  it("are read from Parquet's lists and timestamps", async () => {
    const csvPath = join(files.folder, 'lists.parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT TIMESTAMP '2024-03-01' + to_minutes(i::INTEGER) AS at, (i % 2)::INTEGER AS y, 1.0 AS price, 'k' AS kind,
         ['a|b', 'Å', NULL] AS tags, 'Some title' AS title, [1.5, -2, 3]::FLOAT[3] AS image,
         TIMESTAMP '2024-02-29 12:00:00' AS joined FROM range(60) t(i))
       TO '${csvPath}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    const { train, accounting } = await prepareExamples({
      csvPath,
      spec: featureSpecSchema.parse(TABLE),
      workDirectory: files.folder,
      seed: 1,
    });
    expect(accounting).toMatchObject({ rows: 60, quarantined: 0, examples: 60 });
    const { numeric, categorical } = await train.readRaw(Int32Array.of(0));
    expect(categorical).toMatchObject({ tags: ['a|b', 'Å', ''], title: ['some', 'title', '', ''] });
    expect(numeric).toMatchObject({ image: Float32Array.of(1.5, -2, 3), ago: Float32Array.of(43_200) });
  });

  it('are fitted on the training part alone', async () => {
    const rows = Array.from({ length: 100 }, (_, n) =>
      row(n, n < 70 ? {} : { tags: 'late', title: 'late words', image: '900 900 900' }),
    );
    const { featureMap } = await prepare(TABLE_HEADER, rows, TABLE);
    expect(featureMap.compound).toMatchObject([
      { type: 'multi', size: 3, vocabulary: ['a', 'b'] },
      { type: 'text', size: 4, pooling: 'sum', vocabulary: ['some', 'title'] },
      { type: 'vector', scales: [{ mean: 1 }, { mean: 2 }, { mean: 3 }] },
      { type: 'timestamp', periods: [24, 7, 1, 12] },
      { type: 'timestamp', periods: [] },
    ]);
  });

  it('read moments as requests do', async () => {
    const session = await DuckDbSession.open({ filePath: files.folder, workDirectory: files.folder });
    const texts = [
      ...['2024-02-29', '2023-02-29', '2024-02-29T12:34', '2024-02-29 12:34:56', '2024-02-29T12:34:56.789Z'],
      ...['2024-02-29T12:34:56.123456Z', '2024-02-29T12:34:56.1234567Z', '2024-02-29T12:34:56+02:00'],
      ...[
        '2024-02-29T12:34:56-0530',
        '2024-02-29T12:34:56+02',
        ' 2024-02-29',
        '2024-02-29T12:34:56 ',
        '2024-02-29 1:02',
        '2024-2-9',
        '2024-13-01',
      ],
      ...['2024-02-29T24:00:00', '2024-02-29T12:60', '2024-02-29T12:34:60', 'now', '', '1709210096', '2024'],
      ...['2024-02-29T12:34:56 Z', '2024-02-29t12:34:56z', '29.02.2024', '02/29/2024', '2024-02-29T'],
    ];
    const found: unknown[] = [];
    for (const text of texts) {
      const [row] = await session.rows(`SELECT epoch_us(TRY_CAST('${text}' AS TIMESTAMPTZ)) / 1000.0`);
      found.push({ text, ms: row?.[0] ?? NaN });
    }
    session.close();
    expect(texts.map((text) => ({ text, ms: parseMoment(text) }))).toEqual(found);
  });
});
