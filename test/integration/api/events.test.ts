import { setTimeout as sleep } from 'node:timers/promises';
import { withOwner } from '../../../src/platform/persistence/owner-connection';
import { at, eventsOf, ingest, type SentEvent, storeOf, view, views } from '../../support/api/stored-events';
import { configureTable } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

const statesOf = ({ outcomes }: { outcomes: ReadonlyArray<{ state: string }> }): string[] =>
  outcomes.map(({ state }) => state);

describe('a batch of events', () => {
  it('is stored once, however often it is sent, and in whatever order', async () => {
    const batch = views(20);
    expect(await ingest(owner.caller, batch)).toMatchObject({ accepted: 20, duplicates: 0, refused: 0 });
    const again = await ingest(owner.caller, batch.toReversed());
    expect(again).toMatchObject({ accepted: 0, duplicates: 20, refused: 0 });
    expect(again.outcomes.map(({ id }) => id)).toEqual(batch.map(({ id }) => id).reverse());
    const some = await ingest(owner.caller, [...views(22), ...views(1)]);
    expect(statesOf(some).filter((state) => state === 'ACCEPTED')).toHaveLength(2);
    expect(await storeOf(owner.caller)).toMatchObject({ count: 22, kinds: [{ kind: 'view', count: 22 }] });
  });

  it('is stored once when it is sent many times at the same moment', async () => {
    const batch = views(200);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ingest(owner.caller, batch)));
    const total = (key: 'accepted' | 'duplicates' | 'refused'): number =>
      answers.reduce((sum, answer) => sum + answer[key], 0);
    expect([total('accepted'), total('duplicates'), total('refused')]).toEqual([200, 1400, 0]);
    expect((await storeOf(owner.caller)).count).toBe(200);
  });

  it('is numbered without gaps, in the order of commits, beside others', async () => {
    await Promise.all(Array.from({ length: 6 }, (_, i) => ingest(owner.caller, views(30, `b${i}-`))));
    const rows = await test.database.inTenant(owner.id, (scope) =>
      scope.query<{ sequence: number; id: string; receipts: number }>(
        `SELECT sequence, id, count(*) OVER (PARTITION BY split_part(id, '-', 1)) AS receipts
           FROM events ORDER BY sequence`,
      ),
    );
    expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 180 }, (_, i) => i + 1));
    // Batches do not interleave: each was numbered as a whole.
    const owners = rows.map(({ id }) => id.split('-')[0]);
    expect(owners.filter((name, i) => name !== owners[i - 1])).toHaveLength(6);
    const store = await storeOf(owner.caller);
    expect(store).toMatchObject({ count: 180, from: at(0), to: at(29), kindCount: 1 });
    expect(store.kinds).toEqual([{ kind: 'view', count: 180, from: at(0), to: at(29) }]);
  });

  it('says of each event what is wrong with it, and stores the others', async () => {
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const text = 'x'.repeat(1025);
    const wrong: [SentEvent, string][] = [
      [view('future', { at: future }), 'at'],
      [view('unreadable', { at: 'yesterday' }), 'at'],
      [view('no offset', { at: '2025-03-01T00:00:00' }), 'at'],
      [view('no such day', { at: '2025-02-30T00:00:00Z' }), 'at'],
      [view('long ago', { at: '1899-12-31T23:59:59Z' }), 'at'],
      [view(''), 'id'],
      [view('i'.repeat(201)), 'id'],
      [view('no subject', { subjectId: '' }), 'subjectId'],
      [view('NUL', { subjectId: 'a\0b' }), 'subjectId'],
      [view('half a pair', { kind: '\ud800' }), 'kind'],
      [view('too large', { values: [{ name: 'price', number: 1e39 }] }), 'values.price'],
      [view('no number', { values: [{ name: 'price', text: 'dear' }] }), 'values.price'],
      [view('true', { values: [{ name: 'price', boolean: true }] }), 'values.price'],
      [view('long text', { values: [{ name: 'brand', text }] }), 'values.brand'],
      [view('NUL text', { values: [{ name: 'anything', text: 'a\0' }] }), 'values.anything'],
      [view('twice', { values: [{ name: 'x' }, { name: 'x' }] }), 'values.x'],
      [view('two', { values: [{ name: 'x', number: 1, text: '1' }] }), 'values.x'],
      [view('own', { values: [{ name: 'user_id', text: 'u2' }] }), 'values.user_id'],
      [
        view('heavy', {
          values: Array.from({ length: 65 }, (_, i) => ({ name: `v${i}`, text: 'x'.repeat(1024) })),
        }),
        'values',
      ],
      [view('no name', { values: [{ name: '', number: 1 }] }), 'values.0.name'],
      [
        view('visit', { kind: 'visit', values: [{ name: 'tenure_days', text: 'long' }] }),
        'values.tenure_days',
      ],
      [view('many', { values: Array.from({ length: 257 }, (_, i) => ({ name: `v${i}` })) }), 'values'],
    ];
    const events = wrong.flatMap(([event], i) => [event, view(`good ${i}`)]);
    const answer = await ingest(owner.caller, events);
    expect(answer).toMatchObject({ accepted: wrong.length, refused: wrong.length });
    wrong.forEach(([, path], i) => {
      const outcome = answer.outcomes[2 * i];
      expect(outcome).toMatchObject({ state: 'REFUSED', issues: [{ path: `events.${2 * i}.${path}` }] });
      expect(answer.outcomes[2 * i + 1]).toMatchObject({ state: 'ACCEPTED', issues: [] });
    });
    // Only where it is read is a value checked: tenure is read of visits alone.
    const elsewhere = view('elsewhere', { values: [{ name: 'tenure_days', text: 'long' }] });
    expect(await ingest(owner.caller, [elsewhere])).toMatchObject({ accepted: 1, unreadColumns: [] });
  });

  it('refuses other content under a known id, from a batch before and from the same', async () => {
    await ingest(owner.caller, [view('e')]);
    const others = [
      view('e', { subjectId: 'u2' }),
      view('e', { at: at(1) }),
      view('e', { kind: 'cart' }),
      view('e', { values: [{ name: 'price', number: 64.9 }] }),
      view('e', {
        values: [
          { name: 'price', text: '64.9' },
          { name: 'category', text: 'garden' },
        ],
      }),
    ];
    const answer = await ingest(owner.caller, [
      ...others,
      view('e'),
      view('f'),
      view('f', { at: at(2) }),
      view('f'),
    ]);
    expect(statesOf(answer)).toEqual([
      ...others.map(() => 'REFUSED'),
      'DUPLICATE',
      'ACCEPTED',
      'REFUSED',
      'DUPLICATE',
    ]);
    expect(answer.outcomes[0]?.issues).toMatchObject([{ path: 'events.0.id' }]);
    const { nodes } = await eventsOf(owner.caller, 'u1');
    expect(nodes.map(({ id }) => id)).toEqual(['f', 'e']);
    // The same values in another order, a missing one written out, and the moment elsewhere on earth are the same.
    const same = view('e', {
      at: '2025-03-01T02:00:00.0004+02:00',
      values: [
        { name: 'price', number: 64.9 },
        { name: 'brand' },
        { name: 'color', text: '' },
        { name: 'category', text: 'garden' },
      ],
    });
    expect(statesOf(await ingest(owner.caller, [same]))).toEqual(['DUPLICATE']);
  });

  it('keeps values that the configuration does not read, and names them', async () => {
    const values = [
      { name: 'colour', text: 'TRUE' },
      { name: '__proto__', number: -0 },
      { name: 'price', number: 0.1 },
      { name: 'gift', boolean: false },
    ];
    const answer = await ingest(owner.caller, [view('e', { values })]);
    expect(answer).toMatchObject({ accepted: 1, unreadColumns: ['__proto__', 'colour', 'gift'] });
    const { nodes } = await eventsOf(owner.caller, 'u1');
    expect(nodes[0]?.values).toEqual([
      { name: '__proto__', number: 0, text: null, boolean: null },
      { name: 'colour', number: null, text: 'TRUE', boolean: null },
      { name: 'gift', number: null, text: null, boolean: false },
      { name: 'price', number: 0.1, text: null, boolean: null },
    ]);
  });

  it('is bounded', async () => {
    expect(await ingest(owner.caller, views(1000))).toMatchObject({ accepted: 1000 });
    const large = await ingest(owner.caller, views(1001));
    expect(large).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'events' }] });
    const huge = { query: '{', padding: 'x'.repeat(5 * 1024 * 1024) };
    const response = await owner.caller.http('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(huge),
    });
    expect(response.status).toBe(413);
    expect(await ingest(owner.caller, [])).toMatchObject({ accepted: 0, outcomes: [] });
  });

  it('is stored whole or not at all when the connection breaks in the middle', async () => {
    await ingest(owner.caller, [view('first')]);
    let sent: Promise<unknown> | undefined;
    // Held here, the batch waits inside its transaction; then its connection is cut.
    await test.database.inTenant(owner.id, async (scope) => {
      await scope.query('SELECT FROM event_stores FOR UPDATE');
      sent = owner.caller.send(
        'mutation ($input: IngestEventsInput!) { ingestEvents(input: $input) { __typename } }',
        { input: { domain: 'ECOMMERCE_PURCHASE', events: views(50) } },
      );
      await withOwner(test.ownerUrl, async (connection) => {
        let cut = 0;
        while (cut === 0) {
          await sleep(5);
          const { rowCount } = await connection.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%event_stores%'`,
          );
          cut = rowCount ?? 0;
        }
      });
    });
    expect(await sent).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    expect((await storeOf(owner.caller)).count).toBe(1);
    expect(await ingest(owner.caller, views(50))).toMatchObject({ accepted: 50, duplicates: 0 });
  });

  it('needs a specification of events', async () => {
    await configureTable(owner.caller);
    expect(await ingest(owner.caller, views(1))).toMatchObject({
      __typename: 'InvalidConfiguration',
      issues: [{ path: 'featureSpec.shape' }],
    });
  });

  it('needs the label of a moment of prediction where it is a column', async () => {
    const review = (id: string, values: NonNullable<SentEvent['values']>): SentEvent => ({
      ...view(id),
      kind: 'review',
      values,
    });
    const answer = await ingest(
      owner.caller,
      [review('open', []), review('paid', [{ name: 'defaulted', boolean: false }])],
      'FINANCIAL_RISK',
    );
    expect(answer.outcomes[0]).toMatchObject({
      state: 'REFUSED',
      issues: [{ path: 'events.0.values.defaulted' }],
    });
    expect(answer.outcomes[1]).toMatchObject({ state: 'ACCEPTED' });
  });

  it('may be sent by services, and read by people', async () => {
    const service = await test.tenant('SERVICE');
    expect(await ingest(service.caller, views(1))).toMatchObject({ accepted: 1 });
    const store = '{ eventStore(domain: ECOMMERCE_PURCHASE) { count } }';
    expect(await service.caller.code(store)).toBe('FORBIDDEN');
    const analyst = await test.tenant('ANALYST');
    expect((await storeOf(analyst.caller)).count).toBe(0);
    const send =
      'mutation { ingestEvents(input: { domain: ECOMMERCE_PURCHASE, events: [] }) { __typename } }';
    expect(await analyst.caller.code(send)).toBe('FORBIDDEN');
  });
});
