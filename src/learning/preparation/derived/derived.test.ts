import fc from 'fast-check';
import { CsvFiles } from '../../../../test/support/csv-files';
import { naiveDerived, type NaiveEvent } from '../../../../test/support/naive-derived';
import { rocAuc } from '../../evaluation/ranking';
import { groupByScore } from '../../evaluation/score-groups';
import { computeDerived } from '../../features/derived/compute-derived';
import { type DerivedFeature } from '../../features/derived/derived-feature';
import { derivedFeatures } from '../../features/derived/read-derived';
import { type FeatureSpec, type FeatureSpecInput, featureSpecSchema } from '../../features/feature-spec';
import { seededRandom } from '../../training/random';
import { prepareExamples, type PreparedExamples } from '../prepare-examples';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2024, 1, 28, 22);
const GAP_MINUTES = 12;
const KINDS = ['view', 'visit', 'click', 'purchase'];
const HEADER = ['id', 'user', 'at', 'kind', 'item', 'category', 'price', 'bought'] as const;

type Row = Readonly<Record<(typeof HEADER)[number], string>>;

const BASE = {
  shape: 'EVENTS',
  idColumn: 'id',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view', 'visit'],
  sessionGapMinutes: GAP_MINUTES,
  label: { column: 'bought' },
} as const satisfies Partial<FeatureSpecInput>;

const specOf = (features: readonly unknown[]): FeatureSpec => featureSpecSchema.parse({ ...BASE, features });

/** Any derived feature that the language has, but names. */
const anyFeature = fc
  .record({
    by: fc.constantFrom(
      undefined,
      [],
      ['user'],
      ['item'],
      ['category'],
      ['item', 'user'],
      ['user', 'category', 'kind'],
    ),
    window: fc.oneof(
      fc.constant({}),
      fc.integer({ min: 5, max: 90 }).map((withinMinutes) => ({ withinMinutes })),
      fc.constantFrom(1 / 96, 1 / 24).map((withinDays) => ({ withinDays })),
      fc.constant({ withinSession: true }),
    ),
    delay: fc.option(fc.constantFrom(0, 2, 4), { nil: undefined }),
    kinds: fc.option(fc.subarray([...KINDS, 'never'], { minLength: 1 }), { nil: undefined }),
    of: fc.subarray(KINDS, { minLength: 1 }),
    prior: fc.constantFrom(undefined, { strength: 3 }, { strength: 2.5, rate: 0.2 }),
    aggregate: fc.constantFrom(
      ...['count', 'sessions', 'secondsSinceLast', 'secondsSinceFirst', 'meanGapSeconds', 'countDistinct'],
      ...['sum', 'mean', 'min', 'max', 'last', 'position', 'rate'],
    ),
  })
  .map(({ by, window, delay, kinds, of, prior, aggregate }) => {
    const ofSession = 'withinSession' in window || aggregate === 'sessions';
    return {
      type: 'derived',
      ...(by === undefined ? {} : { by: ofSession ? [...new Set(['user', ...by])] : by }),
      ...window,
      ...(delay === undefined || 'withinSession' in window ? {} : { delayMinutes: delay }),
      ...(kinds === undefined || aggregate === 'position' || aggregate === 'rate' ? {} : { kinds }),
      ...(aggregate === 'rate' ? { of, among: ['view', 'visit'], ...(prior ? { prior } : {}) } : {}),
      ...(['sum', 'mean', 'min', 'max', 'last', 'position'].includes(aggregate) ? { column: 'price' } : {}),
      ...(aggregate === 'countDistinct' ? { column: 'item' } : {}),
      aggregate,
    };
  });

/** Few users, items and minutes, so that ties and sessions are common. */
const anyRows = fc.array(
  fc.record({
    user: fc.constantFrom('u', 'v', 'w', 'x'),
    minute: fc.integer({ min: 0, max: 150 }),
    kind: fc.constantFrom(...KINDS),
    item: fc.constantFrom('a', 'b', 'c', 'TRUE', ''),
    category: fc.constantFrom('p', 'q', ''),
    // Sums of quarters are exact in any order.
    price: fc.option(
      fc.integer({ min: -8, max: 40 }).map((quarters) => String(quarters / 4)),
      { nil: '' },
    ),
    bought: fc.constantFrom('0', '1'),
    /** What becomes of it: a row, a row with copies, or one that cannot be read. */
    fate: fc.constantFrom('row', 'row', 'row', 'row', 'copies', 'no price', 'no moment'),
  }),
  { minLength: 60, maxLength: 110 },
);

type AnyRow = typeof anyRows extends fc.Arbitrary<Array<infer T>> ? T : never;

