import { CsvFiles } from '../../../../test/support/csv-files';
import { type FeatureSpec, type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { prepareExamples } from '../prepare-examples';
import { profileCsv } from '../profile/profile-csv';
import { applySteps } from './cleaning-step';

const SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  timeColumn: 'day',
  label: { column: 'bought' },
  features: [],
};
const HEADER = 'age,visits,colour,bought,day';
const COLOURS = ['red', 'red', 'red', 'Red', 'blue', 'blue', ' blue', 'N/A', 'unknown', ''];
const line = (i: number): string => {
  const age = i % 40 === 0 ? -1 : i === 77 ? 5000 : 20 + (i % 50);
  const visits = i % 8 === 0 ? '' : i % 3 === 0 ? i % 7 : 0;
  const colour = i < 4 ? `odd ${i}` : COLOURS[i % COLOURS.length];
  const day = new Date(Date.UTC(2024, 0, 1 + (i % 300))).toISOString().slice(0, 10);
  return `${age},${visits},${colour},${i % 3 === 1 ? 1 : 0},${day}`;
};
const ROWS = Array.from({ length: 600 }, (_, i) => line(i));

let files: CsvFiles;
beforeAll(async () => (files = await CsvFiles.create()));
afterAll(() => files.remove());
const write = (rows: readonly string[]) => files.write([HEADER, ...rows].join('\n'));

describe('what a specification says itself', () => {
  const own = featureSpecSchema.parse({
    ...SPEC,
    cleaning: { timeFormats: ['%d/%m/%Y'] },
    features: [
      {
        type: 'numeric',
        name: 'age',
        cleaning: { missing: [-1], missingWords: ['Not Known'], clip: { low: 0, high: 90 } },
      },
      { type: 'numeric', name: 'visits', cleaning: { fill: 0 } },
      {
        type: 'categorical',
        name: 'colour',
        cleaning: {
          spellings: [['red', 'RED']],
          missing: ['N/A', 'unknown'],
          keep: { categories: ['RED', 'blue'], other: '(other)' },
          fill: '(none)',
        },
      },
    ],
  });

  it('is not proposed, and comes first', async () => {
    const rows = ROWS.map((text, i) => text.replace(/[^,]*$/, `0${1 + (i % 9)}/0${1 + (i % 7)}/2024`));
    const path = await write(rows);
    const { cleaning } = await profileCsv(path, own, { workDirectory: files.folder });
    expect(cleaning.map(({ step }) => step)).toEqual([
      {
        kind: 'MERGE_SPELLINGS',
        column: 'colour',
        spellings: expect.arrayContaining([['Red', 'red']]) as unknown,
      },
    ]);
    const mended = applySteps(own, {}, [
      ...cleaning.map(({ step }) => step),
      { kind: 'CLIP', column: 'age', low: 20, high: 30 },
      { kind: 'MERGE_RARE', column: 'colour', keep: ['red'], other: '(rare)' },
      { kind: 'FILL_MISSING', column: 'colour', value: '(missing)' },
    ]);
    expect(mended.features[0]).toEqual(own.features[0]);
    expect(mended.features[2]).toMatchObject({
      cleaning: {
        spellings: [
          ['red', 'RED'],
          [' blue', 'blue'],
          ['Red', 'RED'],
        ],
        keep: { other: '(other)' },
        fill: '(none)',
      },
    });
  });

  it('takes words and truth values in any case', async () => {
    const rows = ROWS.map((text, i) =>
      i % 20 === 1 ? text.replace(/^[^,]*/, 'not known ') : text.replace(/,(?:red|blue),/, ',TRUE,'),
    );
    const prepared = await prepareExamples({
      csvPath: await write(rows),
      spec: featureSpecSchema.parse({
        ...own,
        features: [
          own.features[0],
          { type: 'categorical', name: 'colour', cleaning: { spellings: [['True', 'yes']] } },
        ],
      }),
      workDirectory: files.folder,
      seed: 1,
    });
    expect(prepared.accounting).toMatchObject({ quarantined: 0, used: 600 });
    expect(prepared.featureMap.categorical[0]?.vocabulary).toContain('yes');
    await prepared.close();
  });
});

