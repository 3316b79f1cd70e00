import { CsvFiles } from '../../../test/support/csv-files';
import { encode } from '../features/encode';
import { parseFeatureMap } from '../features/feature-map';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { rawFromRecords } from '../features/raw-from-records';
import { prepareExamples, type PreparedPart } from './prepare-examples';

const SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  label: { column: 'bought' },
  features: [
    { type: 'categorical', name: 'colour' },
    { type: 'numeric', name: 'age', transform: 'log1p' },
    { type: 'categorical', name: 'member' },
    { type: 'numeric', name: 'years', column: 'age' },
    { type: 'numeric', name: 'ageBins', column: 'age', encoding: 'quantileBins', bins: 4 },
    { type: 'numeric', name: 'ageSpan', column: 'age', transform: 'log1p', encoding: 'piecewiseLinear' },
  ],
};
const HEADER = 'age,colour,member,bought,day';

/** Every third label is positive; every seventh age and every fifth colour is missing. */
function rows(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const age = i % 7 === 0 ? '' : (i * 37) % 101;
    const colour = i % 5 === 0 ? '' : `colour ${(i * 13) % 4}`;
    const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(i / 10))).toISOString();
    return `${age},${colour},${i % 2 === 0 ? 'TRUE' : 'false'},${i % 3 === 0 ? 1 : 0},${day}`;
  });
}

const all = (part: PreparedPart) => Int32Array.from({ length: part.count }, (_, i) => i);

