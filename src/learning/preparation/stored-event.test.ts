import fc from 'fast-check';
import { CsvFiles } from '../../../test/support/csv-files';
import { type FeatureSpec, featureSpecSchema } from '../features/feature-spec';
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

const MAX_LENGTH = 4;
const START_MS = Date.UTC(2025, 0, 1);
const SPEC = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { column: 'bought', positive: ['true', 'yes'] },
  features: [
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
    { type: 'numeric', name: 'tenure', column: 'tenure, days' },
    { type: 'categorical', name: 'device' },
  ],
  sequence: {
    maxLength: MAX_LENGTH,
    fields: [
      { type: 'categorical', name: 'what', column: 'kind' },
      { type: 'categorical', name: 'brand', column: '"brand"' },
      { type: 'elapsed', name: 'ago' },
      { type: 'numeric', name: 'price', cleaning: { missing: [3], missingWords: ['unknown', '-5'] } },
    ],
  },
} satisfies Parameters<typeof featureSpecSchema.parse>[0]);

/** Texts that one reader or the other might read differently. */
const oddTexts = [
  ...[' 12 ', '\t12', '12\n', '+12', '+-12', '1_000', '1__0', '1_', '.5', '5.', '1e3', '1E+3', '1e', '0x1F'],
  ...[
    'inf',
    'nan',
    'NA',
    ' n/a',
    '-',
    '?',
    '\\N',
    '1,5',
    '1e39',
    '-0',
    'TRUE',
    'True ',
    'a"b',
    ' lead',
    'trail ',
  ],
  ...[
    'two\nlines',
    'two\r\nlines',
    'a\rb',
    ',',
    ';',
    '"',
    '""',
    '#',
    '\u00a012',
    '\u3000',
    '\u2003-',
    '\tna',
    'ü€😀',
    '\u2028',
    '[]',
    '{}',
  ],
];
const value: fc.Arbitrary<CellValue | null> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ min: -1e38, max: 1e38, noNaN: true }).map((number) => number + 0),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(...oddTexts),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).map((text) => text.replaceAll('\0', '0')),
);
const amount = fc.double({ min: -1e30, max: 1e30, noNaN: true });
const mostly = <T, U>(often: fc.Arbitrary<T>, seldom: fc.Arbitrary<U>): fc.Arbitrary<T | U> =>
  fc.oneof({ weight: 5, arbitrary: often }, { weight: 1, arbitrary: seldom });
/** Few subjects and minutes, so that ties and long histories are common. */
const anyEvents = fc.array(
  fc.record({
    subjectId: fc.constantFrom('u', 'v', ' w"'),
    at: fc.nat(40).map((minute) => new Date(START_MS + minute * 60_000)),
    kind: fc.constantFrom('view', 'view', 'visit', 'a,b'),
    device: value,
    brand: value,
    price: mostly(amount, value),
    tenure: mostly(amount, value),
    bought: mostly(fc.constantFrom<CellValue | null>(true, false), fc.constantFrom('yes', ' ', null)),
  }),
  { minLength: 60, maxLength: 100 },
);
type AnyEvent = typeof anyEvents extends fc.Arbitrary<(infer E)[]> ? E : never;

function stored({ subjectId, at, kind, ...given }: AnyEvent, index: number): StoredEvent {
  const cells = {
    device: given.device,
    '"brand"': given.brand,
    price: given.price,
    'tenure, days': given.tenure,
  };
  return {
    id: `e${index}`,
    subjectId,
    at,
    kind,
    cells: Object.fromEntries(
      Object.entries({ ...cells, bought: given.bought }).filter((entry): entry is [string, CellValue] => {
        return entry[1] !== null;
      }),
    ),
  };
}

describe('stored events', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  const prepare = async (events: readonly StoredEvent[]) =>
    prepareExamples({
      csvPath: await files.write(
        [storedHeader(SPEC), ...events.map((event) => storedLine(SPEC, event))].join(''),
      ),
      format: { type: 'CSV', delimiter: ',', hasHeader: true },
      spec: { ...SPEC, idColumn: 'event_id' },
      workDirectory: files.folder,
      seed: 1,
    });

  /** What a prediction would look up: the latest usable events strictly before the moment. */
  const lookUp = (spec: FeatureSpec, events: readonly StoredEvent[], moment: StoredEvent) =>
    events
      .filter(({ subjectId, at }) => subjectId === moment.subjectId && at < moment.at)
      .sort((a, b) => a.at.getTime() - b.at.getTime())
      .flatMap((event) => historyEventOf(spec, event) ?? [])
      .slice(-MAX_LENGTH);

  it('make the same histories, to the bit, read from a file and looked up', async () => {
    let compared = 0;
    let unusable = 0;
    await fc.assert(
      fc.asyncProperty(anyEvents, async (given) => {
        const events = given.map(stored);
        let prepared;
        try {
          prepared = await prepare(events);
        } catch (error) {
          // By chance there may be one class, or most rows unusable.
          expect(error).toMatchObject({ code: 'INVALID_DATA' });
          return;
        }
        const bad = events.filter((event) => eventIssues(SPEC, event).length > 0);
        unusable += bad.length;
        expect(prepared.accounting).toMatchObject({
          rows: events.length,
          quarantined: bad.length,
          duplicates: 0,
          used: events.length - bad.length,
        });
        for (const part of [prepared.train, prepared.validation, prepared.test]) {
          const indices = Int32Array.from({ length: part.count }, (_, i) => i);
          const { sequence } = await part.readRaw(indices);
          const moments = part.ids().map((id) => events[Number(id.slice(1))]!);
          const online = rawFromRecords(
            SPEC,
            moments.map((moment) => ({
              at: moment.at,
              features: {},
              history: lookUp(SPEC, events, moment),
            })),
          );
          expect(online.sequence).toEqual(sequence);
          compared += part.count;
        }
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(300);
    expect(unusable).toBeGreaterThan(300);
  });

  it('name their own fields as the specification does, and as nothing else that it reads', () => {
    const event: StoredEvent = {
      id: 'i',
      subjectId: 's',
      at: new Date(START_MS),
      kind: 'k',
      cells: { event_id: 'x' },
    };
    const spec = {
      ...SPEC,
      features: [{ type: 'categorical' as const, name: 'event_id', maxVocabulary: 1 }],
    };
    expect(storedHeader(spec)).toBe('_event_id,user,at,kind,"""brand""",bought,event_id,price\n');
    expect(storedLine(spec, event)).toBe('i,s,2025-01-01T00:00:00.000Z,k,,,x,\n');
  });
});
