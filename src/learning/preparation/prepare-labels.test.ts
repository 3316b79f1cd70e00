import fc from 'fast-check';
import { CsvFiles } from '../../../test/support/csv-files';
import { type FeatureSpec, type FeatureSpecInput, featureSpecSchema } from '../features/feature-spec';
import { eventLabelOf } from '../features/label-spec';
import { dateMs, momentDatesOf } from '../features/moments-spec';
import { type ExampleRecord, rawFromRecords } from '../features/raw-from-records';
import { prepareExamples, type PreparedExamples, type PreparedPart } from './prepare-examples';
import { profileCsv } from './profile/profile-csv';

const STEP_MS = 5 * 60_000;
const START_MS = Date.UTC(2024, 1, 28, 22);

interface Event {
  readonly id: string;
  readonly user: string;
  readonly ms: number;
  readonly kind: string;
  readonly price: number | null;
  readonly session: string;
}

const iso = (ms: number) => new Date(ms).toISOString();
const BASE: Omit<FeatureSpecInput, 'label'> = {
  shape: 'EVENTS',
  idColumn: 'id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  features: [{ type: 'numeric', name: 'price' }],
  sequence: {
    maxLength: 5,
    fields: [
      { type: 'categorical', name: 'what', column: 'kind' },
      { type: 'elapsed', name: 'ago' },
    ],
  },
  split: { by: 'stratified' },
};

const LABELS = {
  event: fc.oneof(
    fc.record({
      event: fc.constantFrom('buy', '*'),
      within: fc.constantFrom({ minutes: 30 }, { hours: 1, minutes: 5 }, 'session' as const),
    }),
    fc.record({
      event: fc.constant('buy'),
      where: fc.constantFrom({ column: 'price', atLeast: 5 }, { column: 'user', oneOf: ['u', 'v'] }),
      withinMinutes: fc.constant(60),
    }),
  ),
  noEvent: fc.record({
    noEvent: fc.constant('buy'),
    within: fc.constantFrom({ minutes: 10 }, { minutes: 45 }, 'session' as const),
  }),
  column: fc.constantFrom({ column: 'score', atLeast: 3 }, { column: 'score', above: 2, below: 5 }),
};
const MOMENTS = {
  kinds: fc.record({ momentKinds: fc.constantFrom(['view'], ['view', 'other'], ['*']) }),
  nth: fc.record({
    momentEvent: fc.record({
      nth: fc.integer({ min: 1, max: 3 }),
      of: fc.constantFrom('subject' as const, 'session' as const),
    }),
  }),
  dates: fc.record({
    momentDates: fc.constantFrom(
      [10, 25, 40, 55].map((step) => iso(START_MS + step * STEP_MS)),
      { from: iso(START_MS), until: iso(START_MS + 70 * STEP_MS), every: { minutes: 35 } },
    ),
  }),
};
const CASES = (['event', 'noEvent', 'column'] as const).flatMap((label) =>
  (['kinds', 'nth', 'dates'] as const)
    // A date has no row, and no session.
    .filter((moments) => moments !== 'dates' || label !== 'column')
    .map((moments) => [label, moments] as const),
);
const anySpec = (label: keyof typeof LABELS, moments: keyof typeof MOMENTS) =>
  fc
    .tuple(
      LABELS[label],
      MOMENTS[moments],
      fc.option(fc.constant(iso(START_MS + 50 * STEP_MS)), { nil: undefined }),
    )
    .map(([label, moments, dataUntil]) =>
      featureSpecSchema.safeParse({ ...BASE, sessionColumn: 'session', label, ...moments, dataUntil }),
    )
    .filter(({ success }) => success)
    .map(({ data }) => data!);

/** Few users and moments, so that ties are common. The score of an event is its number modulo 6. */
const anyEvents = fc
  .array(
    fc.record({
      user: fc.constantFrom('u', 'v', 'w', 'x', 'y', 'z'),
      ms: fc.integer({ min: 0, max: 60 }).map((step) => START_MS + step * STEP_MS),
      kind: fc.constantFrom('view', 'view', 'buy', 'other'),
      price: fc.option(fc.integer({ min: 0, max: 9 })),
      session: fc.integer({ min: 1, max: 3 }).map((number) => `s${number}`),
    }),
    { minLength: 80, maxLength: 160 },
  )
  .map((events): Event[] => events.map((event, i) => ({ ...event, id: `e${i}` })));

