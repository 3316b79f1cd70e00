import { open } from 'node:fs/promises';
import { CsvFiles } from '../../../test/support/csv-files';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { inspectCsv } from './inspect-csv';

const TABLE: FeatureSpecInput = {
  shape: 'TABLE',
  label: { column: 'bought' },
  features: [
    { type: 'numeric', name: 'age' },
    { type: 'categorical', name: 'colour' },
  ],
};
const EVENTS: FeatureSpecInput = {
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'purchase', withinMinutes: 60 },
  features: [{ type: 'cyclic', name: 'hour', part: 'hourOfDay' }],
  sequence: { maxLength: 3, fields: [{ type: 'categorical', name: 'kind' }] },
};

describe('inspectCsv', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function inspect(content: string, spec: FeatureSpecInput = TABLE) {
    const path = await files.write(content);
    return inspectCsv(path, featureSpecSchema.parse(spec), { workDirectory: files.folder });
  }

  const failing = (message: string | RegExp) => ({
    code: 'INVALID_DATA',
    message: (typeof message === 'string'
      ? expect.stringContaining(message)
      : expect.stringMatching(message)) as unknown,
  });

  it('describes columns, rows and labels', async () => {
    const inspection = await inspect(
      [
        'age,colour,day,"bought"',
        '1,red,2024-01-02,0',
        '2,blue,2024-01-03,1',
        ',red,2024-01-04,0',
        '4.5,,,1',
      ].join('\n'),
    );
    expect(inspection).toEqual({
      columns: [
        { name: 'age', type: 'numeric' },
        { name: 'colour', type: 'categorical' },
        { name: 'day', type: 'moment' },
        { name: 'bought', type: 'numeric' },
      ],
      format: { type: 'CSV', compression: 'NONE', delimiter: ',', hasHeader: true, columns: null },
      rowCount: 4,
      quarantined: { count: 0, sample: [] },
      labelRate: 0.5,
      momentCount: 4,
      timeRange: null,
      endsInsideRow: false,
    });
  });

  it('reads hundreds of numeric features in the memory that it has', async () => {
    const names = Array.from({ length: 400 }, (_, i) => `n${i}`);
    const { quarantined, columns } = await inspect(
      [
        [...names, 'bought'].join(','),
        [...names.map((_, i) => i), 0].join(','),
        [...names.map(() => 'n/a'), 1].join(','),
        [...names.map((name) => (name === 'n399' ? 'x' : 7)), 1].join(','),
      ].join('\n'),
      { ...TABLE, features: names.map((name) => ({ type: 'numeric', name })) },
    );
    expect(columns).toHaveLength(401);
    expect(quarantined.sample.map(({ line, reason }) => [line, reason])).toEqual([
      [4, 'column n399: "x" is not a number within ±3.4e38'],
    ]);
  });

  it('quarantines what cannot be read, by line and reason, structure and values in one list', async () => {
    const good = ['1,red,1', '2,red,0', '3,,1', 'NA,blue,0', '1e3,blue,1', '6,red,0', '7,red,1'];
    const inspection = await inspect(
      [
        'age,colour,bought',
        'old,red,1',
        '1,2',
        ...good,
        `9,${'x'.repeat(1025)},0`,
        '1e39,red,1',
        '5,red,',
      ].join('\n'),
    );
    expect(inspection.rowCount).toBe(12);
    expect(inspection.quarantined.count).toBe(5);
    expect(inspection.quarantined.sample).toMatchObject([
      { line: 2, reason: 'column age: "old" is not a number within ±3.4e38', text: 'old,red,1' },
      { line: 3, reason: '2 fields where the header has 3', text: '1,2' },
      { line: 11, reason: 'column colour: is longer than 1024 characters' },
      { line: 12, reason: 'column age: "1e39" is not a number within ±3.4e38' },
      { line: 13, reason: 'column bought: the label is missing', text: '5,red,' },
    ]);
    expect(inspection.momentCount).toBe(7);
    expect(inspection.labelRate).toBeCloseTo(4 / 7);
  });

  it('reports a file that is cut, and uses the rest', async () => {
    const inspection = await inspect('age,colour,bought\n1,red,1\n2,red,0\n3,bl');
    expect(inspection).toMatchObject({ rowCount: 3, momentCount: 2, endsInsideRow: true });
    expect(inspection.quarantined.sample).toMatchObject([{ line: 4, text: '3,bl' }]);
  });

  it('refuses a file without the columns, naming those missing and those there', async () => {
    await expect(inspect('years,colour,bought\n1,red,1\n')).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: 'The file lacks the column age. Its header has "years", "colour", "bought".',
      issues: [{ path: 'age', message: 'is not in the header' }],
    });
  });

  it('refuses a header that has a column twice', async () => {
    await expect(inspect('age,colour,age,bought\n1,red,2,1\n')).rejects.toMatchObject(
      failing('more than once'),
    );
  });

  it('refuses a label with three values, listing them', async () => {
    await expect(
      inspect('age,colour,bought\n1,a,1\n2,a,0\n3,a,0\n4,a,maybe\n5,a,0\n6,a,1\n'),
    ).rejects.toMatchObject(
      failing('The label column bought must hold two values, but holds 3: 0 (3), 1 (2), maybe (1).'),
    );
  });

  it('refuses a label with one class', async () => {
    await expect(inspect('age,colour,bought\n1,a,no\n2,a,no\n')).rejects.toMatchObject(
      failing('holds one class only: no (2)'),
    );
  });

  it('refuses text in a numeric column when most of it is text, naming the column', async () => {
    await expect(inspect('age,colour,bought\nold,a,1\nyoung,a,0\n3,a,1\nold,a,0\n')).rejects.toMatchObject(
      failing(/3 of 4 rows .* for the column age .* line 2, column age: "old"/),
    );
  });

  it('refuses a file most of whose lines have another number of fields', async () => {
    await expect(inspect('age,colour,bought\n1,a\n2,b\n3,c,1\n')).rejects.toMatchObject(
      failing('how its lines are written'),
    );
  });

  it('quarantines unreadable moments and events without subject or kind', async () => {
    const inspection = await inspect(
      [
        'user,at,kind',
        'u,2024-03-01T10:00:00Z,view',
        'u,2024-03-01T10:30:00+02:00,purchase',
        'u,yesterday,view',
        'u,,view',
        ',2024-03-01,view',
        'u,2024-03-01,',
        'u,9999-01-01,view',
        'v,2024-03-02 00:00:00 UTC,view',
        'v,2024-03-02 01:00:00.250,view',
        'v,2024-03-03,view',
        'w,2024-03-03,view',
      ].join('\n'),
      EVENTS,
    );
    expect(inspection.quarantined.sample.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      '4: column at: "yesterday" is no ISO 8601 moment between the years 1900 and 2200',
      '5: column at: the moment is missing',
      '6: column user: the subject is missing',
      '7: column kind: the kind of event is missing',
      '8: column at: "9999-01-01" is no ISO 8601 moment between the years 1900 and 2200',
    ]);
    expect(inspection).toMatchObject({
      momentCount: 5,
      labelRate: null,
      timeRange: { from: new Date('2024-03-01T08:30:00Z'), to: new Date('2024-03-03T00:00:00Z') },
    });
  });

  it('refuses events without a moment of prediction or without the label’s kind, listing the kinds', async () => {
    const rows = 'user,at,kind\nu,2024-03-01,click\nu,2024-03-02,click\nu,2024-03-02,basket\n';
    await expect(inspect(rows, EVENTS)).rejects.toMatchObject(
      failing('No row is a moment of prediction (kind view). Kinds seen: click (2), basket (1).'),
    );
    await expect(inspect(rows, { ...EVENTS, momentKinds: ['click'] })).rejects.toMatchObject(
      failing("No event is of the label's kind purchase. Kinds seen: click (2), basket (1)."),
    );
  });

  it('takes names and values from files and specs as data, never as SQL', async () => {
    const evil = `x'); DROP TABLE rows; --"`;
    const spec: FeatureSpecInput = {
      shape: 'TABLE',
      label: { column: evil, positive: [`y' OR '1'='1`] },
      features: [{ type: 'numeric', name: 'age', column: 'a"ge, it\'s' }],
    };
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const inspection = await inspect(`${quote('a"ge, it\'s')},${quote(evil)}\n1,y' OR '1'='1\n2,n\n`, spec);
    expect(inspection).toMatchObject({ momentCount: 2, labelRate: 0.5 });
  });

  it('looks at a thousand columns in little memory', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `c${i}`);
    const cells = ',0.125'.repeat(names.length);
    const rows = Array.from({ length: 2500 }, (_, i) => `${i},red,${i % 2}${cells}`);
    const path = await files.write([`age,colour,bought,${names.join(',')}`, ...rows].join('\n'));
    const options = { workDirectory: files.folder, memoryLimitMb: 256 };
    const inspection = await inspectCsv(path, featureSpecSchema.parse(TABLE), options);
    expect(inspection).toMatchObject({ rowCount: 2500, momentCount: 2500 });
    expect(inspection.columns.slice(3)).toEqual(names.map((name) => ({ name, type: 'numeric' })));
  });

  it('passes over a line however long it is', async () => {
    const path = await files.write('age,colour,bought\n1,red,0\n');
    const file = await open(path, 'a');
    // Of the disk, the hole takes nothing.
    await file.truncate(1 << 27);
    await file.appendFile('\n2,blue,1\n3,red,0\n');
    await file.close();
    const inspection = await inspectCsv(path, featureSpecSchema.parse(TABLE), {
      workDirectory: files.folder,
    });
    expect(inspection).toMatchObject({ rowCount: 4, momentCount: 3 });
    expect(inspection.quarantined).toMatchObject({
      count: 1,
      sample: [{ line: 3, reason: 'longer than 1 MiB' }],
    });
  });

  it('refuses a feature that reads the label', async () => {
    const spec = { ...TABLE, features: [{ type: 'numeric' as const, name: 'age', column: 'bought' }] };
    await expect(inspect('age,colour,bought\n1,a,1\n', spec)).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
    });
  });

  it('stops when it is aborted', async () => {
    const path = await files.write('age,colour,bought\n1,a,1\n2,b,0\n');
    const reason = new Error('enough');
    const options = { workDirectory: files.folder, signal: AbortSignal.abort(reason) };
    await expect(inspectCsv(path, featureSpecSchema.parse(TABLE), options)).rejects.toBe(reason);
  });
});
