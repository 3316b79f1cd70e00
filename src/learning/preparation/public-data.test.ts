import { access, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { CsvFiles } from '../../../test/support/csv-files';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { type FileFormat } from './formats/file-format';
import { scanFile } from './formats/scan-file';
import { inspectCsv } from './inspect-csv';
import { prepareExamples } from './prepare-examples';

const folder = process.env['PROPENSITY_SHARED_DATA'] ?? '';
const describeWithData = folder === '' ? describe.skip : describe;

const ONLINE_SHOPPERS: FeatureSpecInput = {
  shape: 'TABLE',
  label: { column: 'Revenue' },
  features: [
    ...[
      'Administrative',
      'Administrative_Duration',
      'Informational',
      'Informational_Duration',
      'ProductRelated',
      'ProductRelated_Duration',
      'BounceRates',
      'ExitRates',
      'PageValues',
      'SpecialDay',
    ].map((column, i) => ({ type: 'numeric' as const, name: `n${i}`, column })),
    ...['Month', 'OperatingSystems', 'Browser', 'Region', 'TrafficType', 'VisitorType', 'Weekend'].map(
      (column, i) => ({ type: 'categorical' as const, name: `c${i}`, column }),
    ),
  ],
};

const TAIWAN: FeatureSpecInput = {
  shape: 'TABLE',
  label: { column: 'dpnm' },
  features: [
    { type: 'numeric', name: 'limit', column: 'LIMIT_BAL' },
    { type: 'categorical', name: 'education', column: 'EDUCATION' },
    ...[1, 2, 3, 4, 5, 6].map((month) => ({
      type: 'numeric' as const,
      name: `bill${month}`,
      column: `BILL_AMT${month}`,
    })),
  ],
};

const REES46: FeatureSpecInput = {
  shape: 'EVENTS',
  subjectColumn: 'user_session',
  timeColumn: 'event_time',
  kindColumn: 'event_type',
  momentKinds: ['view'],
  label: { event: 'purchase', withinMinutes: 30 },
  features: [{ type: 'numeric', name: 'price' }],
  sequence: {
    maxLength: 20,
    fields: [
      { type: 'categorical', name: 'kind', column: 'event_type' },
      { type: 'categorical', name: 'brand' },
      { type: 'elapsed', name: 'ago' },
    ],
  },
};

type Seen = Pick<FileFormat, 'compression' | 'delimiter' | 'hasHeader'>;
const seen = (compression: Seen['compression'], delimiter: string, hasHeader: boolean): Seen => ({
  compression,
  delimiter,
  hasHeader,
});
const headed = seen('NONE', ',', true);
const packed = seen('GZIP', ',', true);
const criteo = seen('NONE', '\t', false);

/** Each file's format, columns and rows; none of them declared. */
const FORMATS: ReadonlyArray<readonly [string, Seen, number, number]> = [
  ['credit/german_credit.tsv', seen('NONE', '\t', false), 21, 1000],
  ['credit/taiwan_credit_default.csv.gz', packed, 25, 30_000],
  ['ctr/criteo_head_dev.tsv', criteo, 40, 409],
  ['ctr/criteo_head_test.tsv', criteo, 40, 391],
  ['ctr/criteo_head_train.tsv', criteo, 40, 7200],
  ['ctr/movielens_small_2016_movies.csv', headed, 3, 9125],
  ['ctr/movielens_small_2016_ratings.csv.gz', packed, 4, 100_004],
  ['ctr/obd_bts_men.csv.gz', packed, 44, 10_000],
  ['ctr/obd_bts_men_item_context.csv', headed, 6, 34],
  ['ctr/obd_bts_women.csv.gz', packed, 56, 10_000],
  ['ctr/obd_bts_women_item_context.csv', headed, 6, 46],
  ['ecommerce/cdnow_master.txt', seen('NONE', ' ', false), 4, 69_659],
  ['ecommerce/online_shoppers_intention.csv', headed, 18, 12_330],
  ['ecommerce/rees46_2019_oct_head.csv.gz', packed, 9, 17_434],
];

/** Files of the public sets, where `PROPENSITY_SHARED_DATA` says; counts are those their publishers give. */
describeWithData('public data (PROPENSITY_SHARED_DATA)', () => {
  let files: CsvFiles;
  beforeAll(async () => {
    await access(folder);
    files = await CsvFiles.create();
  });
  afterAll(() => files.remove());

  const prepare = (csvPath: string, spec: FeatureSpecInput) =>
    prepareExamples({ csvPath, spec: featureSpecSchema.parse(spec), workDirectory: files.folder, seed: 0 });

  it.each(FORMATS)('recognizes the format of %s', async (name, format, columns, rows) => {
    const workDirectory = await mkdtemp(join(files.folder, 'scan-'));
    const scan = await scanFile({ path: join(folder, name), wanted: new Set(), workDirectory });
    expect(scan.format).toEqual({ type: 'CSV', columns: null, ...format });
    expect(scan.dialect.header).toHaveLength(columns);
    expect(scan.records).toBe(rows);
    expect(scan.quarantine.count).toBe(name.includes('rees46') ? 1 : 0);
  });

  it('prepares Online Shoppers: 12,330 sessions, 15.47 % with revenue', async () => {
    const path = join(folder, 'ecommerce', 'online_shoppers_intention.csv');
    const inspection = await inspectCsv(path, featureSpecSchema.parse(ONLINE_SHOPPERS));
    expect(inspection).toMatchObject({ rowCount: 12_330, momentCount: 12_330, quarantined: { count: 0 } });
    expect(inspection.labelRate).toBeCloseTo(1908 / 12_330, 10);
    const prepared = await prepare(path, ONLINE_SHOPPERS);
    expect(prepared.accounting).toMatchObject({ rows: 12_330, examples: 12_330, duplicates: 0 });
    expect(prepared.counts.train).toBeCloseTo(12_330 * 0.7, -1);
    expect(prepared.featureMap.categorical.at(-1)?.vocabulary).toEqual(['false', 'true']);
  });

  it('prepares Taiwan: 30,000 customers, 22.12 % in default', async () => {
    const path = join(folder, 'credit', 'taiwan_credit_default.csv.gz');
    const inspection = await inspectCsv(path, featureSpecSchema.parse(TAIWAN));
    expect(inspection.labelRate).toBeCloseTo(6636 / 30_000, 10);
    expect((await prepare(path, TAIWAN)).accounting).toMatchObject({ rows: 30_000, examples: 30_000 });
  });

  it('prepares REES46 from events and reports its truncated last line', async () => {
    const path = join(folder, 'ecommerce', 'rees46_2019_oct_head.csv.gz');
    const inspection = await inspectCsv(path, featureSpecSchema.parse(REES46));
    expect(inspection).toMatchObject({ endsInsideRow: true, rowCount: 17_435, quarantined: { count: 1 } });
    const { accounting } = await prepare(path, { ...REES46, split: { by: 'entity' } });
    expect(accounting).toMatchObject({ rows: 17_435, quarantined: 1 });
    expect(accounting.censored).toBeGreaterThan(1000);
  });

  const rateOf = ({ split: { train, validation, test } }: Awaited<ReturnType<typeof prepare>>) => {
    const parts = [train, validation, test];
    const sum = (key: 'examples' | 'positives') => parts.reduce((total, part) => total + part[key], 0);
    return { examples: sum('examples'), positives: sum('positives') };
  };

  it('asks CDNOW on a date: of 23,570 customers, 29.94 % buy on or after 1997-10-01', async () => {
    const prepared = await prepare(join(folder, 'ecommerce', 'cdnow_master.txt'), {
      ...{ shape: 'EVENTS', subjectColumn: 'column1', timeColumn: 'column2' },
      cleaning: { timeFormats: ['%Y%m%d'] },
      momentDates: ['1997-10-01'],
      // The last order is of 1998-06-30, and the data complete to the end of that day.
      dataUntil: '1998-07-01',
      label: { event: '*', within: { days: 273 } },
      features: [{ type: 'numeric', name: 'dollars', column: 'column4', transform: 'log1p' }],
    });
    expect(prepared.accounting).toMatchObject({ quarantined: 0, moments: 23_570, censored: 0 });
    expect(prepared.split).toMatchObject({ by: 'entity' });
    const { examples, positives } = rateOf(prepared);
    expect([examples, positives]).toEqual([23_570, 7_058]);
    expect(positives / examples).toBeCloseTo(0.2994, 4);
  });

  it('asks REES46 at the first event of each of 5,066 sessions whether a purchase follows', async () => {
    const spec: FeatureSpecInput = {
      ...REES46,
      momentKinds: undefined,
      momentEvent: { nth: 1, of: 'session' },
      sessionColumn: 'user_session',
      label: { event: 'purchase', within: 'session' },
      split: { by: 'time' },
    };
    const path = join(folder, 'ecommerce', 'rees46_2019_oct_head.csv.gz');
    // Sessions that may go on after the end of the data are not known; by the publisher's count, they are.
    const known = await prepare(path, spec);
    expect(known.accounting.moments).toBe(5_066);
    expect(known.accounting.censored).toBeGreaterThan(500);
    const all = await prepare(path, {
      ...spec,
      label: { event: 'purchase', within: 'session' },
      sessionGapMinutes: 0.001,
      split: { by: 'stratified' },
    });
    // Of the 200 sessions with a purchase, one begins with it: nothing is left to predict.
    expect(rateOf(all).positives).toBe(199);
    expect(all.accounting.censored).toBeLessThan(20);
  });

  it('asks MovieLens at each rating: 51.57 % are 4 or more', async () => {
    const prepared = await prepare(join(folder, 'ctr', 'movielens_small_2016_ratings.csv.gz'), {
      ...{ shape: 'EVENTS', subjectColumn: 'userId', timeColumn: 'timestamp', momentKinds: ['*'] },
      cleaning: { timeFormats: ['unix'] },
      label: { column: 'rating', atLeast: 4 },
      features: [{ type: 'categorical', name: 'movie', column: 'movieId' }],
      sequence: { maxLength: 20, fields: [{ type: 'numeric', name: 'rated', column: 'rating' }] },
    });
    const { examples, positives } = rateOf(prepared);
    expect(examples).toBe(100_004);
    expect(positives / examples).toBeCloseTo(0.5157, 4);
  });
});