describe('prepareExamples of a TABLE', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function prepare(lines: readonly string[], spec: FeatureSpecInput = SPEC, seed = 1) {
    const csvPath = await files.write([HEADER, ...lines].join('\n'));
    return prepareExamples({
      csvPath,
      spec: featureSpecSchema.parse(spec),
      workDirectory: files.folder,
      seed,
    });
  }

  it('splits 70 / 15 / 15, each part with the same label rate', async () => {
    const prepared = await prepare(rows(600));
    // A few rows are alike by chance and stay together.
    expect(Math.abs(prepared.counts.train - 420)).toBeLessThan(5);
    expect(Math.abs(prepared.counts.validation - 90)).toBeLessThan(5);
    expect(prepared.counts.train + prepared.counts.validation + prepared.counts.test).toBe(600);
    for (const part of [prepared.train, prepared.validation, prepared.test])
      expect(part.labels_N.reduce((sum, label) => sum + label, 0) / part.count).toBeCloseTo(1 / 3, 1);
  });

  it('keeps the entities of a column apart, and sets aside rows without one', async () => {
    const lines = rows(600).map((row, i) => `${row},${i < 590 ? `household ${i % 83}` : ''}`);
    const csvPath = await files.write([`${HEADER},household`, ...lines].join('\n'));
    const spec = featureSpecSchema.parse({ ...SPEC, split: { by: 'entity', column: 'household' } });
    const { accounting, split, ...parts } = await prepareExamples({
      csvPath,
      spec,
      workDirectory: files.folder,
      seed: 1,
    });
    expect(accounting).toMatchObject({ rows: 600, quarantined: 10, examples: 590, embargoed: 0 });
    const households = [parts.train, parts.validation, parts.test].map(
      (part) => new Set(part.ids().map((line) => (Number(line) - 2) % 83)),
    );
    expect(households.map(({ size }) => size)).toEqual(
      [split.train, split.validation, split.test].map(({ entities }) => entities),
    );
    expect(new Set(households.flatMap((part) => [...part])).size).toBe(83);
    expect(households.reduce((sum, { size }) => sum + size, 0)).toBe(83);
    expect(split).toMatchObject({ by: 'entity', seed: 1, train: { from: null } });
  });

  it('gives the same for the same seed, and other parts for another', async () => {
    const [first, again, other] = await Promise.all(
      [1, 1, 2].map(async (seed) => prepare(rows(200), SPEC, seed)),
    );
    expect(again?.test.ids()).toEqual(first?.test.ids());
    expect(again?.featureMap).toEqual(first?.featureMap);
    expect(other?.test.ids()).not.toEqual(first?.test.ids());
  });

  it('keeps copies of a row in one part', async () => {
    const distinct = rows(100).map((row) => row.replace(/[^,]*$/, ''));
    const prepared = await prepare([...distinct, ...distinct, ...distinct]);
    const lines = (part: PreparedPart) => new Set(part.ids().map((id) => (Number(id) - 2) % 100));
    const train = lines(prepared.train);
    expect([...lines(prepared.test)].filter((line) => train.has(line))).toEqual([]);
    expect([...lines(prepared.validation)].filter((line) => train.has(line))).toEqual([]);
    expect(prepared.accounting).toMatchObject({ rows: 300, duplicates: 0, used: 300, examples: 300 });
  });

  it('drops exact copies of a row that has an id, and counts them', async () => {
    const withId = rows(60).map((row, i) => row.replace(/[^,]*$/, `row ${i}`));
    const spec = { ...SPEC, idColumn: 'day' };
    const prepared = await prepare([...withId, ...withId.slice(0, 7), 'what,,,1,row 3'], spec);
    expect(prepared.accounting).toEqual({
      rows: 68,
      quarantined: 1,
      later: 0,
      duplicates: 7,
      mended: 0,
      used: 60,
      moments: 60,
      censored: 0,
      embargoed: 0,
      unassigned: 0,
      examples: 60,
      laterMoments: 0,
    });
    const ids = [prepared.train, prepared.validation, prepared.test].flatMap((part) => part.ids());
    expect(ids.sort()).toEqual(withId.map((_, i) => `row ${i}`).sort());
  });

  it('names examples by line where there is no id column', async () => {
    const prepared = await prepare(['', ...rows(30), '1,2']);
    const ids = [prepared.train, prepared.validation, prepared.test].flatMap((part) => part.ids());
    expect(ids.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i + 3));
  });

  it('splits by time where there is a time column, never within one moment', async () => {
    const prepared = await prepare(rows(300), { ...SPEC, timeColumn: 'day' });
    expect(prepared.counts).toEqual({ train: 210, validation: 40, test: 50 });
    const days = (part: PreparedPart) => part.ids().map((id) => Math.floor((Number(id) - 2) / 10));
    expect(Math.max(...days(prepared.train))).toBeLessThan(Math.min(...days(prepared.validation)));
    expect(Math.max(...days(prepared.validation))).toBeLessThan(Math.min(...days(prepared.test)));
  });

  it('refuses to split by time what has fewer than three moments', async () => {
    const lines = rows(20);
    await expect(prepare(lines, { ...SPEC, timeColumn: 'day' })).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('more different moments') as unknown,
    });
  });

  it('reads as encode does, and raw as the online path does', async () => {
    const spec = featureSpecSchema.parse(SPEC);
    const lines = rows(200);
    const prepared = await prepare(lines);
    for (const part of [prepared.train, prepared.validation, prepared.test]) {
      const raw = await part.readRaw(all(part));
      const { labels_N, ...encoded } = await part.read(all(part));
      expect(encoded).toEqual(encode(prepared.featureMap, raw));
      expect(labels_N).toEqual(part.labels_N);
      const online = part.ids().map((id) => {
        const [age = '', colour, member] = lines[Number(id) - 2]?.split(',') ?? [];
        const given = age === '' ? null : Number(age);
        const numbers = { age: given, years: given, ageBins: given, ageSpan: given };
        return { features: { ...numbers, colour, member: member === 'TRUE' } };
      });
      expect(raw).toEqual(rawFromRecords(spec, online));
    }
  });

  it('gives a feature map that survives JSON, and reads examples in any order', async () => {
    const prepared = await prepare(rows(100));
    const stored = parseFeatureMap(JSON.parse(JSON.stringify(prepared.featureMap)));
    expect(stored).toEqual(prepared.featureMap);
    const two = await prepared.test.read(Int32Array.of(5, 2));
    const [one] = [await prepared.test.read(Int32Array.of(2))];
    expect(two.numeric_NF.slice(prepared.test.shape.numericWidth)).toEqual(one.numeric_NF);
    await expect(async () => prepared.test.read(Int32Array.of(15))).rejects.toThrow(RangeError);
  });

  it('fits encoders on the training part only', async () => {
    const late = rows(300).map((row, i) => (i < 210 ? row : row.replace(/^\d*,[^,]*/, '9999,late')));
    const { featureMap } = await prepare(late, { ...SPEC, timeColumn: 'day' });
    expect(featureMap.categorical[0]?.vocabulary).toEqual(['colour 0', 'colour 1', 'colour 2', 'colour 3']);
    expect(featureMap.numeric[1]).toMatchObject({ name: 'years', high: 100, low: 0 });
  });

  it('refuses training data of one class', async () => {
    const lines = rows(100).map((row, i) => row.replace(/,[01],/, i < 90 ? ',0,' : ',1,'));
    await expect(prepare(lines, { ...SPEC, timeColumn: 'day' })).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('All 70 training examples are negative') as unknown,
    });
  });
});