describe('timestamps that are written in other ways', () => {
  const stamped = featureSpecSchema.parse({
    ...SPEC,
    shape: 'EVENTS',
    subjectColumn: 'user',
    momentKinds: ['*'],
    features: [{ type: 'timestamp', name: 'joined' }],
    sequence: {
      maxLength: 2,
      fields: [
        { type: 'timestamp', name: 'joined' },
        { type: 'timestamp', name: 'seen' },
      ],
    },
  });
  const rows = Array.from({ length: 90 }, (_, i) => {
    const day = new Date(Date.UTC(2024, 2, 1 + i)).toISOString();
    const joined = [`${13 + (i % 9)}/02/2024`, '2024-02-01', ''][i % 3] ?? '';
    const seen = i === 4 ? `2024-02-30` : String(Date.UTC(2024, 1, 3) / 1000);
    return `u${i % 5},${day},${i % 2},${joined},${seen}`;
  });
  const text = (lines: readonly string[]) => ['user,day,bought,joined,seen', ...lines].join('\n');
  const profiled = async (spec: FeatureSpec, lines = rows) =>
    profileCsv(await files.write(text(lines)), spec, { workDirectory: files.folder });

  it('are proposed to be read, and are read once it is accepted, in features and histories', async () => {
    const { cleaning, quarantinedCount } = await profiled(stamped);
    expect(quarantinedCount).toBe(90);
    expect(cleaning).toMatchObject([
      { step: { kind: 'READ_TIME_FORMAT', column: 'joined', format: '%d/%m/%Y' }, rowsAffected: 30 },
      { step: { kind: 'READ_TIME_FORMAT', column: 'seen', format: 'unix' }, rowsAffected: 89 },
    ]);
    const spec = applySteps(
      stamped,
      {},
      cleaning.map(({ step }) => step),
    );
    expect(spec.sequence?.fields).toMatchObject([
      { cleaning: { timeFormats: ['%d/%m/%Y'] } },
      { cleaning: { timeFormats: ['unix'] } },
    ]);
    expect(featureSpecSchema.parse(spec)).toEqual(spec);
    const prepared = await prepareExamples({
      csvPath: await files.write(text(rows)),
      spec,
      workDirectory: files.folder,
      seed: 1,
    });
    expect(prepared.accounting).toMatchObject({ rows: 90, quarantined: 1, laterMoments: 0 });
    const { numeric } = await prepared.train.readRaw(Int32Array.of(0, 2));
    // On 1 March, joined on 13 February, a Tuesday; on 11 March, joined on 1 February, a Thursday.
    expect(numeric['joined']).toEqual(Float32Array.of(17 * 86_400, 0, 1, 39 * 86_400, 0, 3));
    await prepared.close();
    expect(await profiled(spec)).toMatchObject({ quarantinedCount: 1, cleaning: [] });
  });

  it('count as after the moment of prediction as those do that are ISO 8601', async () => {
    const spec = applySteps(stamped, {}, [{ kind: 'READ_TIME_FORMAT', column: 'seen', format: 'unix' }]);
    const read = rows.map((row) => row.replace(/[^,]*,([^,]*)$/, '2024-01-01,$1'));
    const late = read.with(50, read[50]!.replace(/[^,]*$/, String(Date.UTC(2025, 0, 1) / 1000)));
    expect((await profiled(spec, read)).leaks).toEqual([]);
    const { leaks } = await profiled(spec, late);
    expect(leaks).toMatchObject([{ kind: 'MOMENT_AFTER_PREDICTION', column: 'seen', count: 1 }]);
  });
});

it('of what is read at moments of prediction alone, these count', async () => {
  const events = featureSpecSchema.parse({
    shape: 'EVENTS',
    subjectColumn: 'user',
    timeColumn: 'at',
    kindColumn: 'kind',
    momentKinds: ['visit'],
    label: { event: 'buy', within: { hours: 1 } },
    features: [
      { type: 'categorical', name: 'device' },
      { type: 'categorical', name: 'source' },
      { type: 'numeric', name: 'age' },
    ],
    sequence: { maxLength: 3, fields: [{ type: 'categorical', name: 'source' }] },
  });
  const rows = Array.from({ length: 900 }, (_, i) => {
    const kind = ['visit', 'view', i % 4 === 0 ? 'buy' : 'view'][i % 3] ?? '';
    const own =
      kind === 'visit' ? `${['a', 'b', 'unknown'][i % 7] ?? 'a'},${i % 30 === 0 ? -1 : 20 + (i % 40)}` : ',';
    const at = new Date(Date.UTC(2024, 0, 1) + Math.floor(i / 3) * 7_200_000 + (i % 3) * 60_000);
    return `u${Math.floor(i / 3) % 9},${at.toISOString()},${kind},${i % 2 === 0 ? 'ad' : ''},${own}`;
  });
  const path = await files.write(['user,at,kind,source,device,age', ...rows].join('\n'));
  const { cleaning } = await profileCsv(path, events, { workDirectory: files.folder });
  expect(cleaning.map(({ step }) => [step.kind, 'column' in step && step.column])).toEqual([
    ['FILL_MISSING', 'source'],
    ['TREAT_AS_MISSING', 'device'],
    ['TREAT_AS_MISSING', 'age'],
  ]);
  for (const { step, rowsAffected } of cleaning) {
    const prepared = await prepareExamples({
      csvPath: path,
      spec: applySteps(events, {}, [step]),
      workDirectory: files.folder,
      seed: 1,
    });
    expect(prepared.accounting.mended).toBe(rowsAffected);
    await prepared.close();
  }
});
