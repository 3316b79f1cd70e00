import path from 'node:path';
import { featureSpecSchema } from '../../../src/learning/features/feature-spec';
import { rawFromRecords } from '../../../src/learning/features/raw-from-records';
import { prepareExamples } from '../../../src/learning/preparation/prepare-examples';
import { ALL_EVENTS, definitionOf } from '../../../src/services/events/keys/event-index';
import { readyIndexes } from '../../../src/services/events/keys/register-indexes';
import { priorRates } from '../../../src/services/events/prior-rates';
import { IndexWorker } from '../../../src/services/events/keys/index-worker';
import { KeyLookup } from '../../../src/services/events/keys/key-lookup';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { completeHistory } from '../../../src/services/prediction/complete-history';
import { askSnapshot, lookAtSnapshot, sendEvents, snapshotWorker } from '../../support/api/event-snapshots';
import { type SentEvent } from '../../support/api/stored-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { silentLogger } from '../../support/training/training-harness';

const KIND = 'ECOMMERCE_PURCHASE';
const DAY_MINUTES = 24 * 60;

const keyed = [
  { aggregate: 'count', by: ['item_id'] },
  { aggregate: 'count', by: ['item_id'], kinds: ['view', 'purchase'], withinDays: 7 },
  { aggregate: 'count', by: ['item_id'], withinMinutes: 30 },
  { aggregate: 'count', by: [], withinDays: 1.3, delayMinutes: 17.5 },
  { aggregate: 'count', by: ['brand', 'category'], kinds: ['cart'] },
  { aggregate: 'count', by: ['kind'], withinDays: 2 },
  { aggregate: 'secondsSinceLast', by: ['item_id'], kinds: ['purchase'] },
  { aggregate: 'secondsSinceFirst', by: ['category'], withinDays: 3 },
  { aggregate: 'meanGapSeconds', by: ['item_id'], kinds: ['view'] },
  { aggregate: 'sum', by: ['category'], column: 'price', kinds: ['purchase'] },
  { aggregate: 'mean', by: ['category'], column: 'price', withinDays: 5 },
  { aggregate: 'min', by: [], column: 'price', withinDays: 2 },
  { aggregate: 'max', by: ['brand'], column: 'price', kinds: ['cart', 'purchase'] },
  { aggregate: 'last', by: ['item_id'], column: 'price', kinds: ['purchase'] },
  { aggregate: 'countDistinct', by: ['category'], column: 'item_id' },
  { aggregate: 'countDistinct', by: ['item_id'], column: 'user_id', kinds: ['view'], withinDays: 4 },
  { aggregate: 'position', by: ['category'], column: 'price' },
  { aggregate: 'position', by: [], column: 'price', withinDays: 3, delayMinutes: 60 },
  { aggregate: 'rate', by: ['brand'], of: ['purchase'], among: ['view'], prior: { strength: 50 } },
  { aggregate: 'rate', by: ['item_id'], of: ['cart'], among: ['view', 'cart'], withinDays: 6 },
  {
    aggregate: 'rate',
    by: ['category'],
    of: ['purchase'],
    among: ['view'],
    prior: { strength: 5, rate: 0.1 },
    delayMinutes: 90,
  },
].map((feature, i) => ({ ...feature, type: 'derived' as const, name: `k${i}` }));

const specWith = (features: readonly object[]) =>
  featureSpecSchema.parse({
    shape: 'EVENTS',
    idColumn: 'event_id',
    subjectColumn: 'user_id',
    timeColumn: 'at',
    kindColumn: 'kind',
    momentKinds: ['view'],
    label: { event: 'purchase', withinMinutes: 60 },
    features: [
      ...features,
      // Of the subject and an item: known from the subject's own events.
      { type: 'derived', name: 'own', aggregate: 'count', by: ['user_id', 'item_id'] },
      { type: 'numeric', name: 'cost', column: 'price' },
    ],
  });

