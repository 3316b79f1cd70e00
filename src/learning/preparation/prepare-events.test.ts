import fc from 'fast-check';
import { CsvFiles } from '../../../test/support/csv-files';
import { encode } from '../features/encode';
import { type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { type ExampleRecord, rawFromRecords } from '../features/raw-from-records';
import { inspectCsv } from './inspect-csv';
import { prepareExamples, type PreparedExamples } from './prepare-examples';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2024, 1, 28, 22);
const WINDOW_MINUTES = 30;
const MAX_LENGTH = 4;
const SPEC: FeatureSpecInput = {
  shape: 'EVENTS',
  idColumn: 'id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view', 'visit'],
  label: { event: 'purchase', withinMinutes: WINDOW_MINUTES },
  features: [
    { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
    { type: 'numeric', name: 'price' },
    { type: 'cyclic', name: 'day', part: 'dayOfWeek' },
    { type: 'categorical', name: 'device' },
  ],
  sequence: {
    maxLength: MAX_LENGTH,
    fields: [
      { type: 'categorical', name: 'what', column: 'kind' },
      { type: 'elapsed', name: 'ago' },
      { type: 'numeric', name: 'paid', column: 'price', transform: 'log1p' },
      { type: 'numeric', name: 'paidBins', column: 'price', encoding: 'piecewiseLinear', bins: 3 },
    ],
  },
};

interface Event {
  readonly id: string;
  readonly user: string;
  readonly ms: number;
  readonly kind: string;
  readonly price: number | null;
  readonly device: string;
}

const rowsOf = (events: readonly Event[]): string =>
  [
    'id,user,at,kind,price,device',
    ...events.map(({ id, user, ms, kind, price, device }) =>
      [id, user, new Date(ms).toISOString(), kind, price ?? '', device].join(','),
    ),
  ].join('\n') + '\n';

