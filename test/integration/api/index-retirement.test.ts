import { featureSpecSchema } from '../../../src/learning/features/feature-spec';
import { definitionOf, type EventIndex } from '../../../src/services/events/keys/event-index';
import { IndexWorker } from '../../../src/services/events/keys/index-worker';
import { readyIndexes, registerIndexes } from '../../../src/services/events/keys/register-indexes';
import { Promotion } from '../../../src/services/models/promotion.entity';
import { sendEvents } from '../../support/api/event-snapshots';
import { recordedVersion } from '../../support/api/promoted-version';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { silentLogger } from '../../support/training/training-harness';

const KIND = 'ECOMMERCE_PURCHASE';
const by = (column: string): EventIndex => ({ by: [`cell:${column}`] });
const specBy = (...columns: string[]) =>
  featureSpecSchema.parse({
    shape: 'EVENTS',
    subjectColumn: 'user_id',
    timeColumn: 'at',
    kindColumn: 'kind',
    momentKinds: ['view'],
    label: { event: 'purchase', withinMinutes: 60 },
    features: columns.map((column) => ({ type: 'derived', name: column, aggregate: 'count', by: [column] })),
  });

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

const configure = (spec: object) =>
  owner.caller.data(
    'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
    { input: { kind: KIND, featureSpec: spec } },
  );
const work = () => new IndexWorker({ database: test.database, logger: silentLogger }).makeWaiting();
const ready = async (...columns: string[]) => {
  const found = await test.database.inTenant(owner.id, (scope) => readyIndexes(scope, KIND, columns.map(by)));
  return columns.filter((column) => found.has(definitionOf(by(column))));
};
/** Nobody has asked for any index for so many days. */
const unused = (days: number) =>
  test.database.inTenant(owner.id, (scope) =>
    scope.query(
      "UPDATE event_indexes SET used_at = now() - $2 * interval '1 day' WHERE tenant_id = $1 AND retired_at IS NULL",
      [owner.id, days],
    ),
  );
const rows = (table: string, condition = 'true') =>
  test.database.inTenant(owner.id, async (scope) => {
    const [row] = await scope.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM ${table} WHERE tenant_id = $1 AND ${condition}`,
      [owner.id],
    );
    return row?.count ?? 0;
  });
const events = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `${prefix}${i}`,
    subjectId: `u${i % 3}`,
    at: new Date(Date.UTC(2025, 0, 1) + i * 60_000).toISOString(),
    kind: 'view',
    values: ['a', 'b', 'c', 'd'].map((name) => ({ name, text: `${name}${i % 5}` })),
  }));

describe('an index', () => {
  it('is removed once nobody has asked for a month, unless it is of what serves or can be rolled back to', async () => {
    // A champion before the last, which a rollback brings back; one that was trained and never served; what is in force.
    const former = await recordedVersion(test, owner, { kind: KIND, featureSpec: specBy('a') });
    await recordedVersion(test, owner, { kind: KIND, featureSpec: specBy('d') });
    const champion = await recordedVersion(test, owner, { kind: KIND, featureSpec: specBy('b') });
    await test.database.inTenant(owner.id, async (scope) => {
      for (const modelVersionId of [former, champion])
        await scope
          .repository(Promotion)
          .insert({ kind: KIND, modelVersionId, action: 'PROMOTE', promotedBy: owner.keyId });
    });
    await configure(specBy('a', 'b', 'd'));
    await configure(specBy('c'));
    await sendEvents(owner.caller, events('first', 60), KIND);
    await work();
    expect(await ready('a', 'b', 'c', 'd')).toEqual(['a', 'b', 'c', 'd']);
    await unused(29);
    await work();
    expect(await ready('a', 'b', 'c', 'd')).toEqual(['a', 'b', 'c', 'd']);

    await unused(31);
    await work();
    expect(await rows('event_indexes')).toBe(3);
    expect(await rows('event_index_entries')).toBe(3 * 60);
    expect(await ready('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    // Needed again after all, it is made again, of all events.
    expect(await ready('d')).toEqual([]);
    await sendEvents(owner.caller, events('second', 10), KIND);
    await work();
    expect(await ready('d')).toEqual(['d']);
    expect(await rows('event_index_entries')).toBe(4 * 70);
  });

  it('that is asked for is kept, whatever it is of', async () => {
    await configure(specBy('a'));
    expect(await ready('d')).toEqual(['d']);
    await unused(31);
    expect(await ready('d')).toEqual(['d']);
    await work();
    expect(await ready('d')).toEqual(['d']);
  });

  it('that is being removed is one no more, while what is in it is still there, and takes no events', async () => {
    await configure(specBy('a'));
    await configure(specBy('b'));
    await sendEvents(owner.caller, events('first', 20), KIND);
    await test.database.inTenant(owner.id, (scope) =>
      scope.query('UPDATE event_indexes SET retired_at = now() WHERE tenant_id = $1 AND definition = $2', [
        owner.id,
        definitionOf(by('a')),
      ]),
    );
    expect(await ready('a')).toEqual([]);
    await sendEvents(owner.caller, events('second', 5), KIND);
    // 20 in what is retired, 25 in the other one; the new one lacks what came before it.
    expect(await rows('event_index_entries')).toBe(20 + 25 + 5);
    await work();
    expect(await ready('a', 'b')).toEqual(['a', 'b']);
    expect(await rows('event_indexes')).toBe(2);
    expect(await rows('event_index_entries')).toBe(2 * 25);
  });
});

describe('beyond the most indexes of a domain', () => {
  const many = Array.from({ length: 64 }, (_, i) => by(`x${i}`));
  const register = (indexes: readonly EventIndex[]) =>
    test.database.inTenant(owner.id, (scope) => registerIndexes(scope, KIND, indexes));

  it('one is refused, and not asked for by each look-up', async () => {
    await configure(specBy('a'));
    await register(many);
    expect(await rows('event_indexes')).toBe(64);
    expect(await ready('b')).toEqual([]);
    await test.database.inTenant(owner.id, async (scope) => {
      const query = jest.spyOn(scope, 'query');
      await readyIndexes(scope, KIND, [by('b'), by('a')]);
      expect(query.mock.calls.map(([sql]) => sql.trim().split(/\s+/)[0])).toEqual(['SELECT']);
    });
  });

  it('those that nobody needed for a day make room', async () => {
    await configure(specBy('a'));
    await register(many);
    await unused(2);
    expect(await ready('a', 'x3', 'b')).toEqual(['a', 'x3', 'b']);
    await work();
    expect(await rows('event_indexes')).toBe(3);
  });
});
