import { type IndexEntry } from '../../src/services/events/keys/event-index';
import { registerIndexes } from '../../src/services/events/keys/register-indexes';
import { RetentionWorker } from '../../src/services/retention/retention-worker';
import { askSnapshot, lookAtSnapshot, snapshotWorker } from '../support/api/event-snapshots';
import { eventsOf, ingest, type SentEvent, storeOf, view } from '../support/api/stored-events';
import { storeScoring } from '../support/api/stored-scoring';
import { KIND } from '../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';
import { startRun, trainedModel } from '../support/api/trained-model';
import { INDEXES } from '../support/privacy/planted-subject';
import { silentLogger } from '../support/training/training-harness';

let test: TestApi;
let owner: ApiTenant;
let other: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  [owner, other] = [await test.tenant(), await test.tenant()];
});
afterAll(() => test.close());

const DAY_MS = 86_400_000;
const PERIOD = 30;

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

/** Accepted in an order that is not that of their moments: ids say which are kept. */
const sent = (old: number, young: number): SentEvent[] =>
  Array.from({ length: old + young }, (_, place) => {
    const isOld = (place * 7) % (old + young) < old;
    return view(`${isOld ? 'old' : 'young'}-${place}`, {
      subjectId: `u${place % 5}`,
      at: daysAgo(isOld ? PERIOD + 1 + (place % 9) / 3 : PERIOD - 1 - (place % 4) / 3),
      kind: ['visit', 'view', 'visit', 'purchase'][place % 4] ?? '',
      values: [
        { name: 'category', text: place % 2 === 0 ? 'garden' : 'kitchen' },
        { name: 'price', number: place },
        { name: 'note', text: `note ${place % 3}` },
      ],
    });
  });

const worker = () =>
  new RetentionWorker({ database: test.database, objects: test.stores, logger: silentLogger });

const keepFor = (days: number | null, tenant = owner) =>
  tenant.caller.data(
    'mutation ($days: Int) { setRetention(input: { periods: [{ kind: EVENTS, days: $days }] }) { __typename } }',
    { days },
  );

interface Period {
  readonly kind: string;
  readonly oldestAt: string | null;
  readonly removals: readonly { readonly count: number }[];
}

async function period(): Promise<Period | undefined> {
  const { retention } = await owner.caller.data<{ retention: Period[] }>(
    '{ retention { kind oldestAt removals { count } } }',
  );
  return retention.find(({ kind }) => kind === 'EVENTS');
}

/** What the store has of a tenant's events, but for their numbers. */
const stateOf = (tenant: ApiTenant) =>
  test.database.inTenant(tenant.id, async (scope) => ({
    events: await scope.query('SELECT id, subject, at, kind, cells FROM events ORDER BY id'),
    kinds: await scope.query('SELECT kind, count, first_at, last_at FROM event_kinds ORDER BY kind'),
    entries: await scope.query<IndexEntry>(
      `SELECT i.definition, e.key, e.at_ms, e.kind, e.number, e.value FROM event_index_entries e
         JOIN event_indexes i ON i.tenant_id = e.tenant_id AND i.id = e.index_id ORDER BY 1, 2, 3, 4, 5, 6`,
    ),
    counts: await scope.query(
      `SELECT i.definition, c.key, c.level, c.bucket, c.kind, c.value, c.count, c.numbers, c.sum, c.min, c.max
         FROM event_index_counts c JOIN event_indexes i ON i.tenant_id = c.tenant_id AND i.id = c.index_id
        ORDER BY 1, 2, 3, 4, 5, 6`,
    ),
  }));

it('leaves the store of events that never had what is too old, by their own moments, in batches', async () => {
  for (const tenant of [owner, other])
    await test.database.inTenant(tenant.id, (scope) => registerIndexes(scope, KIND, INDEXES));
  const events = sent(1_400, 100);
  for (const batch of [events.slice(0, 700), events.slice(700, 1_400), events.slice(1_400)])
    await ingest(owner.caller, batch);
  await ingest(
    other.caller,
    events.filter(({ id }) => id.startsWith('young')),
  );
  expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
  await keepFor(PERIOD);
  expect((await period())?.oldestAt).toBe((await storeOf(owner.caller)).from);
  expect(await worker().enforce()).toEqual({ count: 1_400, objects: 0 });
  const state = await stateOf(owner);
  expect(state.events).toHaveLength(100);
  expect(state.counts.length).toBeGreaterThan(10);
  expect(state).toEqual(await stateOf(other));
  expect((await period())?.removals).toMatchObject([{ count: 400 }, { count: 1_000 }]);
  expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
});

