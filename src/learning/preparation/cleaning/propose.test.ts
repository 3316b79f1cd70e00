import { CsvFiles } from '../../../../test/support/csv-files';
import { type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { inspectUpload } from '../mapping/inspect-upload';
import { prepareExamples } from '../prepare-examples';
import { profileCsv } from '../profile/profile-csv';
import { applies, applySteps, type CleaningStep, inOrder } from './cleaning-step';

const SPEC: FeatureSpecInput = {
  shape: 'TABLE',
  timeColumn: 'day',
  label: { column: 'bought' },
  features: [
    { type: 'numeric', name: 'age' },
    { type: 'numeric', name: 'visits' },
    { type: 'categorical', name: 'colour' },
  ],
};
const HEADER = 'age,visits,colour,bought,day';
const RECEIVED = new Date('2025-06-01T00:00:00Z');
const iso = (i: number): string => new Date(Date.UTC(2024, 0, 1 + (i % 300))).toISOString().slice(0, 10);
const COLOURS = ['red', 'red', 'red', 'Red', 'blue', 'blue', ' blue', 'N/A', 'unknown', ''];
const line = (i: number, day = iso(i)): string => {
  const age = i % 40 === 0 ? -1 : i === 77 ? 5000 : 20 + (i % 50);
  const visits = i % 8 === 0 ? '' : i % 3 === 0 ? i % 7 : 0;
  const colour = i < 4 ? `odd ${i}` : COLOURS[i % COLOURS.length];
  return `${age},${visits},${colour},${i % 3 === 1 ? 1 : 0},${day}`;
};
const ROWS = Array.from({ length: 600 }, (_, i) => line(i));

let files: CsvFiles;
beforeAll(async () => (files = await CsvFiles.create()));
afterAll(() => files.remove());

const spec = featureSpecSchema.parse(SPEC);
const write = (rows: readonly string[]) => files.write([HEADER, ...rows].join('\n'));
const propose = async (rows: readonly string[]) =>
  (await profileCsv(await write(rows), spec, { workDirectory: files.folder, receivedAt: RECEIVED })).cleaning;
const prepare = async (rows: readonly string[], steps: readonly CleaningStep[]) => {
  const prepared = await prepareExamples({
    csvPath: await write(rows),
    spec: applySteps(spec, {}, steps),
    workDirectory: files.folder,
    seed: 1,
  });
  await prepared.close();
  return prepared;
};

describe('what is proposed', () => {
  it('is what is wrong with each column, with the rows that it is about', async () => {
    const later = [line(5, '2031-01-01'), line(6, '2031-01-02')];
    const proposals = await propose([...ROWS, ...later, ROWS[9]!, ROWS[9]!]);
    expect(
      proposals.map(({ step, rowsAffected }) => [
        step.kind,
        'column' in step ? step.column : null,
        rowsAffected,
      ]),
    ).toEqual([
      ['DROP_LATER_ROWS', null, 2],
      // Rows repeat by chance, too.
      ['DROP_DUPLICATES', null, expect.any(Number)],
      ['TREAT_AS_MISSING', 'age', 15],
      ['CLIP', 'age', 1],
      ['FILL_MISSING', 'visits', 75],
      ['MERGE_SPELLINGS', 'colour', expect.any(Number)],
      ['TREAT_AS_MISSING', 'colour', expect.any(Number)],
      ['TREAT_AS_MISSING', 'colour', expect.any(Number)],
      ['MERGE_RARE', 'colour', 4],
      ['FILL_MISSING', 'colour', expect.any(Number)],
    ]);
    const [spellings] = proposals.flatMap(({ step }) =>
      step.kind === 'MERGE_SPELLINGS' ? [step.spellings] : [],
    );
    expect(spellings).toEqual(
      expect.arrayContaining([
        ['Red', 'red'],
        [' blue', 'blue'],
      ]),
    );
    const clip = proposals.find(({ step }) => step.kind === 'CLIP');
    expect(clip).toMatchObject({ example: '5000' });
    expect(new Set(proposals.map(({ id }) => id)).size).toBe(proposals.length);
    // The same file gives the same proposals: a decision is of their ids.
    expect((await propose([...ROWS, ...later, ROWS[9]!, ROWS[9]!])).map(({ id }) => id)).toEqual(
      proposals.map(({ id }) => id),
    );
  });

  it('is nothing where nothing is wrong', async () => {
    const clean = Array.from(
      { length: 200 },
      (_, i) => `${20 + (i % 40)},${i % 9},${['red', 'blue'][i % 2]},${(i >> 2) % 2},${iso(i)}`,
    );
    expect(await propose(clean)).toEqual([]);
  });

  it('can be accepted one by one, and does what it says to as many rows', async () => {
    const later = [line(5, '2031-01-01'), line(6, '2031-01-02')];
    const rows = [...ROWS, ...later, ROWS[9]!];
    const proposals = await propose(rows);
    for (const { step, rowsAffected } of proposals) {
      expect(applies(spec, {}, step)).toBe(true);
      const { accounting } = await prepare(rows, [step]);
      expect(accounting.rows).toBe(rows.length);
      if (step.kind === 'DROP_LATER_ROWS') expect(accounting.later).toBe(rowsAffected);
      else if (step.kind === 'DROP_DUPLICATES') expect(accounting.duplicates).toBe(rowsAffected);
      // Rows from the future are quarantined unless they are left out.
      else expect(accounting).toMatchObject({ quarantined: 2, used: rows.length - 2 });
    }
    const all = await prepare(
      rows,
      inOrder(proposals).map(({ step }) => step),
    );
    const [colour] = all.featureMap.categorical;
    expect(colour?.vocabulary.toSorted()).toEqual(['(missing)', '(rare)', 'blue', 'red']);
    expect(all.featureMap.numeric[0]).toMatchObject({ cleaning: { missing: [-1] } });
  });

  it('rescues rows with a word where a number belongs', async () => {
    const rows = ROWS.map((text, i) => (i % 20 === 1 ? text.replace(/^[^,]*/, 'unknown') : text));
    const word = (await propose(rows)).find(
      ({ step }) => step.kind === 'TREAT_AS_MISSING' && step.values[0] === 'unknown' && step.column === 'age',
    );
    expect(word?.rowsAffected).toBe(30);
    expect((await prepare(rows, [])).accounting.quarantined).toBe(30);
    expect((await prepare(rows, [word!.step])).accounting).toMatchObject({ quarantined: 0, used: 600 });
  });

  it('of the columns that the file calls otherwise is of their names in the file', async () => {
    const path = await files.write([HEADER.replace('age', 'years'), ...ROWS].join('\n'));
    const mapping = { age: 'years' };
    const { cleaning } = await profileCsv(path, spec, { workDirectory: files.folder, mapping });
    const [step] = cleaning.flatMap((one) => (one.step.kind === 'TREAT_AS_MISSING' ? [one.step] : []));
    expect(step).toMatchObject({ column: 'years' });
    expect(applies(spec, mapping, step!)).toBe(true);
    expect(applies(spec, {}, step!)).toBe(false);
  });
});

describe('dates in several formats', () => {
  const german = (day: string) => day.split('-').reverse().join('.');
  const slashes = (day: string) => day.split('-').reverse().join('/');
  const mixed = ROWS.map((text, i) => {
    const day = iso(i);
    return text.replace(day, [day, german(day), slashes(day)][i % 3]!);
  });

  it('are received although most cannot be read yet, and read when that is accepted', async () => {
    const path = await write(mixed);
    const inspection = await inspectUpload(path, spec, { workDirectory: files.folder });
    expect(inspection).toMatchObject({ rowCount: 600, quarantined: { count: 400 }, labelRate: null });
    const proposals = (await propose(mixed)).filter(({ step }) => step.kind === 'READ_TIME_FORMAT');
    expect(
      proposals.map(({ step, rowsAffected }) => ['format' in step && step.format, rowsAffected]).sort(),
    ).toEqual([
      ['%d.%m.%Y', 200],
      ['%d/%m/%Y', 200],
    ]);
    await expect(prepare(mixed, [])).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('cleaning proposals') as unknown,
    });
    const { accounting } = await prepare(
      mixed,
      proposals.map(({ step }) => step),
    );
    expect(accounting).toMatchObject({ rows: 600, quarantined: 0, used: 600 });
  });

  it('whose day and month cannot be told apart are proposed both ways', async () => {
    const days = ROWS.map((text, i) =>
      text.replace(iso(i), i % 4 === 0 ? `0${1 + (i % 9)}/0${1 + (i % 7)}/2024` : iso(i)),
    );
    const proposals = (await propose(days)).filter(({ step }) => step.kind === 'READ_TIME_FORMAT');
    expect(proposals.map(({ step }) => 'format' in step && step.format).sort()).toEqual([
      '%d/%m/%Y',
      '%m/%d/%Y',
    ]);
    expect(proposals[0]?.description).toContain('the other way round');
  });
});

it('what is accepted together is a specification that serving reads', async () => {
  const words = [
    'unknown',
    'Unknown',
    'UNKNOWN',
    'N/A',
    'n/a',
    'null',
    'none',
    '?',
    '-',
    'undefined',
    'missing',
  ];
  const rows = Array.from({ length: 700 }, (_, i) => {
    const colour =
      i % 2 === 0 ? words[(i >> 1) % words.length] : ['😀'.repeat(1000), ' red', 'red', 'RED '][(i >> 1) % 4];
    return `${i % 50},${i % 9},${colour},${(i >> 3) % 2},${iso(i)}`;
  });
  const proposals = await propose(rows);
  expect(proposals.filter(({ step }) => step.kind === 'TREAT_AS_MISSING').length).toBeGreaterThan(6);
  const mended = applySteps(
    spec,
    {},
    inOrder(proposals).map(({ step }) => step),
  );
  expect(featureSpecSchema.parse(JSON.parse(JSON.stringify(mended)))).toEqual(mended);
  await prepare(
    rows,
    inOrder(proposals).map(({ step }) => step),
  );
});
