import { CsvFiles } from '../../../../test/support/csv-files';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
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