it('removes each event once, however many workers do it, and no other tenant’s', async () => {
  await ingest(owner.caller, sent(60, 20));
  await ingest(other.caller, sent(60, 20));
  await keepFor(PERIOD);
  const looks = await Promise.all([worker().enforce(), worker().enforce(), worker().enforce()]);
  expect(looks.reduce((sum, { count }) => sum + count, 0)).toBe(60);
  expect((await storeOf(owner.caller)).count).toBe(20);
  expect((await storeOf(other.caller)).count).toBe(80);
  expect((await eventsOf(owner.caller, 'u1')).nodes.every(({ id }) => id.startsWith('young'))).toBe(true);
});

it('leaves the numbers of events as they are, and takes what is too old for the time until the next look', async () => {
  await ingest(owner.caller, sent(9, 3));
  await keepFor(PERIOD);
  await worker().enforce();
  expect(
    await ingest(owner.caller, [view('late', { at: daysAgo(PERIOD + 5) }), view('new', { at: daysAgo(1) })]),
  ).toMatchObject({
    accepted: 2,
  });
  const numbers = await test.database.inTenant(owner.id, (scope) =>
    scope.query<{ sequence: number }>(
      "SELECT sequence FROM events WHERE id IN ('late', 'new') ORDER BY sequence",
    ),
  );
  expect(numbers.map(({ sequence }) => sequence)).toEqual([13, 14]);
  expect(await worker().enforce()).toEqual({ count: 1, objects: 0 });
});

it('takes the counts of items by whole days', async () => {
  await ingest(owner.caller, sent(2, 1));
  const [kept, gone] = [daysAgo(PERIOD - 1).slice(0, 10), daysAgo(PERIOD + 9).slice(0, 10)];
  await test.database.inTenant(owner.id, (scope) =>
    scope.query(
      `INSERT INTO event_rates (tenant_id, domain, item, day, shown, positives, predicted_shown, predicted)
       SELECT $1, $2, 'ad-1', day, 5, 1, 0, 0 FROM unnest($3::date[]) AS d (day)`,
      [owner.id, KIND, [kept, gone]],
    ),
  );
  await keepFor(PERIOD);
  await worker().enforce();
  const rates = await test.database.inTenant(owner.id, (scope) =>
    scope.query('SELECT day::text AS day FROM event_rates'),
  );
  expect(rates).toEqual([{ day: kept }]);
});

it('leaves snapshots that were made before, and waits for scorings that read histories', async () => {
  await ingest(owner.caller, sent(40, 20));
  const { snapshot } = await askSnapshot(owner.caller);
  await snapshotWorker(test).makeWaiting();
  const { dataset: made, error } = await lookAtSnapshot(owner.caller, snapshot.id);
  expect(error).toBeNull();
  const runId = await startRun(owner, made?.id ?? '');
  const { id: modelVersionId } = await trainedModel(test, owner, { runId });
  const scoring = await storeScoring(test, owner, { kind: KIND, modelVersionId, probabilities: [0.5] });
  const change = (set: string) =>
    test.database.inTenant(owner.id, (scope) =>
      scope.query(`UPDATE jobs SET ${set} WHERE tenant_id = $1 AND id = $2`, [owner.id, scoring]),
    );
  await change("finished_at = NULL, state = 'SCORING', result = NULL");
  await keepFor(PERIOD);
  expect((await period())?.oldestAt).toBeNull();
  expect(await worker().enforce()).toEqual({ count: 0, objects: 0 });
  await change("finished_at = now(), state = 'CANCELLED'");
  expect(await worker().enforce()).toEqual({ count: 40, objects: 0 });
  const file = await owner.caller.http(made?.downloadUrl ?? '', { method: 'GET' });
  expect((await file.text()).trimEnd().split('\n')).toHaveLength(1 + 60);
  const { snapshot: again } = await askSnapshot(owner.caller);
  await snapshotWorker(test).makeWaiting();
  expect(await lookAtSnapshot(owner.caller, again.id)).toMatchObject({ state: 'SUCCEEDED', eventCount: 20 });
});