/** The file's rows, and the events among them. */
function logOf(drawn: readonly AnyRow[]): { rows: Row[]; events: NaiveEvent[] } {
  const rows: Row[] = [];
  const events: NaiveEvent[] = [];
  drawn.forEach(({ minute, fate, ...values }, i) => {
    const ms = START_MS + minute * MINUTE_MS;
    const row: Row = { id: `e${i}`, at: new Date(ms).toISOString(), ...values };
    if (fate === 'no price') rows.push({ ...row, price: 'dear' });
    else if (fate === 'no moment') rows.push({ ...row, at: 'soon' });
    else {
      // Texts that are booleans are one category in any case.
      const item = row.item === 'TRUE' ? 'true' : row.item;
      events.push({ ms, place: i, row: { ...row, item } });
      rows.push(...(fate === 'copies' ? [row, row] : [row]));
    }
  });
  return { rows, events };
}

const COLUMNS = { subject: 'user', kind: 'kind', sessionGapMinutes: GAP_MINUTES };

describe('derived features', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function prepare(rows: readonly Row[], spec: FeatureSpec): Promise<PreparedExamples> {
    const csvPath = await files.writeRows([
      [...HEADER],
      ...rows.map((row) => HEADER.map((column) => row[column])),
    ]);
    return prepareExamples({ csvPath, spec, workDirectory: files.folder, seed: 1 });
  }

  /** By example id, each feature's value. */
  async function valuesOf(prepared: PreparedExamples): Promise<Map<string, Record<string, number>>> {
    const values = new Map<string, Record<string, number>>();
    for (const part of [prepared.train, prepared.validation, prepared.test]) {
      const raw = await part.readRaw(Int32Array.from({ length: part.count }, (_, i) => i));
      part.ids().forEach((id, n) => {
        const own = Object.entries(raw.numeric).map(([name, column]) => [name, column[n] ?? 0] as const);
        values.set(id, Object.fromEntries(own));
      });
    }
    return values;
  }

  const named = (features: ReadonlyArray<Record<string, unknown>>): FeatureSpec =>
    specOf(features.map((feature, i) => ({ ...feature, name: `f${i}` })));

  /** What cannot be trained on by chance: labels of one class, nothing to test on. */
  async function prepareIfPossible(
    rows: readonly Row[],
    spec: FeatureSpec,
  ): Promise<PreparedExamples | null> {
    try {
      return await prepare(rows, spec);
    } catch (error) {
      expect(error).toMatchObject({ code: 'INVALID_DATA' });
      return null;
    }
  }

  it('equal brute force, and what is computed of a subject alone', async () => {
    let compared = 0;
    let online = 0;
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        fc.array(anyFeature, { minLength: 6, maxLength: 10 }),
        async (drawn, features) => {
          const spec = named(features);
          // Whatever they read, the columns are checked: a feature of its own reads the price.
          const { rows, events } = logOf(drawn);
          const withPrice = specOf([
            ...spec.features,
            { type: 'derived', name: 'paid', aggregate: 'sum', column: 'price' },
          ]);
          const prepared = await prepareIfPossible(rows, withPrice);
          if (!prepared) return;
          for (const [id, values] of await valuesOf(prepared)) {
            const moment = events.find(({ row }) => row['id'] === id)!;
            for (const feature of derivedFeatures(withPrice)) {
              const expected = Math.fround(naiveDerived(feature, events, moment, COLUMNS));
              expect([id, feature, values[feature.name]]).toEqual([id, feature, expected]);
              compared += 1;
            }
            online += compareOnline(withPrice, { events, moment, values });
          }
        },
      ),
      { numRuns: 16 },
    );
    expect(compared).toBeGreaterThan(2000);
    expect(online).toBeGreaterThan(700);
  });

  /** @returns how many features could be computed of the subject's events alone, and were equal */
  function compareOnline(
    spec: FeatureSpec,
    { events, moment, values }: { events: NaiveEvent[]; moment: NaiveEvent; values: Record<string, number> },
  ): number {
    const own = events.filter(({ row }) => row['user'] === moment.row['user']);
    const known = ({ ms, row }: NaiveEvent) => ({
      at: new Date(ms),
      values: { ...row, price: row['price'] === '' ? null : Number(row['price']) },
    });
    const priorRates = Object.fromEntries(
      derivedFeatures(spec).flatMap((feature) =>
        feature.aggregate === 'rate' ? [[feature.name, everywhere(feature, events, moment)]] : [],
      ),
    );
    // Later events are passed over, and the order of the list does not matter but for ties.
    const computed = computeDerived(spec, own.map(known), { ...known(moment), priorRates });
    let count = 0;
    for (const feature of derivedFeatures(spec)) {
      if (!(feature.by ?? ['user']).includes('user')) {
        expect(computed[feature.name]).toBeNaN();
        continue;
      }
      expect([feature, computed[feature.name]]).toEqual([feature, values[feature.name]]);
      count += 1;
    }
    return count;
  }

  function everywhere(
    { of, among, delayMinutes }: Extract<DerivedFeature, { aggregate: 'rate' }>,
    events: readonly NaiveEvent[],
    moment: NaiveEvent,
  ): number {
    const feature = specOf([
      { type: 'derived', name: 'rate', aggregate: 'rate', of, among, by: [], delayMinutes },
    ]).features[0] as DerivedFeature;
    return naiveDerived(feature, events, moment, COLUMNS);
  }

  it('never change when events are appended after the moment', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        anyRows,
        fc.array(anyFeature, { minLength: 4, maxLength: 8 }),
        async (drawn, more, features) => {
          const spec = named(features);
          const last = Math.max(...drawn.map(({ minute }) => minute));
          const later = more.map((row) => ({ ...row, minute: row.minute + last + 1, fate: 'row' as const }));
          const before = await prepareIfPossible(logOf(drawn).rows, spec);
          const after = before && (await prepareIfPossible(logOf([...drawn, ...later]).rows, spec));
          if (!before || !after) return;
          const longer = await valuesOf(after);
          for (const [id, values] of await valuesOf(before)) {
            expect(longer.get(id)).toEqual(values);
            compared += 1;
          }
        },
      ),
      { numRuns: 10 },
    );
    expect(compared).toBeGreaterThan(50);
  });

  it('cannot see a label that the moment itself and the future give away', async () => {
    // Who buys is drawn by lot, and told by events at the moment's own timestamp (first in the file) and right after it.
    const spec = specOf(
      [
        { aggregate: 'count', kinds: ['tell'], withinMinutes: 30 },
        { aggregate: 'count', kinds: ['tell'], by: ['item'], withinMinutes: 30 },
        { aggregate: 'count', kinds: ['tell'], withinSession: true },
        { aggregate: 'secondsSinceLast', kinds: ['tell'] },
        { aggregate: 'secondsSinceLast', kinds: ['tell'], by: [] },
        { aggregate: 'max', column: 'price', withinMinutes: 30 },
        { aggregate: 'max', column: 'price', by: ['category'], withinMinutes: 30 },
        {
          aggregate: 'rate',
          of: ['tell'],
          among: ['view'],
          by: ['item'],
          prior: { strength: 1 },
          withinMinutes: 30,
        },
      ].map((feature, i) => ({ ...feature, type: 'derived', name: `f${i}` })),
    );
    const random = seededRandom(7);
    const rows: Row[] = [];
    for (let i = 0; i < 1500; i++) {
      const isPositive = random() < 0.5;
      const bought = isPositive ? '1' : '0';
      const common = { user: `u${i % 5}`, item: `i${i % 3}`, category: 'p', price: '1', bought };
      const at = (minutes: number) => new Date(START_MS + (i * 60 + minutes) * MINUTE_MS).toISOString();
      const view = { ...common, id: `e${i}`, at: at(0), kind: 'view' };
      const tells = [0, 1].map((minutes) => ({
        ...common,
        id: `t${i}.${minutes}`,
        at: at(minutes),
        kind: 'tell',
        price: '100',
      }));
      const purchase = { ...common, id: `p${i}`, at: at(10), kind: 'purchase' };
      rows.push(...(isPositive ? [...tells, view, purchase] : [view]));
    }
    const prepared = await prepare(rows, spec);
    const values = await valuesOf(prepared);
    const log = rows.map((row, place): NaiveEvent => ({ ms: Date.parse(row.at), place, row }));
    const ids = prepared.test.ids();
    const labels = prepared.test.labels_N;
    for (const feature of derivedFeatures(spec)) {
      const seen = ids.map((id) => values.get(id)?.[feature.name] ?? NaN);
      expect(Math.abs(auc(seen, labels) - 0.5)).toBeLessThan(0.12);
      // What a step too far would see, this test would see, too.
      const leaked = ids.map((id) => {
        const moment = log.find(({ row }) => row['id'] === id)!;
        return naiveDerived(feature, log, moment, { ...COLUMNS, includesMoment: true });
      });
      expect(Math.abs(auc(leaked, labels) - 0.5)).toBeGreaterThan(0.3);
    }
  });
});

/** Missing values are the smallest. */
function auc(values: readonly number[], labels_N: Float32Array): number {
  const scores_N = Float32Array.from(values, (value) => (Number.isNaN(value) ? -1 : value));
  return rocAuc(groupByScore(labels_N, scores_N)) ?? NaN;
}