/** A shop's log over twelve days, in the order of acceptance, which is not that of time; many moments are shared. */
function log(count: number): SentEvent[] {
  let state = 7;
  const random = (n: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % n;
  };
  return Array.from({ length: count }, (_, i) => {
    const item = random(12) * random(3);
    const minute = random(12 * DAY_MINUTES * 2) / 2;
    return {
      id: `e${i}`,
      subjectId: `u${random(9)}`,
      at: new Date(
        Date.UTC(2025, 2, 1) + minute * 60_000 + (random(4) === 0 ? random(1000) : 0),
      ).toISOString(),
      kind: ['view', 'view', 'view', 'cart', 'purchase'][random(5)] ?? '',
      values: [
        ...(random(10) === 0 ? [] : [{ name: 'item_id', text: `i${item}` }]),
        { name: 'category', text: ['garden', 'True', 'true', 'tools'][item % 4] ?? '' },
        { name: 'brand', text: `b${item % 3}` },
        ...(random(8) === 0 ? [] : [{ name: 'price', number: (random(50) + 1) / 4 }]),
      ],
    };
  });
}

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});
afterAll(() => test.close());

const configure = (features: readonly object[]) =>
  owner.caller.data(
    `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename ... on UserError { message } } }`,
    { input: { kind: KIND, featureSpec: specWith(features) } },
  );
const indexWorker = () => new IndexWorker({ database: test.database, logger: silentLogger });

describe('derived features of items, categories and all events', () => {
  it('are those that a snapshot is trained with, to the bit, in whatever order and before or after an index came', async () => {
    const spec = specWith(keyed);
    const events = log(2_000);
    await configure(keyed.slice(0, 4));
    await sendEvents(owner.caller, events.slice(0, 1_400), KIND);
    await configure(keyed);
    await sendEvents(owner.caller, events.slice(1_400), KIND);
    const histories = new SubjectHistories(test.database);
    const place = { tenantId: owner.id, domain: KIND, spec };
    const early = await histories.keyed(place, {
      before: new Date('2025-03-12T00:00:00Z'),
      values: { item_id: 'i2', category: 'tools', brand: 'b1', price: 3 },
    });
    // Of the indexes that came later, events are lacking.
    expect(early['k0']).toBeGreaterThan(0);
    expect(early['k4']).toBeNull();
    await indexWorker().makeWaiting();

    const { snapshot } = await askSnapshot(owner.caller, { domain: KIND });
    await snapshotWorker(test).makeWaiting();
    const { dataset } = await lookAtSnapshot(owner.caller, snapshot.id);
    const prepared = await prepareExamples({
      csvPath: await test.stores.forTenant(owner.id).localPath(dataset?.sha256 ?? ''),
      spec,
      workDirectory: path.dirname(test.uploads),
      seed: 1,
    });
    const byId = new Map(events.map((event) => [event.id, event]));
    const lookUp = {
      spec,
      now: new Date(),
      latest: histories.latest.bind(histories, place),
      derived: histories.derived.bind(histories, place),
      keyed: histories.keyed.bind(histories, place),
      dated: histories.dated.bind(histories, place),
    };
    const known = new Set<string>();
    for (const part of [prepared.train, prepared.validation, prepared.test]) {
      const raw = await part.readRaw(Int32Array.from({ length: part.count }, (_, i) => i));
      const completed = await Promise.all(
        part.ids().map(async (id) => {
          const { at, subjectId, values = [] } = byId.get(id)!;
          const given = Object.fromEntries(
            values.map(({ name, number, text }) => [name, number ?? text ?? null]),
          );
          const { price = null, ...texts } = given;
          return completeHistory(
            { at: new Date(at), subjectId, features: { ...texts, kind: 'view', cost: price } },
            lookUp,
          );
        }),
      );
      expect(
        rawFromRecords(
          spec,
          completed.map(({ record }) => record),
        ),
      ).toEqual(raw);
      for (const { name } of keyed)
        if (raw.numeric[name]!.some((value) => !Number.isNaN(value) && value !== 0)) known.add(name);
    }
    expect([...known].sort()).toEqual(keyed.map(({ name }) => name).sort());
    await prepared.close();
  });

  it('are looked up for who gives a history or no subject, and what is given comes first', async () => {
    const spec = specWith(keyed);
    const histories = new SubjectHistories(test.database);
    const place = { tenantId: owner.id, domain: KIND, spec };
    const notAsked = () => Promise.reject(new Error('asked'));
    const lookUp = {
      spec,
      now: new Date('2025-03-13T00:00:00Z'),
      latest: notAsked,
      derived: notAsked,
      dated: notAsked,
      keyed: histories.keyed.bind(histories, place),
    };
    const features = { item_id: 'i2', k1: 5 };
    const [withHistory, alone] = await Promise.all([
      completeHistory({ features, history: [], subjectId: 'u1' }, lookUp),
      completeHistory({ features }, lookUp),
    ]);
    expect(withHistory.record.features['k0']).toBeGreaterThan(0);
    expect(withHistory.record.features['k1']).toBe(5);
    expect(alone.record.features).toEqual(withHistory.record.features);
    expect(alone.history.source).toBe('NONE');
    // What the moment lacks is missing.
    expect(alone.record.features['k4']).toBeNull();
  });

  it('of another tenant are never counted', async () => {
    const other = await test.tenant();
    const histories = new SubjectHistories(test.database);
    const place = { tenantId: other.id, domain: KIND, spec: specWith(keyed) };
    const values = { item_id: 'i2' };
    expect((await histories.keyed(place, { before: new Date(), values }))['k0']).toBe(0);
  });
});