describe('prepareExamples of EVENTS', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function prepare(events: readonly Event[], spec: FeatureSpecInput = SPEC): Promise<PreparedExamples> {
    const csvPath = await files.write(rowsOf(events));
    return prepareExamples({
      csvPath,
      spec: featureSpecSchema.parse(spec),
      workDirectory: files.folder,
      seed: 1,
    });
  }

  /** Few users and moments, so that ties, bursts and empty histories are common. */
  const anyEvents = fc
    .array(
      fc.record({
        user: fc.constantFrom('u', 'v', 'w'),
        ms: fc.integer({ min: 0, max: 120 }).map((step) => START_MS + step * 5 * MINUTE_MS),
        kind: fc.constantFrom('view', 'visit', 'purchase', 'other'),
        price: fc.option(fc.float({ min: 0, max: 1000, noNaN: true })),
        device: fc.constantFrom('', 'phone', 'TRUE', 'Tablet, large'.replace(',', ';')),
      }),
      { minLength: 60, maxLength: 120 },
    )
    .map((events): Event[] => events.map((event, i) => ({ ...event, id: `e${i}` })));

  /** What the example should be, by looking at every event for every moment. */
  function bruteForce(events: readonly Event[]) {
    const dataEndMs = Math.max(...events.map(({ ms }) => ms));
    const moments = events.filter(({ kind }) => kind === 'view' || kind === 'visit');
    const complete = moments.filter(({ ms }) => ms + WINDOW_MINUTES * MINUTE_MS <= dataEndMs);
    const expected = new Map(
      complete.map((moment) => {
        const own = events.filter(({ user }) => user === moment.user);
        const past = own.filter(({ ms }) => ms < moment.ms).sort((a, b) => a.ms - b.ms);
        const isPositive = own.some(
          ({ kind, ms }) =>
            kind === 'purchase' && ms > moment.ms && ms <= moment.ms + WINDOW_MINUTES * MINUTE_MS,
        );
        const record: ExampleRecord = {
          at: new Date(moment.ms),
          features: { price: moment.price, device: moment.device },
          history: past.map(({ ms, kind, price }) => ({
            at: new Date(ms),
            values: { what: kind, paid: price, paidBins: price },
          })),
        };
        return [moment.id, { record, label: isPositive ? 1 : 0 }] as const;
      }),
    );
    return { expected, censored: moments.length - complete.length };
  }

  it('equals brute force and the online path: histories strictly before, labels strictly after', async () => {
    const spec = featureSpecSchema.parse(SPEC);
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(anyEvents, async (events) => {
        const { expected, censored } = bruteForce(events);
        let prepared;
        try {
          prepared = await prepare(events);
        } catch (error) {
          // By chance there may be no label event, one class, or nothing to test on.
          expect(error).toMatchObject({ code: 'INVALID_DATA' });
          return;
        }
        expect(prepared.accounting).toMatchObject({
          rows: events.length,
          censored,
          examples: expected.size - prepared.accounting.embargoed,
          duplicates: 0,
        });
        for (const part of [prepared.train, prepared.validation, prepared.test]) {
          const indices = Int32Array.from({ length: part.count }, (_, i) => i);
          const wanted = part.ids().map((id) => expected.get(id));
          const raw = await part.readRaw(indices);
          expect(raw).toEqual(
            rawFromRecords(
              spec,
              wanted.map((example) => example!.record),
            ),
          );
          expect([...part.labels_N]).toEqual(wanted.map((example) => example!.label));
          const { labels_N, ...encoded } = await part.read(indices);
          expect(encoded).toEqual(encode(prepared.featureMap, raw));
          expect(labels_N).toEqual(part.labels_N);
          compared += part.count;
        }
      }),
      { numRuns: 25 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  /** Views every ten minutes; each is followed by a purchase five minutes later or not, at random. */
  function journey(count: number): Event[] {
    return Array.from({ length: count }, (_, i): Event[] => {
      const ms = START_MS + i * 10 * MINUTE_MS;
      const common = { user: `u${i % 3}`, price: i, device: 'phone' };
      const view = { ...common, id: `e${i}`, ms, kind: 'view' };
      return (i * i) % 7 === 1
        ? [view, { ...common, id: `p${i}`, ms: ms + 5 * MINUTE_MS, kind: 'purchase' }]
        : [view];
    }).flat();
  }

  it('catches a planted leak: events at or after the moment never reach its history', async () => {
    // Each view that will be followed by a purchase has a tell-tale at its own timestamp, and one right after.
    const events = journey(200);
    const tells = events
      .filter(({ kind }) => kind === 'purchase')
      .flatMap(({ id, user, ms }): Event[] =>
        [ms - 5 * MINUTE_MS, ms - 5 * MINUTE_MS + 1].map((at) => ({
          id: `${id}@${at}`,
          user,
          ms: at,
          kind: `tell ${at}`,
          price: 1e6,
          device: '',
        })),
      );
    const prepared = await prepare([...tells, ...events]);
    for (const part of [prepared.train, prepared.validation, prepared.test]) {
      const raw = await part.readRaw(Int32Array.from({ length: part.count }, (_, i) => i));
      part.ids().forEach((id, n) => {
        const at = events.find((event) => event.id === id)!.ms;
        const kinds = raw.sequence!.categorical['what']!.slice(n * MAX_LENGTH, (n + 1) * MAX_LENGTH);
        for (const kind of kinds) if (kind.startsWith('tell')) expect(Number(kind.slice(5))).toBeLessThan(at);
        const ago = raw.sequence!.numeric['ago']!.slice(n * MAX_LENGTH, (n + 1) * MAX_LENGTH);
        for (const seconds of ago) if (!Number.isNaN(seconds)) expect(seconds).toBeGreaterThan(0);
      });
    }
  });

  it('drops exact copies of an event and accounts for every row', async () => {
    const events = journey(100);
    const copies = events.filter((_, i) => i % 5 === 0);
    const [first, again] = [await prepare(events), await prepare([...events, ...copies, ...copies])];
    expect(again.accounting).toMatchObject({
      rows: events.length + copies.length * 2,
      duplicates: copies.length * 2,
      used: events.length,
    });
    const indices = Int32Array.from({ length: first.test.count }, (_, i) => i);
    expect(await again.test.readRaw(indices)).toEqual(await first.test.readRaw(indices));
    expect(again.featureMap).toEqual(first.featureMap);
  });

  it('keeps each subject apart and splits by time', async () => {
    const prepared = await prepare(journey(200));
    const times = (ids: string[]) => ids.map((id) => Number(id.slice(1)));
    const [train, validation, test] = [prepared.train, prepared.validation, prepared.test].map((part) =>
      times(part.ids()),
    );
    expect(Math.max(...train!)).toBeLessThan(Math.min(...validation!));
    expect(Math.max(...validation!)).toBeLessThan(Math.min(...test!));
    expect(prepared.counts.train / prepared.accounting.examples).toBeCloseTo(0.7, 1);
    // Numbered by name: u0, u1, u2.
    expect([...(prepared.test.entities_N ?? [])]).toEqual(test!.map((i) => (i % 3) + 1));
  });

  it('takes the label from a column of the moment, and checks values only where they are read', async () => {
    const spec: FeatureSpecInput = {
      ...SPEC,
      label: { column: 'device', positive: ['yes'] },
      features: [{ type: 'cyclic', name: 'hour', part: 'hourOfDay' }],
    };
    const events = journey(60).map((event, i) => ({
      ...event,
      device: event.kind === 'view' ? (i % 3 === 0 ? 'yes' : 'no') : 'not a label',
    }));
    const prepared = await prepare(events, spec);
    expect(prepared.accounting).toMatchObject({ quarantined: 0, censored: 0, examples: 60 });
    const labels = new Map(events.map(({ id, device }) => [id, device === 'yes' ? 1 : 0]));
    expect([...prepared.test.labels_N]).toEqual(prepared.test.ids().map((id) => labels.get(id)));
  });

  it('sets aside events from the future, so that none puts off the end of the data', async () => {
    const events = journey(200);
    const last = events.at(-1)!;
    const odd = [
      { ...last, id: 'far', ms: Date.UTC(2199, 0, 1) },
      { ...last, id: 'early', ms: Date.UTC(1899, 11, 31) },
      { ...last, id: 'soon', ms: last.ms + 26 * 60 * MINUTE_MS },
    ];
    const csvPath = await files.write(rowsOf([...odd, ...events].reverse()));
    const spec = featureSpecSchema.parse(SPEC);
    const options = { csvPath, workDirectory: files.folder, seed: 1 };
    const received = new Date(last.ms + 60 * MINUTE_MS);
    const expected = await prepare(events);
    const { accounting, counts } = await prepareExamples({ ...options, spec, receivedAt: received });
    expect(accounting).toMatchObject({
      ...{ rows: events.length + 3, quarantined: 3 },
      ...{ moments: 200, censored: expected.accounting.censored },
    });
    expect(counts).toEqual(expected.counts);
    const { quarantined } = await inspectCsv(csvPath, spec, { receivedAt: received });
    expect(quarantined.sample.map(({ reason }) => reason).sort()).toEqual([
      'column at: "1899-12-31T00:00:00.000Z" is no ISO 8601 moment between the years 1900 and 2200',
      `column at: "${new Date(odd[2]!.ms).toISOString()}" lies in the future: the file came on ${received.toISOString().slice(0, 10)}`,
      `column at: "2199-01-01T00:00:00.000Z" lies in the future: the file came on ${received.toISOString().slice(0, 10)}`,
    ]);
    // What the owner says about the end comes first: nothing is censored before it, and nothing used after it.
    const until = new Date(last.ms + 30 * MINUTE_MS).toISOString();
    const said = await prepareExamples({
      ...options,
      spec: featureSpecSchema.parse({ ...SPEC, dataUntil: until }),
    });
    expect(said.accounting).toMatchObject({ quarantined: 1, later: 2, moments: 200, censored: 0 });
  });

  it('works without a sequence', async () => {
    const spec: FeatureSpecInput = { ...SPEC };
    delete spec.sequence;
    const prepared = await prepare(journey(100), spec);
    expect((await prepared.train.read(Int32Array.of(0))).sequence).toBeUndefined();
    expect(prepared.featureMap.sequence).toBeUndefined();
  });

  it('stops when it is aborted', async () => {
    const csvPath = await files.write('x');
    const reason = new Error('enough');
    const spec = featureSpecSchema.parse(SPEC);
    await expect(
      prepareExamples({
        csvPath,
        spec,
        workDirectory: files.folder,
        seed: 1,
        signal: AbortSignal.abort(reason),
      }),
    ).rejects.toBe(reason);
  });
});
