import { CsvFiles } from '../../../test/support/csv-files';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { profileCsv } from './profile/profile-csv';
import { type CellValue, eventIssues, storedHeader, type StoredEvent, storedLine } from './stored-event';

const BASE: FeatureSpecInput = {
  shape: 'EVENTS',
  idColumn: 'event_id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { event: '*', within: 'session' },
  features: [{ type: 'cyclic', name: 'hour', part: 'hourOfDay' }],
};
const LABELS: Readonly<Record<string, Partial<FeatureSpecInput>>> = {
  'a number': { label: { column: 'value', atLeast: 4 } },
  'an event with a number': {
    label: { event: 'buy', where: { column: 'value', above: 3 }, within: { days: 1 } },
  },
  'any event with a number': {
    label: { noEvent: '*', where: { column: 'value', above: 3 }, within: { days: 1 } },
  },
  'an event with a text': {
    label: { event: 'buy', where: { column: 'value', oneOf: ['5', 'x'] }, within: { days: 1 } },
  },
  'in a session': { sessionColumn: 'value', label: { event: 'buy', within: 'session' } },
};
const ODD: ReadonlyArray<CellValue | null> = [
  'x',
  'NA',
  ' ',
  '',
  null,
  'inf',
  '-inf',
  'nan',
  '1e39',
  '1_0',
  ' 5 ',
  '5,0',
  4,
  true,
];
const start = Date.UTC(2025, 0, 1);

describe('a stored event is refused for what a row of a file is set aside for, where the label is', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  it.each(Object.entries(LABELS))('%s', async (_, label) => {
    const spec = featureSpecSchema.parse({ ...BASE, ...label });
    const events = Array.from({ length: 240 }, (_, i): StoredEvent => {
      const value = i < 2 * ODD.length ? ODD[i >> 1] : i % 3 === 0 ? 5 : 1;
      return {
        id: `e${i}`,
        subjectId: `u${i % 11}`,
        at: new Date(start + i * 40_000_000),
        kind: i % 2 === 0 ? 'visit' : 'buy',
        cells: value == null || value === '' ? {} : { value },
      };
    });
    const bad = events.filter((event) => eventIssues(spec, event).length > 0);
    const path = await files.write(
      [storedHeader(spec), ...events.map((event) => storedLine(spec, event))].join(''),
    );
    const { rowCount, quarantinedCount } = await profileCsv(path, spec, { workDirectory: files.folder });
    expect([rowCount, quarantinedCount]).toEqual([events.length, bad.length]);
    expect(bad.length > 0).toBe(!('where' in spec.label && spec.label.where?.oneOf));
    for (const event of bad) expect(eventIssues(spec, event)).toMatchObject([{ path: 'value' }]);
  });
});