const scoreOf = ({ id }: Event) => Number(id.slice(1)) % 6;

interface Expected {
  readonly record: ExampleRecord;
  readonly label: number;
}

/** What the examples should be, by looking at every event for every moment. */
function bruteForce(all: readonly Event[], spec: FeatureSpec) {
  const until = spec.dataUntil === undefined ? Infinity : dateMs(spec.dataUntil);
  const events = all.filter(({ ms }) => ms < until);
  const end = Number.isFinite(until) ? until : Math.max(...events.map(({ ms }) => ms));
  const users = [...new Set(events.map(({ user }) => user))];
  const dates = momentDatesOf(spec);
  const inOrder = (some: readonly Event[]) => [...some].sort((a, b) => a.ms - b.ms);
  const moments = dates
    ? users.flatMap((user) => {
        const first = Math.min(...events.filter((event) => event.user === user).map(({ ms }) => ms));
        return dates.filter((ms) => first < ms).map((ms) => ({ user, ms, own: null as Event | null }));
      })
    : events
        .filter((event) => {
          const { momentEvent, momentKinds = [] } = spec;
          if (!momentEvent) return momentKinds.includes('*') || momentKinds.includes(event.kind);
          const group = inOrder(events).filter(
            ({ user, session }) =>
              user === event.user && (momentEvent.of === 'subject' || session === event.session),
          );
          return group[momentEvent.nth - 1] === event;
        })
        .map((own) => ({ user: own.user, ms: own.ms, own: own }));

  const label = eventLabelOf(spec.label);
  let censored = 0;
  const expected = new Map<string, Expected>();
  for (const { user, ms, own } of moments) {
    const mine = events.filter((event) => event.user === user);
    const ofSession = mine.filter(({ session }) => session === own?.session);
    const past = inOrder(mine.filter((event) => event.ms < ms));
    let isPositive = false;
    if (!label) {
      const score = scoreOf(own!);
      isPositive = 'atLeast' in spec.label ? score >= 3 : score > 2 && score < 5;
    } else {
      const lastOfSession = Math.max(...ofSession.map((event) => event.ms));
      const knownFrom = label.windowMs === null ? lastOfSession + 30 * 60_000 : ms + label.windowMs;
      if (knownFrom > end) {
        censored += 1;
        continue;
      }
      const isFollowed = (label.windowMs === null ? ofSession : mine).some((event) => {
        const isAfter = own ? event.ms > ms : event.ms >= ms;
        const isWithin =
          label.windowMs === null || (own ? event.ms <= ms + label.windowMs : event.ms < ms + label.windowMs);
        const { where } = label;
        const holds =
          !where || (where.column === 'price' ? (event.price ?? -1) >= 5 : where.oneOf!.includes(event.user));
        return isAfter && isWithin && holds && (label.kind === '*' || event.kind === label.kind);
      });
      isPositive = isFollowed !== label.isAbsence;
    }
    const latest = past.map(({ price }) => price).filter((price) => price !== null);
    const price = own ? own.price : (latest.at(-1) ?? null);
    expected.set(own?.id ?? `${user}@${iso(ms)}`, {
      record: {
        at: new Date(ms),
        features: { price },
        history: past.map((event) => ({ at: new Date(event.ms), values: { what: event.kind } })),
      },
      label: isPositive ? 1 : 0,
    });
  }
  return { expected, censored };
}