describe('prior rates', () => {
  const spec = specWith([
    {
      type: 'derived',
      name: 'a',
      aggregate: 'rate',
      of: ['purchase'],
      among: ['view', 'cart'],
      prior: { strength: 3 },
    },
    {
      type: 'derived',
      name: 'b',
      aggregate: 'rate',
      of: ['cart'],
      among: ['view'],
      prior: { strength: 3 },
      delayMinutes: 91.5,
    },
    {
      type: 'derived',
      name: 'c',
      aggregate: 'rate',
      of: ['nothing'],
      among: ['such'],
      prior: { strength: 3 },
    },
  ]);

  it('of the index are those of all events, at any moment, and no event is looked at', async () => {
    await indexWorker().makeWaiting();
    const moments = [0, 1, 59_999, 60_000, 3_600_000, 5.3 * 86_400_000, 40 * 86_400_000].map(
      (ms) => new Date(Date.UTC(2025, 2, 1, 12) + ms),
    );
    await test.database.inTenant(owner.id, async (scope) => {
      const ids = await readyIndexes(scope, KIND, [ALL_EVENTS]);
      const indexId = ids.get(definitionOf(ALL_EVENTS));
      expect(indexId).toBeDefined();
      const query = jest.spyOn(scope, 'query');
      for (const before of moments) {
        query.mockClear();
        const found = await priorRates(scope, { domain: KIND, spec, before, indexId });
        expect(query.mock.calls.length).toBe(2);
        expect(query.mock.calls.some(([sql]) => /\bevents\b/.test(sql))).toBe(false);
        expect(found).toEqual(await priorRates(scope, { domain: KIND, spec, before, indexId: undefined }));
        const rate = (ms: number, of: string[], among: string[]) => {
          const count = (kinds: string[]) =>
            log(2_000).filter(({ at, kind }) => Date.parse(at) < ms && kinds.includes(kind)).length;
          return count(of) / count(among);
        };
        expect(found).toEqual({
          a: rate(before.getTime(), ['purchase'], ['view', 'cart']),
          b: rate(before.getTime() - 91.5 * 60_000, ['cart'], ['view']),
          c: NaN,
        });
      }
    });
  });
});

describe('counts of keys', () => {
  const before = new Date('2025-03-12T07:11:13Z');
  const ask = (by: string[], keys: string[][], windowMs?: number) =>
    new KeyLookup(test.database).counts(
      { tenantId: owner.id, domain: KIND, spec: specWith(keyed) },
      { by, keys, before, ...(windowMs === undefined ? {} : { windowMs }) },
    );

  it('are of each kind within a window before a moment', async () => {
    const expected = (item: string, windowMs: number) => {
      const counts = new Map<string, number>();
      for (const { at, kind, values = [] } of log(2_000)) {
        const ms = Date.parse(at);
        if (ms >= before.getTime() || ms < before.getTime() - windowMs) continue;
        if (!values.some(({ name, text }) => name === 'item_id' && text === item)) continue;
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      return counts;
    };
    const items = ['i2', 'i0', 'nothing'];
    for (const windowMs of [90_500, 5 * 3_600_000, 4.2 * 86_400_000, Infinity])
      expect(
        await ask(
          ['item_id'],
          items.map((item) => [item]),
          windowMs,
        ),
      ).toEqual(items.map((item) => expected(item, windowMs)));
  });

  it('of columns that nothing is kept by are not known at first, and then are', async () => {
    expect(await ask(['kind', 'category'], [['view', 'tools']])).toBeNull();
    await indexWorker().makeWaiting();
    const [counts] = (await ask(['kind', 'category'], [['view', 'tools']])) ?? [];
    const [swapped] = (await ask(['category', 'kind'], [['tools', 'view']])) ?? [];
    expect([...counts!.keys()]).toEqual(['view']);
    expect(swapped).toEqual(counts);
  });
});
