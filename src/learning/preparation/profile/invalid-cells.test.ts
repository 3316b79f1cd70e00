import { CsvFiles } from '../../../../test/support/csv-files';
import { featureSpecSchema } from '../../features/feature-spec';
import { profileCsv } from './profile-csv';

it('counts a cell that cannot be read once, and says how moments are read', async () => {
  const files = await CsvFiles.create();
  const rows = Array.from({ length: 300 }, (_, i) => {
    const vector = i < 30 ? ['1 2', '1 2 3 4', '1 x 3'][i % 3] : '1 2 3';
    const at = i === 99 ? '07/13/2024' : `0${1 + (i % 9)}/02/2024`;
    return `${vector ?? ''},${at},${i % 2}`;
  });
  const spec = featureSpecSchema.parse({
    shape: 'TABLE',
    timeColumn: 'at',
    label: { column: 'y' },
    cleaning: { timeFormats: ['%d/%m/%Y', 'unix'] },
    features: [{ type: 'vector', name: 'v', dimension: 3 }],
  });
  const path = await files.write(['v,at,y', ...rows].join('\n'));
  const { columns, quarantinedCount } = await profileCsv(path, spec, { workDirectory: files.folder });
  const [vector, at] = columns;
  expect(quarantinedCount).toBe(31);
  expect(vector?.invalid.count).toBe(30);
  expect(at?.invalid.examples.map(({ reason }) => reason)).toEqual([
    'column at: "07/13/2024" is no moment between the years 1900 and 2200, in ISO 8601 or as %d/%m/%Y, unix',
  ]);
  await files.remove();
});
