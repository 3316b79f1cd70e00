import fc from 'fast-check';
import { CsvFiles } from '../../../../test/support/csv-files';
import { encode } from '../../features/encode';
import { type FeatureSpec, type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { rawFromRecords } from '../../features/raw-from-records';
import { prepareExamples } from '../prepare-examples';
import { profileCsv } from '../profile/profile-csv';
import { applySteps } from './cleaning-step';

const SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  timeColumn: 'at',
  label: { column: 'y' },
  features: [
    { type: 'multi', name: 'tags', maxValues: 3 },
    { type: 'text', name: 'title', maxTokens: 4 },
    { type: 'vector', name: 'image', dimension: 3 },
    { type: 'timestamp', name: 'joined', parts: ['dayOfMonth'] },
  ],
};
const HEADER = ['tags', 'title', 'image', 'joined', 'y', 'at'];
const at = (i: number) => new Date(Date.UTC(2024, 0, 1) + i * 3_600_000).toISOString();
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

let files: CsvFiles;
beforeAll(async () => (files = await CsvFiles.create()));
afterAll(() => files.remove());

/** A file of cells, each row with a label and a moment. */
const write = (rows: ReadonlyArray<readonly string[]>) =>
  files.writeRows([HEADER, ...rows.map((row, i) => [...row.map(quoted), i % 2, at(i)])]);
const prepare = async (rows: ReadonlyArray<readonly string[]>, spec: FeatureSpec) =>
  prepareExamples({ csvPath: await write(rows), spec, workDirectory: files.folder, seed: 1 });

const cell = <T>(values: readonly T[], i: number): T => values[i % values.length]!;
const MESSY = Array.from({ length: 600 }, (_, i) => [
  i % 40 === 0
    ? `odd${i}|red`
    : cell(['red|blue', 'Red', 'none', '', '["blue", "N/A", "red"]', 'blue|green|red|none', 'n/a'], i),
  cell(['a lamp', 'N/A', 'n/a ', '-', '', 'none of it', 'None'], i),
  cell(['1 2 3', '0 0 0', '[0,-0,0.0]', '', '1 2', '4;5;6', 'unknown', '0 0 1', '7 8 9'], i),
  cell(
    [
      '2023-05-01',
      '1900-01-01',
      '1900-01-01 00:00:00',
      '9999-12-31',
      '',
      'unknown',
      '2023-06-02',
      '2023-07-03',
    ],
    i,
  ),
]);

describe('proposals for lists, texts, vectors and timestamps', () => {
  const plain = featureSpecSchema.parse(SPEC);

  it('are made for what says that nothing is known, for spellings and for rare values', async () => {
    const { cleaning } = await profileCsv(await write(MESSY), plain, { workDirectory: files.folder });
    expect(
      cleaning.map(({ step }) => [
        step.kind,
        'column' in step ? step.column : null,
        'values' in step ? step.values : null,
      ]),
    ).toEqual([
      ['MERGE_SPELLINGS', 'tags', null],
      ['TREAT_AS_MISSING', 'tags', expect.arrayContaining(['n/a', 'N/A'])],
      ['TREAT_AS_MISSING', 'tags', ['none']],
      ['MERGE_RARE', 'tags', null],
      ['TREAT_AS_MISSING', 'title', ['n/a']],
      ['TREAT_AS_MISSING', 'title', ['none']],
      ['TREAT_AS_MISSING', 'image', ['unknown']],
      ['TREAT_ZEROS_AS_MISSING', 'image', null],
      ['TREAT_OTHER_LENGTHS_AS_MISSING', 'image', null],
      ['TREAT_AS_MISSING', 'joined', ['unknown']],
      ['TREAT_AS_MISSING', 'joined', ['1900-01-01']],
      ['TREAT_AS_MISSING', 'joined', ['9999-12-31']],
    ]);
  });

  it('each change, or make readable, as many rows as they say', async () => {
    // What one column keeps from being read does not count for another.
    for (const [index, feature] of SPEC.features.entries()) {
      const spec = featureSpecSchema.parse({ ...SPEC, features: [feature] });
      const rows = MESSY.map((row) => row.map((text, i) => (i === index ? text : '')));
      const path = await write(rows);
      const { cleaning, quarantinedCount } = await profileCsv(path, spec, { workDirectory: files.folder });
      expect(cleaning.length).toBeGreaterThan(1);
      for (const { step, rowsAffected } of cleaning) {
        const mended = applySteps(spec, {}, [step]);
        expect(featureSpecSchema.parse(mended)).toEqual(mended);
        const prepared = await prepare(rows, mended);
        const { mended: changed, quarantined } = prepared.accounting;
        expect({ step, rows: changed + quarantinedCount - quarantined }).toEqual({
          step,
          rows: rowsAffected,
        });
        await prepared.close();
      }
      const all = applySteps(
        spec,
        {},
        cleaning.map(({ step }) => step),
      );
      const again = await profileCsv(path, all, { workDirectory: files.folder });
      expect(again).toMatchObject({ cleaning: [], quarantinedCount: 0 });
    }
  });

  it('are none where there is nothing to mend', async () => {
    const clean = Array.from({ length: 300 }, (_, i) => [
      cell(['red|blue', 'blue', ''], i),
      cell(['a lamp', 'no lamp', '-'], i),
      cell(['1 2 3', '0 0 1', ''], i),
      cell(['2023-05-01', '2023-06-02', ''], i),
    ]);
    const { cleaning } = await profileCsv(await write(clean), plain, { workDirectory: files.folder });
    expect(cleaning).toEqual([]);
    // All of another length, or all zeros: it is the specification that is to be looked at.
    const other = clean.map((row) =>
      row.with(2, cell(['1 2', '3 4', '5 6', '1 2 3'], row.length + clean.indexOf(row))),
    );
    const { cleaning: none } = await profileCsv(
      await write(other),
      featureSpecSchema.parse({ ...SPEC, features: SPEC.features.slice(0, 2) }),
      { workDirectory: files.folder },
    );
    expect(none).toEqual([]);
  });
});