describe('labels and moments', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  const write = (events: readonly Event[]) =>
    files.writeRows([
      ['id', 'user', 'at', 'kind', 'price', 'session', 'score'],
      ...events.map((event) => [
        event.id,
        event.user,
        iso(event.ms),
        event.kind,
        event.price ?? '',
        event.session,
        scoreOf(event),
      ]),
    ]);
  const prepare = (csvPath: string, spec: FeatureSpecInput) =>
    prepareExamples({ csvPath, spec: featureSpecSchema.parse(spec), workDirectory: files.folder, seed: 1 });
  const partsOf = ({ train, validation, test }: PreparedExamples): PreparedPart[] => [
    train,
    validation,
    test,
  ];

  it.each(CASES)('%s at %s: equals brute force, the online path and the profile', async (kind, moments) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(anyEvents, anySpec(kind, moments), async (events, spec) => {
        const csvPath = await write(events);
        const { expected, censored } = bruteForce(events, spec);
        let prepared;
        try {
          prepared = await prepare(csvPath, spec);
        } catch (error) {
          // By chance there may be no label event, one class, or nothing to test on.
          expect(error).toMatchObject({ code: 'INVALID_DATA' });
          return;
        }
        expect(prepared.accounting).toMatchObject({ rows: events.length, censored, examples: expected.size });
        let positives = 0;
        for (const part of partsOf(prepared)) {
          const wanted = part.ids().map((id) => expected.get(id)!);
          expect([...part.labels_N]).toEqual(wanted.map(({ label }) => label));
          const raw = await part.readRaw(Int32Array.from({ length: part.count }, (_, i) => i));
          expect(raw).toEqual(
            rawFromRecords(
              spec,
              wanted.map(({ record }) => record),
            ),
          );
          positives += part.labels_N.reduce((sum, label) => sum + label, 0);
        }
        const { label } = await profileCsv(csvPath, spec, { workDirectory: files.folder, threads: 1 });
        expect(label).toMatchObject({ count: expected.size, positives, censored });
        compared += expected.size;
        await prepared.close();
      }),
      { numRuns: 8 },
    );
    expect(compared).toBeGreaterThan(0);
  });

  it('reads the latest value strictly before a date, and counts an event at the date itself as after it', async () => {
    const day = (n: number) => Date.UTC(2024, 0, n);
    const of = (user: string, n: number, price: number | null): Event => ({
      ...{ id: `${user}${n}`, user, ms: day(n), kind: 'buy', price, session: 's' },
    });
    const events = Array.from({ length: 40 }, (_, i) => `u${i}`).flatMap((user, i) => [
      of(user, 1, 7),
      of(user, 2, null),
      // At the date: no history, no feature; half of the customers buy then.
      ...(i % 2 === 0 ? [of(user, 10, 99)] : []),
      of(user, 31, 1),
    ]);
    const csvPath = await write(events);
    const prepared = await prepare(csvPath, {
      ...BASE,
      kindColumn: undefined,
      momentDates: ['2024-01-10'],
      label: { event: '*', within: { days: 21 } },
      split: undefined,
    });
    expect(prepared.accounting).toMatchObject({ moments: 40, censored: 0, examples: 40 });
    // One date cannot be split by time.
    expect(prepared.split).toMatchObject({ by: 'entity' });
    for (const part of partsOf(prepared)) {
      const raw = await part.readRaw(Int32Array.from({ length: part.count }, (_, i) => i));
      expect([...raw.numeric['price']!]).toEqual(part.ids().map(() => 7));
      expect([...raw.sequence!.lengths]).toEqual(part.ids().map(() => 2));
      // The window ends before the 31st.
      expect([...part.labels_N]).toEqual(
        part.ids().map((id) => (Number(id.slice(1, -11)) % 2 === 0 ? 1 : 0)),
      );
    }
  });

  it('sets aside a label that is no number where it is compared with one', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => [i, i < 3 ? 'many' : i % 5]);
    const csvPath = await files.writeRows([['x', 'stars'], ...rows]);
    const spec: FeatureSpecInput = {
      shape: 'TABLE',
      label: { column: 'stars', atLeast: 3 },
      features: [{ type: 'numeric', name: 'x' }],
    };
    const { accounting, split } = await prepare(csvPath, spec);
    expect(accounting).toMatchObject({ quarantined: 3, examples: 57 });
    const positives = split.train.positives + split.validation.positives + split.test.positives;
    expect(positives).toBe(rows.filter(([, stars]) => typeof stars === 'number' && stars >= 3).length);
    await expect(prepare(csvPath, { ...spec, label: { column: 'stars', above: 9 } })).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('none lies within the bounds') as string,
    });
  });
});
