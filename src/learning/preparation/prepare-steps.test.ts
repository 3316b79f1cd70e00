import fc from 'fast-check';
import { CsvFiles } from '../../../test/support/csv-files';
import { encode } from '../features/encode';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { rawFromRecords } from '../features/raw-from-records';
import { prepareExamples, type PreparedPart } from './prepare-examples';

const SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  idColumn: 'id',
  label: { column: 'default' },
  features: [{ type: 'numeric', name: 'age' }],
  sequence: {
    maxLength: 3,
    fields: [
      { type: 'numeric', name: 'bill', columns: ['bill3', 'bill2', 'bill1'], encoding: 'piecewiseLinear' },
      { type: 'categorical', name: 'status', columns: ['status3', 'status2', 'status1'] },
    ],
  },
};
const HEADER = 'id,age,status1,status2,status3,bill1,bill2,bill3,default';

interface Step {
  readonly bill: number | null;
  readonly status: string;
}

/** Latest step first, as the columns are numbered. */
function line(id: number, steps: readonly Step[], label: number): string {
  const bills = steps.map(({ bill }) => bill ?? '');
  return [id, 20 + (id % 50), ...steps.map(({ status }) => status), ...bills, label].join(',');
}

const step: fc.Arbitrary<Step> = fc.record({
  bill: fc.option(fc.integer({ min: -100, max: 100 }), { freq: 2 }),
  // Not all of them at every step, and in an order that is not that of the codes of any one column.
  status: fc.constantFrom('', 'b', 'a', 'Zurich', 'é'),
});
const tables = fc.array(fc.tuple(step, step, step), { minLength: 60, maxLength: 120 });

const all = (part: PreparedPart) => Int32Array.from({ length: part.count }, (_, i) => i);

describe('prepareExamples of a TABLE with a history in columns', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function prepare(lines: readonly string[], spec: FeatureSpecInput = SPEC) {
    const csvPath = await files.write([HEADER, ...lines].join('\n'));
    const parsed = featureSpecSchema.parse(spec);
    return prepareExamples({ csvPath, spec: parsed, workDirectory: files.folder, seed: 1 });
  }

  it('gives what the same steps give in a request, oldest first, and encodes as encode does', async () => {
    const spec = featureSpecSchema.parse(SPEC);
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const prepared = await prepare(table.map((steps, id) => line(id, steps, id % 2)));
        expect(prepared.accounting).toMatchObject({ rows: table.length, examples: table.length });
        for (const part of [prepared.train, prepared.validation, prepared.test]) {
          const raw = await part.readRaw(all(part));
          const asked = part.ids().map((id) => ({
            features: { age: 20 + (Number(id) % 50) },
            history: [...(table[Number(id)] ?? [])].reverse().map((values) => ({ values: { ...values } })),
          }));
          expect(raw).toEqual(rawFromRecords(spec, asked));
          const { labels_N, ...encoded } = await part.read(all(part));
          expect(encoded).toEqual(encode(prepared.featureMap, raw));
          expect([...labels_N]).toEqual(part.ids().map((id) => Number(id) % 2));
        }
      }),
      { numRuns: 15 },
    );
  });

  const full = (id: number): Step[] => [3, 2, 1].map((at) => ({ bill: id * 10 + at, status: 'a' }));
  const rows = (count: number) => Array.from({ length: count }, (_, id) => line(id, full(id), id % 2));

  it('fits on the steps of the training part alone', async () => {
    const prepared = await prepare(rows(100));
    const train = prepared.train.ids().flatMap((id) => full(Number(id)).map(({ bill }) => bill ?? NaN));
    const [bill] = prepared.featureMap.sequence?.numeric ?? [];
    expect(bill).toMatchObject({ name: 'bill', code: { kind: 'piecewiseLinear' } });
    const middle = train.sort((a, b) => a - b);
    expect(bill?.median).toBeCloseTo(((middle[104] ?? 0) + (middle[105] ?? 0)) / 2, 5);
  });

  it('splits rows apart that differ in their histories alone', async () => {
    const lines = rows(100).map((text) => text.replace(/^(\d+),\d+/, '$1,30'));
    const { counts } = await prepare(lines);
    expect(counts).toEqual({ train: 70, validation: 16, test: 14 });
  });

  it('leaves out steps before the first with any value', async () => {
    const short = (id: number) => {
      const [latest, before] = full(id);
      return line(id, [latest!, { bill: null, status: '' }, { ...before!, bill: null, status: '' }], id % 2);
    };
    const prepared = await prepare(Array.from({ length: 60 }, (_, id) => short(id)));
    const { sequence } = await prepared.train.readRaw(Int32Array.of(0));
    expect([...sequence!.lengths]).toEqual([1]);
    expect(sequence!.categorical['status']).toEqual(['a', '', '']);
  });

  it('refuses a history that holds the label', async () => {
    const sequence = {
      maxLength: 2,
      fields: [{ type: 'numeric' as const, name: 'bill', columns: ['bill2', 'default'] }],
    };
    await expect(prepare(rows(40), { ...SPEC, sequence })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      issues: [{ path: 'sequence.fields.bill', message: 'reads the label' }],
    });
  });

  it('names the columns that the file lacks', async () => {
    const sequence = {
      maxLength: 2,
      fields: [{ type: 'numeric' as const, name: 'bill', columns: ['bill9', 'bill1'] }],
    };
    await expect(prepare(rows(40), { ...SPEC, sequence })).rejects.toMatchObject({
      issues: [{ path: 'bill9', message: 'is not in the header' }],
    });
  });
});

describe('steps in a request', () => {
  const spec = featureSpecSchema.parse(SPEC);

  it('keeps the latest of too many, and none before the first with any value', () => {
    const bills = [5, null, 7, 8];
    const history = bills.map((bill) => ({ values: { bill } }));
    const { sequence } = rawFromRecords(spec, [{ features: {}, history }]);
    expect([...sequence!.lengths]).toEqual([2]);
    expect(sequence!.numeric['bill']).toEqual(Float32Array.of(7, 8, NaN));
  });

  it('refuses moments, and values that do not fit', () => {
    const history = [{ at: new Date(), values: { bill: 'x', colour: 1 } }];
    expect(() => rawFromRecords(spec, [{ features: {}, history }])).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        issues: [
          expect.objectContaining({ path: '0.history.0.at' }),
          expect.objectContaining({ path: '0.history.0.values.colour' }),
          expect.objectContaining({ path: '0.history.0.values.bill' }),
        ],
      }) as Error,
    );
  });
});