describe('lists, texts, vectors and timestamps that are mended', () => {
  const CLEANED = featureSpecSchema.parse({
    ...SPEC,
    features: [
      {
        ...SPEC.features[0],
        cleaning: {
          spellings: [['Red', 'red']],
          missing: ['none', 'N/A'],
          keep: { categories: ['red', 'blue'], other: '(rare)' },
        },
      },
      { ...SPEC.features[1], cleaning: { missing: ['N/A', ' none '] } },
      { ...SPEC.features[2], cleaning: { missing: ['unknown'], zeros: 'missing', otherLengths: 'missing' } },
      {
        ...SPEC.features[3],
        cleaning: { missing: ['1900-01-01', '9999-12-31', 'unknown'], timeFormats: ['%d.%m.%Y'] },
      },
    ],
  });
  const anyRow = fc.tuple(
    fc
      .array(fc.constantFrom('red', 'Red', 'blue', 'none', ' N/A ', 'teal', 'odd', ''), { maxLength: 5 })
      .map((values) => values.join('|')),
    fc.constantFrom('n/a', 'N/A ', 'none', 'none of it', 'a lamp', '', 'İ', 'Unknown'),
    fc.constantFrom('1 2 3', '0 0 0', '0 -0 1e-60', '1 2', 'UNKNOWN ', '', '1;2;3;4', '4,5,6'),
    fc.constantFrom('1900-01-01', '01.01.1900', '9999-12-31', ' Unknown', '', '2023-05-01', '02.06.2023'),
  );

  it('are encoded of a file as of a request for the same, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 40, maxLength: 60 }), async (rows) => {
        const prepared = await prepare(rows, CLEANED);
        expect(prepared.accounting.quarantined).toBe(0);
        const { featureMap } = prepared;
        const plain = {
          ...CLEANED,
          features: CLEANED.features.map((feature) => ({ ...feature, cleaning: undefined })),
        };
        for (const part of [prepared.train, prepared.validation, prepared.test]) {
          const all = Int32Array.from({ length: part.count }, (_, i) => i);
          const records = part.ids().map((id) => {
            const i = Number(id) - 2;
            const [tags, title, image, joined] = rows[i]!;
            return { at: new Date(at(i)), features: { tags, title, image, joined } };
          });
          const raw = rawFromRecords(featureMap.spec, records);
          expect(raw).toEqual(await part.readRaw(all));
          expect(encode(featureMap, raw)).toEqual({ ...(await part.read(all)), labels_N: undefined });
          // Lists and numbers that come as such are mended alike.
          const [red] =
            rawFromRecords(featureMap.spec, [
              { at: new Date(at(0)), features: { tags: ['Red', 'none', 'teal'] } },
            ]).categorical['tags'] ?? [];
          expect(red).toBe('red');
        }
        expect(() => rawFromRecords(plain as FeatureSpec, [{ features: { image: [1, 2] } }])).toThrow(
          '3 numbers',
        );
        await prepared.close();
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it('are what a request says as values, too', () => {
    const record = {
      tags: ['Red', 'none', 'teal', 'odd'],
      title: 'NONE',
      image: [0, 0, 0],
      joined: new Date('1900-01-01T00:00:00Z'),
    };
    const raw = rawFromRecords(CLEANED, [
      { at: new Date(at(0)), features: record },
      { at: new Date(at(0)), features: { image: [1, 2] } },
    ]);
    expect(raw.categorical['tags']?.slice(0, 3)).toEqual(['red', '(rare)', '']);
    expect(raw.categorical['title']?.slice(0, 4)).toEqual(['', '', '', '']);
    expect(
      [...(raw.numeric['image'] ?? []), ...(raw.numeric['joined'] ?? [])].every((value) =>
        Number.isNaN(value),
      ),
    ).toBe(true);
  });
});
