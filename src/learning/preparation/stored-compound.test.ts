import fc from 'fast-check';
import { CsvFiles } from '../../../test/support/csv-files';
import { featureSpecSchema } from '../features/feature-spec';
import { rawFromRecords } from '../features/raw-from-records';
import { prepareExamples } from './prepare-examples';
import {
  type CellValue,
  eventIssues,
  historyEventOf,
  storedHeader,
  type StoredEvent,
  storedLine,
} from './stored-event';

const START_MS = Date.UTC(2025, 0, 1);
const MAX_LENGTH = 3;
const SPEC = featureSpecSchema.parse({
  shape: 'EVENTS',
  idColumn: 'event_id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { column: 'bought' },
  features: [{ type: 'vector', name: 'own', column: 'own', dimension: 1 }],
  sequence: {
    maxLength: MAX_LENGTH,
    fields: [
      { type: 'multi', name: 'tags', maxValues: 3 },
      { type: 'text', name: 'title', maxTokens: 3 },
      { type: 'vector', name: 'image', dimension: 2 },
      {
        type: 'timestamp',
        name: 'joined',
        parts: ['monthOfYear'],
        cleaning: { timeFormats: ['%d/%m/%Y', '%b %d, %Y %H:%M', 'unix'] },
      },
    ],
  },
});

const mostly = <T, U>(often: fc.Arbitrary<T>, seldom: fc.Arbitrary<U>): fc.Arbitrary<T | U> =>
  fc.oneof({ weight: 8, arbitrary: often }, { weight: 1, arbitrary: seldom });
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .map((any) => any.replaceAll('\0', '0'));
const tags = mostly(
  fc.constantFrom<CellValue>(
    'a|b',
    ' b | a ',
    '["a","b|c"]',
    ' [1, 2.0, null] ',
    'TRUE',
    true,
    12,
    '[]',
    '|',
  ),
  fc.oneof(
    fc.constantFrom('["a"', '[a]', '[{}]', '\u00a0["a"', '["a"]]', '[01]', '["\\u0000"]', '[1e400]'),
    text,
  ),
);
const title = fc.oneof(fc.constantFrom<CellValue>('Red wine', 'ROUGE İ', '東京🔥', false, 1.5), text);
const image = mostly(
  fc.oneof(
    fc
      .tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer())
      .map((pair) => JSON.stringify(pair)),
    fc.constantFrom('1 2', '1,2', '[ 1 ; 2 ]', '1\t2', '-0|+2', '1_0 2', 'NA', '[]', ' ', '?'),
  ),
  fc.oneof(
    fc.constantFrom<CellValue>(
      '1',
      '1 2 3',
      12,
      '[1, null]',
      'nan 1',
      '1e39 1',
      '1\v2',
      '1\u00a02',
      ']1 2[',
      'x y',
      true,
    ),
    text,
  ),
);
const joined = mostly(
  fc.integer({ min: START_MS - 1e10, max: START_MS + 4e6 }).map((ms) => new Date(ms).toISOString()),
  fc.oneof(
    fc.constantFrom<CellValue>('31/12/2024', ' 1/2/2024', 'feb 3, 2024 7:05', 1_700_000_000, '1700000000.5'),
    fc.constantFrom('31/02/2024', '12/31/2024', 'epoch', 'Feb 3, 2024', '17000000'),
    fc.constantFrom(
      '2024-02-29',
      '2024-02-30',
      '2024-01-01 10:00',
      '1899-12-31',
      'n/a',
      'now',
      '2024',
      '2024-1-1',
    ),
    text,
  ),
);
const anyEvents = fc.array(
  fc.record({
    subjectId: fc.constantFrom('u', 'v'),
    at: fc.nat(60).map((minute) => new Date(START_MS + minute * 60_000)),
    kind: fc.constantFrom('view', 'visit'),
    cells: fc.record({
      tags: fc.option(tags),
      title: fc.option(title),
      image: fc.option(image),
      joined: fc.option(joined),
      own: mostly(fc.constant<CellValue>('1'), fc.constant<CellValue>('1 2')),
      bought: fc.boolean(),
    }),
  }),
  { minLength: 60, maxLength: 90 },
);

describe('stored events with compound values', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  it('make the same histories, to the bit, read from a file and looked up', async () => {
    let compared = 0;
    let unusable = 0;
    await fc.assert(
      fc.asyncProperty(anyEvents, async (given) => {
        const events = given.map(({ cells, ...event }, index): StoredEvent => ({
          ...event,
          id: `e${index}`,
          cells: Object.fromEntries(
            Object.entries(cells).filter((entry): entry is [string, CellValue] => entry[1] !== null),
          ),
        }));
        const bad = events.filter((event) => eventIssues(SPEC, event).length > 0);
        const csvPath = await files.write(
          [storedHeader(SPEC), ...events.map((event) => storedLine(SPEC, event))].join(''),
        );
        const format = { type: 'CSV', delimiter: ',', hasHeader: true } as const;
        const options = { csvPath, format, spec: SPEC, workDirectory: files.folder, seed: 1 };
        const prepared = await prepareExamples(options);
        unusable += bad.length;
        expect(prepared.accounting).toMatchObject({ rows: events.length, quarantined: bad.length });
        for (const part of [prepared.train, prepared.validation, prepared.test]) {
          const { sequence } = await part.readRaw(Int32Array.from({ length: part.count }, (_, i) => i));
          const records = part.ids().map((id) => {
            const moment = events[Number(id.slice(1))]!;
            const history = events
              .filter(({ subjectId, at }) => subjectId === moment.subjectId && at < moment.at)
              .sort((a, b) => a.at.getTime() - b.at.getTime())
              .flatMap((event) => historyEventOf(SPEC, event) ?? [])
              .slice(-MAX_LENGTH);
            return { at: moment.at, features: {}, history };
          });
          expect(rawFromRecords(SPEC, records).sequence).toEqual(sequence);
          compared += part.count;
        }
        await prepared.close();
      }),
      { numRuns: 30, endOnFailure: true },
    );
    expect(compared).toBeGreaterThan(500);
    expect(unusable).toBeGreaterThan(100);
  });
});
