import { CsvFiles } from '../../../../test/support/csv-files';
import { categoryCleaner, cleanNumber } from '../../features/cleaning';
import { encode } from '../../features/encode';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { rawFromRecords } from '../../features/raw-from-records';
import { applySteps } from './cleaning-step';
import { prepareExamples, type PreparedPart } from '../prepare-examples';

const SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  timeColumn: 'day',
  label: { column: 'bought' },
  features: [
    { type: 'numeric', name: 'age', cleaning: { missing: [-1], clip: { low: 18, high: 90 } } },
    { type: 'numeric', name: 'seconds', cleaning: { missingWords: ['unknown'], fill: 0 } },
    {
      type: 'categorical',
      name: 'colour',
      cleaning: { spellings: [['RED', 'red']], keep: { categories: ['red', 'blue'], other: '(rare)' } },
    },
  ],
};
const HEADER = 'age,seconds,colour,bought,day';
const day = (i: number): string => new Date(Date.UTC(2024, 0, 1 + Math.floor(i / 4))).toISOString();
const row = (i: number): string => {
  const age = i % 9 === 0 ? -1 : i % 31 === 0 ? 400 : 20 + (i % 50);
  const colour = ['red', 'RED', 'blue', 'teal', `odd ${i}`, ''][i % 6];
  return `${age},${i % 10 === 0 ? 'Unknown' : i},${colour},${i % 3 === 0 ? 1 : 0},${day(i)}`;
};
const ROWS = Array.from({ length: 400 }, (_, i) => row(i));

