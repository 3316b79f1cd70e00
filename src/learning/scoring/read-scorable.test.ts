import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { featureSpecSchema } from '../features/feature-spec';
import { rawFromRecords } from '../features/raw-from-records';
import { unlabelled } from '../features/unlabelled';
import { readScorable, type ScorableOptions } from './read-scorable';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'scorable-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(spec: ScorableOptions['spec'], csv: string, options: Partial<ScorableOptions> = {}) {
  const csvPath = path.join(folder, 'data.csv');
  writeFileSync(csvPath, csv);
  return readScorable({ csvPath, spec, workDirectory: folder, ...options });
}

describe('examples to be scored', () => {
  const table = featureSpecSchema.parse({
    shape: 'TABLE',
    idColumn: 'id',
    label: { column: 'label' },
    cleaning: { dropDuplicates: true },
    timeColumn: 'at',
    features: [
      { type: 'numeric', name: 'x' },
      { type: 'categorical', name: 'color' },
    ],
    split: { by: 'entity', column: 'customer' },
  });

  it('are all rows that can be read, copies and later ones too, and need no label', async () => {
    const examples = await read(
      table,
      'id,at,x,color\na,2024-01-01,1,red\na,2024-01-01,1,red\nb,2024-01-02,oops,red\nc,2024-01-03,,\n',
    );
    expect(examples.accounting).toEqual({
      rows: 4,
      quarantined: 1,
      duplicates: 0,
      history: 0,
      dates: 0,
      scored: 3,
    });
    expect(examples.names(0, 3)).toEqual([
      { id: 'a', subjectId: null, at: new Date('2024-01-01') },
      { id: 'a', subjectId: null, at: new Date('2024-01-01') },
      { id: 'c', subjectId: null, at: new Date('2024-01-03') },
    ]);
    expect(await examples.read(1, 3)).toEqual(
      rawFromRecords(unlabelled(table), [
        { at: new Date('2024-01-01'), features: { x: 1, color: 'red' } },
        { at: new Date('2024-01-03'), features: {} },
      ]),
    );
    expect(examples.quarantine.reasons).toEqual([
      { reason: 'column x: "…" is not a number within ±3.4e38', count: 1 },
    ]);
    expect(readFileSync(examples.quarantine.path!, 'utf8')).toMatch(/^line,reason,text\n4,.*oops/);
    examples.close();
  });

  it('are every moment of every subject, also where the label would not be known yet', async () => {
    const spec = featureSpecSchema.parse({
      shape: 'EVENTS',
      subjectColumn: 'user',
      timeColumn: 'at',
      kindColumn: 'kind',
      momentKinds: ['visit'],
      label: { event: 'buy', withinMinutes: 43_200 },
      features: [{ type: 'categorical', name: 'device' }],
      sequence: {
        maxLength: 3,
        fields: [
          { type: 'categorical', name: 'kind' },
          { type: 'elapsed', name: 'ago' },
        ],
      },
    });
    const examples = await read(
      spec,
      [
        'user,at,kind,device',
        'u2,2024-01-03T00:00:00Z,visit,mobile',
        'u1,2024-01-01T00:00:00Z,view,',
        'u1,2024-01-02T00:00:00Z,visit,desktop',
        'u1,2024-01-02T00:00:00Z,visit,desktop',
        'u1,yesterday,visit,desktop',
        '',
      ].join('\n'),
    );
    expect(examples.accounting).toEqual({
      rows: 5,
      quarantined: 1,
      duplicates: 1,
      history: 1,
      dates: 0,
      scored: 2,
    });
    expect(examples.names(0, 2)).toEqual([
      { id: '4', subjectId: 'u1', at: new Date('2024-01-02') },
      { id: '2', subjectId: 'u2', at: new Date('2024-01-03') },
    ]);
    expect(await examples.read(0, 2)).toEqual(
      rawFromRecords(spec, [
        {
          at: new Date('2024-01-02'),
          features: { device: 'desktop' },
          history: [{ at: new Date('2024-01-01'), values: { kind: 'view' } }],
        },
        { at: new Date('2024-01-03'), features: { device: 'mobile' } },
      ]),
    );
    examples.close();
  });

  it('are the subjects at given dates, which are no rows', async () => {
    const spec = featureSpecSchema.parse({
      shape: 'EVENTS',
      subjectColumn: 'user',
      timeColumn: 'at',
      kindColumn: 'kind',
      momentDates: ['2024-02-01'],
      label: { event: 'buy', withinMinutes: 43_200 },
      features: [{ type: 'numeric', name: 'price' }],
    });
    const examples = await read(
      spec,
      'user,at,kind,price\nu1,2024-01-01,view,3\nu1,2024-01-02,view,4\nu2,2024-03-01,view,5\n',
    );
    expect(examples.accounting).toEqual({
      rows: 3,
      quarantined: 0,
      duplicates: 0,
      history: 3,
      dates: 1,
      scored: 1,
    });
    expect(examples.names(0, 1)).toEqual([
      { id: 'u1@2024-02-01', subjectId: 'u1', at: new Date('2024-02-01') },
    ]);
    expect((await examples.read(0, 1)).numeric['price']).toEqual(Float32Array.of(4));
    examples.close();
  });
});
