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
    const { accounting } = await prepare(path, REES46);
    expect(accounting).toMatchObject({ rows: 17_435, quarantined: 1 });
    expect(accounting.censored).toBeGreaterThan(1000);
  });
});
