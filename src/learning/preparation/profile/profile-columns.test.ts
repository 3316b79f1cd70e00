import fc from 'fast-check';
import { CsvFiles } from '../../../../test/support/csv-files';
import { featureSpecSchema } from '../../features/feature-spec';
import { profileCsv } from './profile-csv';

/** What columns hold: each a few values that are read in some way of their own. */
const CELLS = [
  fc.integer({ min: -3, max: 12 }).map(String),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(String),
  fc.constantFrom('0.1', '0.30000000000000004', '7', '7.0', ' 7', '-0', '1e39', '999', '-1', '99'),
  fc.constantFrom('red', 'Red', ' red', 'blue', 'unknown', '(not set)', 'é😀', 'x'.repeat(130), '"a,b"'),
  fc.constantFrom('yes', 'No', 'TRUE', 'false'),
  fc.constantFrom(
    '2024-05-06',
    '2024-05-06T07:08:09Z',
    '13/02/2024',
    '02/03/2024',
    '1970-01-01',
    '1900-01-01',
  ),
  fc.constantFrom('', 'n/a', 'NULL', '?'),
];
const column = fc.uniqueArray(fc.constantFrom(...CELLS.keys()), { minLength: 1, maxLength: 3 });
const anyFile = fc
  .record({
    columns: fc.array(column, { minLength: 2, maxLength: 9 }),
    rows: fc.integer({ min: 1, max: 90 }),
  })
  .chain(({ columns, rows }) =>
    fc.array(
      fc.record({
        cells: fc.tuple(...columns.map((kinds) => fc.oneof(...kinds.map((kind) => CELLS[kind]!)))),
        y: fc.boolean(),
        isView: fc.boolean(),
        hour: fc.nat(400),
      }),
      { minLength: rows, maxLength: rows },
    ),
  );

/** Sums of the same numbers in another order may differ in their last digits. */
function expectNear(actual: unknown, expected: unknown, path = 'profile'): void {
  if (typeof actual === 'number' && typeof expected === 'number') {
    const isNear = Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
    expect({ path, value: isNear ? expected : actual }).toEqual({ path, value: expected });
  } else if (
    typeof actual === 'object' &&
    actual !== null &&
    typeof expected === 'object' &&
    expected !== null
  ) {
    expect({ path, keys: Object.keys(actual) }).toEqual({ path, keys: Object.keys(expected) });
    for (const [key, value] of Object.entries(actual))
      expectNear(value, (expected as Record<string, unknown>)[key], `${path}.${key}`);
  } else expect({ path, value: actual }).toEqual({ path, value: expected });
}

describe('columns that are described together', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  it('are described as each by itself', async () => {
    let columns = 0;
    await fc.assert(
      fc.asyncProperty(anyFile, fc.boolean(), async (rows, isTable) => {
        const names = rows[0]!.cells.map((_, i) => `c${i}`);
        const spec = featureSpecSchema.parse({
          ...(isTable
            ? { shape: 'TABLE', label: { column: 'y' } }
            : {
                shape: 'EVENTS',
                subjectColumn: 'u',
                kindColumn: 'kind',
                momentKinds: ['view'],
                label: { event: 'buy', within: { hours: 9 } },
              }),
          timeColumn: 'at',
          features: names.map((name) => ({ type: 'categorical', name })),
        });
        const lines = rows.map(({ cells, y, isView, hour }, i) =>
          [
            `u${i % 4}`,
            new Date(hour * 3_600_000).toISOString(),
            isView ? 'view' : 'buy',
            y ? 1 : 0,
            ...cells,
          ].join(','),
        );
        const path = await files.write([`u,at,kind,y,${names.join(',')}`, ...lines, ''].join('\n'));
        const profile = (cellsAtOnce: number) =>
          profileCsv(path, spec, {
            workDirectory: files.folder,
            threads: 1,
            receivedAt: new Date(Date.UTC(1970, 0, 15)),
            cellsAtOnce,
          });
        const alone = await profile(1);
        expectNear(await profile(1 << 20), alone);
        expectNear(await profile(3 * rows.length), alone);
        columns += alone.columns.length;
      }),
      { numRuns: Number(process.env['PROPENSITY_FUZZ_RUNS'] ?? 10) },
    );
    expect(columns).toBeGreaterThan(50);
  }, 300_000);
});