describe('examples of a file that is mended', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  const prepare = async (lines: readonly string[], spec: FeatureSpecInput = SPEC) =>
    prepareExamples({
      csvPath: await files.write([HEADER, ...lines].join('\n')),
      spec: featureSpecSchema.parse(spec),
      workDirectory: files.folder,
      seed: 1,
    });
  const all = (part: PreparedPart) => Int32Array.from({ length: part.count }, (_, i) => i);

  it('are encoded as what they were mended to, and a request for the same is encoded alike', async () => {
    const prepared = await prepare(ROWS);
    expect(prepared.accounting).toMatchObject({ rows: 400, quarantined: 0, examples: 400 });
    const { featureMap, train } = prepared;
    expect(featureMap.categorical[0]?.vocabulary.toSorted()).toEqual(['(rare)', 'blue', 'red']);
    const [age] = featureMap.numeric;
    expect(age).toMatchObject({
      low: expect.closeTo(20, 0) as number,
      high: expect.closeTo(90, 0) as number,
    });
    const encoded = await train.read(all(train));
    const raw = await train.readRaw(all(train));
    expect(encode(featureMap, raw)).toEqual({ ...encoded, labels_N: undefined });
    // The raw examples are what the file says: the artifact mends them.
    expect(raw.numeric['age']).toContain(-1);
    expect(raw.categorical['colour']).toContain('RED');
    const records = ['RED', 'red', 'never seen', 'teal'].map((colour, i) => ({
      features: { age: i === 0 ? -1 : 400, seconds: i === 0 ? 0 : null, colour },
    }));
    const online = encode(featureMap, rawFromRecords(featureMap.spec, records));
    const [red, alsoRed, unseen, rare] = Array.from(online.categorical_NC);
    expect([alsoRed, unseen]).toEqual([red, rare]);
    expect(online.numeric_NF[1]).toBe(1);
    expect(online.numeric_NF.slice(2, 4)).toEqual(online.numeric_NF.slice(6, 8));
    await prepared.close();
  });

  it('are counted where a value of theirs was changed, as the encoders change it', async () => {
    const cleanings = [
      SPEC,
      { ...SPEC, features: SPEC.features.map((feature) => ({ ...feature, cleaning: undefined })) },
      {
        ...SPEC,
        features: [
          { type: 'numeric' as const, name: 'age', cleaning: { missing: [-1, 25.5], fill: 3 } },
          {
            type: 'categorical' as const,
            name: 'colour',
            cleaning: {
              missing: ['teal'],
              fill: '(missing)',
              spellings: [['blue', 'blue'] as [string, string]],
            },
          },
        ],
      },
    ];
    for (const spec of cleanings) {
      const prepared = await prepare(ROWS, spec);
      let changed = 0;
      for (const part of [prepared.train, prepared.validation, prepared.test]) {
        const raw = await part.readRaw(all(part));
        for (let n = 0; n < part.count; n++) {
          const numbers = prepared.featureMap.numeric.some((encoder) => {
            const value = raw.numeric[encoder.name]?.[n] ?? NaN;
            return encoder.type === 'numeric' && !Object.is(cleanNumber(encoder.cleaning, value), value);
          });
          const categories = prepared.featureMap.categorical.some(({ name, cleaning }) => {
            const value = raw.categorical[name]?.[n] ?? '';
            return categoryCleaner(cleaning)(value) !== value;
          });
          if (numbers || categories) changed += 1;
        }
      }
      expect(prepared.accounting.mended).toBe(changed);
      await prepared.close();
    }
  });

  it('are counted once where a row is an exact copy that is left out', async () => {
    const rows = ROWS.map((text, i) => `${text},r${i}`);
    const path = await files.write([`${HEADER},id`, ...rows, ...rows.slice(0, 90)].join('\n'));
    const mended = async (spec: FeatureSpecInput) => {
      const parsed = featureSpecSchema.parse({ ...SPEC, ...spec });
      const prepared = await prepareExamples({
        csvPath: path,
        spec: parsed,
        workDirectory: files.folder,
        seed: 1,
      });
      await prepared.close();
      return prepared.accounting;
    };
    const copiesOut = await mended({ ...SPEC, idColumn: 'id' });
    expect(copiesOut).toMatchObject({
      duplicates: 90,
      used: 400,
      mended: (await prepare(ROWS)).accounting.mended,
    });
    expect((await mended(SPEC)).mended).toBeGreaterThan(copiesOut.mended);
  });

  it('are without words for a missing number only where the specification takes them for it', async () => {
    const plain = { ...SPEC, features: [{ type: 'numeric' as const, name: 'seconds' }] };
    const { accounting } = await prepare(ROWS, plain);
    expect(accounting).toMatchObject({ rows: 400, quarantined: 40, used: 360 });
  });

  it('leave out later rows and copies, and say how many', async () => {
    const messy = [
      ...ROWS,
      ...ROWS.slice(0, 30),
      ...['2099', '2140'].map((year) => `20,1,red,1,${year}-01-01`),
      'x,1,red,1,2024-01-01',
    ];
    const cleaning = { dropDuplicates: true };
    const { accounting } = await prepare(messy, { ...SPEC, cleaning, dataUntil: '2030-01-01' });
    expect(accounting).toMatchObject({
      rows: 433,
      quarantined: 1,
      later: 2,
      duplicates: 30,
      used: 400,
      examples: 400,
    });
    expect((await prepare(messy)).accounting).toMatchObject({
      quarantined: 3,
      later: 0,
      duplicates: 0,
      used: 430,
    });
  });

  it('end where an accepted DROP_LATER_ROWS says, whose last moment is kept', async () => {
    const last = day(200);
    const after = new Date(Date.parse(last) + 1).toISOString();
    const lines = ROWS.with(399, ROWS[399]!.replace(/[^,]*$/, after));
    const spec = featureSpecSchema.parse(SPEC);
    const kept = lines.filter((line) => Date.parse(/[^,]*$/.exec(line)![0]) <= Date.parse(last));
    for (const given of [undefined, '2030-01-01', after]) {
      const ended = applySteps({ ...spec, dataUntil: given }, {}, [{ kind: 'DROP_LATER_ROWS', until: last }]);
      const { accounting } = await prepare(lines, featureSpecSchema.parse(ended));
      expect(accounting).toMatchObject({ rows: 400, used: kept.length, later: 400 - kept.length });
    }
    // An end that comes before is kept.
    const sooner = applySteps({ ...spec, dataUntil: day(100) }, {}, [
      { kind: 'DROP_LATER_ROWS', until: last },
    ]);
    expect(sooner.dataUntil).toBe(day(100));
  });

  it('take moments that are written in other ways', async () => {
    const ways = [
      (iso: string) => iso,
      (iso: string) => iso.slice(0, 10).split('-').reverse().join('.'),
      (iso: string) => String(Date.parse(iso) / 1000),
      (iso: string) => String(Date.parse(iso)),
      (iso: string) => iso.slice(0, 10).replaceAll('-', ''),
    ];
    const mixed = ROWS.map((line, i) => line.replace(/[^,]*$/, (iso) => ways[i % ways.length]!(iso)));
    const timeFormats = ['%d.%m.%Y', 'unix', 'unixms', '%Y%m%d'];
    const prepared = await prepare(mixed, { ...SPEC, cleaning: { timeFormats } });
    expect(prepared.accounting).toMatchObject({ quarantined: 0, examples: 400 });
    const plain = await prepare(ROWS);
    expect(prepared.test.ids()).toEqual(plain.test.ids());
    expect(prepared.counts).toEqual(plain.counts);
    await expect(prepare(mixed)).rejects.toMatchObject({ code: 'INVALID_DATA' });
  });
});

it.each([
  ['dataUntil', { dataUntil: '2030-01-01' }],
  ['cleaning.timeFormats', { cleaning: { timeFormats: ['unix'] } }],
])('%s needs a time column', (path, change) => {
  const spec = { ...SPEC, timeColumn: undefined, ...change };
  expect(featureSpecSchema.safeParse(spec).error?.issues).toMatchObject([{ path: path.split('.') }]);
});
