import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { CsvFiles } from '../../../../test/support/csv-files';
import { featureSpecSchema } from '../../features/feature-spec';
import { profileCsv } from './profile-csv';

const folder = process.env['PROPENSITY_SHARED_DATA'] ?? '';
const describeWithData = folder === '' ? describe.skip : describe;

/** Counts are those of a plain reading of the file. */
describeWithData('profileCsv on public data (PROPENSITY_SHARED_DATA)', () => {
  let files: CsvFiles;
  beforeAll(async () => {
    await access(folder);
    files = await CsvFiles.create();
  });
  afterAll(() => files.remove());

  it('finds in Online Shoppers 119 copies, 14 rows with holes, and durations of −1', async () => {
    const spec = featureSpecSchema.parse({
      shape: 'TABLE',
      label: { column: 'Revenue' },
      features: [{ type: 'numeric', name: 'pageValues', column: 'PageValues' }],
    });
    const path = join(folder, 'ecommerce', 'online_shoppers_intention.csv');
    const profile = await profileCsv(path, spec, { workDirectory: files.folder, threads: 1 });
    expect(profile).toMatchObject({
      rowCount: 12_330,
      quarantinedCount: 0,
      duplicates: { count: 119 },
      label: { count: 12_330, positives: 1908, overTime: null },
      drift: null,
      leaks: [],
    });
    const with14Holes = profile.columns.filter(({ missingCount }) => missingCount === 14);
    expect(with14Holes.map(({ name }) => name)).toEqual([
      'Administrative',
      'Administrative_Duration',
      'Informational',
      'Informational_Duration',
      'ProductRelated',
      'ProductRelated_Duration',
      'BounceRates',
      'ExitRates',
    ]);
    const suspects = profile.columns.flatMap(({ name, sentinels }) =>
      sentinels.map(({ value, count }) => [name, value, count]),
    );
    expect(suspects).toEqual([
      ['Administrative_Duration', '-1', 33],
      ['Informational_Duration', '-1', 33],
      ['ProductRelated_Duration', '-1', 33],
    ]);
    const strongest = [...profile.columns].sort((a, b) => (b.auc ?? 0) - (a.auc ?? 0))[0];
    expect(strongest).toMatchObject({ name: 'PageValues', type: 'numeric' });
    expect(strongest?.auc).toBeCloseTo(0.86, 2);
  });
});
