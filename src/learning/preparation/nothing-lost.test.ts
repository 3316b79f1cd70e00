import fc from 'fast-check';
import { CsvFiles } from '../../../test/support/csv-files';
import { AppError } from '../../errors';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { inspectUpload } from './mapping/inspect-upload';
import { prepareExamples } from './prepare-examples';
import { profileCsv } from './profile/profile-csv';
import { readQuarantineRecord } from './quarantine-record';
import { readFile } from 'node:fs/promises';

const TABLE: FeatureSpecInput = {
  shape: 'TABLE',
  timeColumn: 'at',
  label: { column: 'y' },
  features: [
    { type: 'numeric', name: 'x' },
    { type: 'categorical', name: 'k' },
  ],
};
const EVENTS: FeatureSpecInput = {
  ...TABLE,
  shape: 'EVENTS',
  subjectColumn: 'k',
  kindColumn: 'k',
  momentKinds: ['red', 'blue', 'Red', ' red'],
};
const CHANGES: readonly Partial<FeatureSpecInput>[] = [
  {},
  { cleaning: { dropDuplicates: true }, dataUntil: '2024-02-01' },
  { cleaning: { timeFormats: ['%d.%m.%Y', 'unix'] } },
];

const day = (n: number): string => new Date(Date.UTC(2024, 0, 1 + n)).toISOString();
const cell = {
  x: fc.constantFrom('1', '2.5', '-1', '', 'NA', 'unknown', '1e999', '=1', '7'),
  k: fc.constantFrom('red', 'Red', ' red', 'blue', '', '"a, b"', '"two\nlines"', '\0'),
  y: fc.constantFrom('0', '1', '1', '0', ''),
  at: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 60 }).map(day) },
    fc.constantFrom('03.01.2024', '1704067200', 'yesterday', '', '2199-01-01'),
  ),
};
const row = fc.record(cell).map(({ x, k, y, at }) => `${x},${k},${y},${at}`);
const line = fc.oneof(
  { weight: 12, arbitrary: row },
  fc.constantFrom(
    '1,red',
    '1,red,0,2024-01-01,9',
    '1;red;0;2024-01-01',
    '1,"red,0,2024-01-01',
    '',
    'é,"b"c,1,2024-01-01',
  ),
);
/** Most rows are good, so that most files are read. */
const good = fc
  .record({ x: fc.integer({ min: 0, max: 9 }), y: fc.boolean(), n: fc.integer({ min: 0, max: 60 }) })
  .map(({ x, y, n }) => `${x},${x % 2 === 0 ? 'red' : 'blue'},${y ? 1 : 0},${day(n)}`);
const lines = fc
  .tuple(fc.array(good, { minLength: 30, maxLength: 60 }), fc.array(line, { maxLength: 30 }), fc.boolean())
  .map(([most, some, latin]) => {
    const mixed = [...most];
    some.forEach((each, i) => mixed.splice((i * 7) % (mixed.length + 1), 0, each));
    return Buffer.from(['x,k,y,at', ...mixed, ''].join('\n'), latin ? 'latin1' : 'utf8');
  });

/** Of every file, whatever is in it: in = examples + quarantined + explained. */
describe('no row is lost', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  it.each([
    ['TABLE', TABLE],
    ['EVENTS', EVENTS],
  ])(
    'of a %s, in inspection, profile, quarantine and examples',
    async (_, input) => {
      let read = 0;
      await fc.assert(
        fc.asyncProperty(lines, fc.constantFrom(...CHANGES), async (content, change) => {
          const path = await files.write(content);
          const spec = featureSpecSchema.parse(input);
          const options = { workDirectory: files.folder, threads: 1 };
          const quarantinePath = `${path}.quarantine`;
          try {
            const inspection = await inspectUpload(path, spec, options);
            const profile = await profileCsv(path, spec, { ...options, quarantinePath });
            expect(profile.rowCount + profile.unreadableCount).toBe(inspection.rowCount);
            expect(profile.quarantinedCount).toBe(inspection.quarantined.count);
            const written = (await readFile(quarantinePath, 'utf8'))
              .trimEnd()
              .split('\n')
              .slice(1)
              .map(readQuarantineRecord);
            expect(written.map(({ line: at, reason }) => [at, reason]).slice(0, 100)).toEqual(
              inspection.quarantined.sample.map(({ line: at, reason }) => [at, reason]),
            );
            expect(written).toHaveLength(profile.quarantinedCount);
            expect(profile.quarantineReasons.reduce((sum, { count }) => sum + count, 0)).toBe(written.length);

            const mended = featureSpecSchema.parse({ ...input, ...change });
            const prepared = await prepareExamples({ csvPath: path, spec: mended, seed: 1, ...options });
            await prepared.close();
            const { accounting, counts } = prepared;
            const { rows, quarantined, later, duplicates, used } = accounting;
            expect(rows).toBe(inspection.rowCount);
            expect(quarantined + later + duplicates + used).toBe(rows);
            expect(accounting.moments).toBe(
              accounting.examples + accounting.censored + accounting.embargoed + accounting.unassigned,
            );
            expect(counts.train + counts.validation + counts.test).toBe(accounting.examples);
            // Moments that are read otherwise, and rows from the future that are left out, need no quarantine.
            const isMended = change.cleaning?.timeFormats !== undefined || change.dataUntil !== undefined;
            if (!isMended) expect(quarantined).toBe(profile.quarantinedCount);
            else expect(quarantined).toBeLessThanOrEqual(profile.quarantinedCount);
            if (input.shape === 'TABLE') expect(accounting.moments).toBe(used);
            read += 1;
          } catch (error) {
            // Nothing but what a tenant can mend.
            if (!(error instanceof AppError)) throw error;
            expect(error.code).toBe('INVALID_DATA');
          }
        }),
        { numRuns: 25 },
      );
      expect(read).toBeGreaterThan(10);
    },
    120_000,
  );
});
