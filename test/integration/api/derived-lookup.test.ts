import path from 'node:path';
import { discoverDomains } from '../../../src/app/discover-domains';
import { featureSpecSchema } from '../../../src/learning/features/feature-spec';
import { rawFromRecords } from '../../../src/learning/features/raw-from-records';
import { prepareExamples } from '../../../src/learning/preparation/prepare-examples';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { completeHistory } from '../../../src/services/prediction/complete-history';
import { askSnapshot, lookAtSnapshot, sendEvents, snapshotWorker } from '../../support/api/event-snapshots';
import { generatedEvents } from '../../support/api/generated-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const KIND = 'ECOMMERCE_PURCHASE';
const domain = discoverDomains().find(({ kind }) => kind === KIND)!;

const derived = [
  { aggregate: 'count', withinDays: 14 },
  { aggregate: 'secondsSinceLast', kinds: ['purchase'] },
  { aggregate: 'mean', column: 'dwell_seconds' },
  { aggregate: 'max', column: 'price', kinds: ['view', 'cart'], withinDays: 30 },
  { aggregate: 'countDistinct', column: 'brand' },
  { aggregate: 'sessions', withinDays: 30 },
  { aggregate: 'secondsSinceFirst', withinSession: true },
  { aggregate: 'count', by: ['user_id', 'source'] },
  { aggregate: 'rate', of: ['purchase'], among: ['visit'], prior: { strength: 5 } },
  { aggregate: 'rate', of: ['cart'], among: ['view', 'wishlist'], prior: { strength: 5 }, delayMinutes: 600 },
].map((feature, i) => ({ ...feature, type: 'derived' as const, name: `d${i}` }));

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});
afterAll(() => test.close());

describe('derived features of stored events', () => {
  it('are those that a snapshot of them is trained with, and what needs other subjects is missing', async () => {
    const spec = featureSpecSchema.parse({
      ...domain.featureSpec,
      // Longer than most breaks between visits: a visit begins where a session goes on.
      sessionGapMinutes: 3000,
      features: [...domain.featureSpec.features, ...derived],
    });
    const events = generatedEvents(domain, 0.02);
    await sendEvents(owner.caller, events, KIND);
    const { snapshot } = await askSnapshot(owner.caller, { domain: KIND });
    await snapshotWorker(test).makeWaiting();
    const { dataset } = await lookAtSnapshot(owner.caller, snapshot.id);
    const prepared = await prepareExamples({
      csvPath: await test.stores.forTenant(owner.id).localPath(dataset?.sha256 ?? ''),
      spec,
      workDirectory: path.dirname(test.uploads),
      seed: 1,
    });
    const { test: part } = prepared;
    const raw = await part.readRaw(Int32Array.from({ length: part.count }, (_, i) => i));
    const byId = new Map(events.map((event) => [event.id, event]));
    const histories = new SubjectHistories(test.database);
    const place = { tenantId: owner.id, domain: KIND, spec };
    const lookUp = {
      spec,
      now: new Date(),
      latest: histories.latest.bind(histories, place),
      derived: histories.derived.bind(histories, place),
      keyed: histories.keyed.bind(histories, place),
      dated: histories.dated.bind(histories, place),
    };
    const completed = await Promise.all(
      part.ids().map((id, n) => {
        const { at, subjectId } = byId.get(id)!;
        const features = Object.fromEntries(
          domain.featureSpec.features.flatMap(({ type, name }) => {
            if (type === 'cyclic') return [];
            const value = type === 'categorical' ? raw.categorical[name]![n]! : raw.numeric[name]![n]!;
            return [[name, Number.isNaN(value) ? null : value] as const];
          }),
        );
        return Promise.resolve(completeHistory({ at: new Date(at), subjectId, features }, lookUp));
      }),
    );
    const records = completed.map(({ record }) => record);
    expect(rawFromRecords(spec, records)).toEqual(raw);
    for (const { name } of derived)
      expect(raw.numeric[name]!.some((value) => !Number.isNaN(value) && value !== 0)).toBe(true);

    const popularity = { type: 'derived', name: 'popularity', aggregate: 'count', by: ['source'] };
    const wider = featureSpecSchema.parse({ ...spec, features: [...spec.features, popularity] });
    const [first] = records;
    const known = await histories.derived(
      { ...place, spec: wider },
      { subjectId: byId.get(part.ids()[0]!)!.subjectId, before: first!.at!, values: { source: 'email' } },
    );
    expect(known['popularity']).toBeNull();
    expect(known['d0']).toBe(raw.numeric['d0']![0]);
    await prepared.close();
  });

  it('are missing where they look further back than can be read, and those of a shorter window are known', async () => {
    const at = (minutes: number) => new Date(Date.UTC(2024, 0, 1) + minutes * 60_000);
    const events = Array.from({ length: 5000 }, (_, i) => ({
      id: `many${i}`,
      subjectId: 'busy',
      at: at(i).toISOString(),
      kind: 'view',
      values: [],
    }));
    await sendEvents(owner.caller, events, KIND);
    const spec = featureSpecSchema.parse({
      ...domain.featureSpec,
      features: [
        { type: 'derived', name: 'ever', aggregate: 'count' },
        { type: 'derived', name: 'lately', aggregate: 'count', withinMinutes: 1000 },
      ],
    });
    const histories = new SubjectHistories(test.database);
    const place = { tenantId: owner.id, domain: KIND, spec };
    const ask = (minutes: number) =>
      histories.derived(place, { subjectId: 'busy', before: at(minutes), values: {} });
    expect(await ask(5000)).toEqual({ ever: null, lately: 1000 });
    expect(await ask(1500)).toEqual({ ever: 1500, lately: 1000 });
    expect(await ask(0)).toEqual({ ever: 0, lately: 0 });
  });
});
