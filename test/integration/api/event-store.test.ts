import { at, eventsOf, ingest, START, storeOf, view, views } from '../../support/api/stored-events';
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

describe("a subject's events", () => {
  it('come latest first, in pages, those of one moment as they were accepted', async () => {
    const order = [3, 1, 2, 2, 0, 2];
    await ingest(
      owner.caller,
      order.map((minute, i) => view(`e${i}`, { at: at(minute) })),
    );
    const expected = ['e0', 'e5', 'e3', 'e2', 'e1', 'e4'];
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const page = await eventsOf(owner.caller, 'u1', { first: 2, after });
      seen.push(...page.nodes.map(({ id }) => id));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(seen).toEqual(expected);
    const query = (cursor: string, subject = 'u1') =>
      `{ events(domain: ECOMMERCE_PURCHASE, subjectId: "${subject}", after: "${cursor}") { nodes { id } } }`;
    for (const cursor of ['', 'x', Buffer.from('99').toString('base64url')])
      expect(await owner.caller.code(query(cursor))).toBe('BAD_USER_INPUT');
    expect(await owner.caller.code(query(after ?? '', 'u2'))).toBe('BAD_USER_INPUT');
    expect((await eventsOf(owner.caller, 'a\0b')).nodes).toEqual([]);
  });

  it("are not another tenant's with the same ids", async () => {
    const other = await test.tenant();
    await ingest(owner.caller, [view('e'), view('mine')]);
    expect(await ingest(other.caller, [view('e', { at: at(9) })])).toMatchObject({ accepted: 1 });
    expect((await eventsOf(other.caller, 'u1')).nodes).toMatchObject([{ id: 'e', at: at(9) }]);
    expect((await eventsOf(owner.caller, 'u1')).nodes).toHaveLength(2);
    expect((await storeOf(other.caller)).count).toBe(1);
    // Nor are they another domain's.
    const elsewhere = { ...view('e'), kind: 'like', values: [] };
    expect(await ingest(owner.caller, [elsewhere], 'SOCIAL_AD_CTR')).toMatchObject({ accepted: 1 });
    expect((await storeOf(owner.caller)).count).toBe(2);
    const rows = await test.database.inTenant(other.id, (scope) => scope.query<object>('SELECT FROM events'));
    expect(rows).toHaveLength(1);
  });
});

describe('the event store', () => {
  it('tells how old events are when they arrive', async () => {
    const lag = async () => {
      const { eventStore } = await owner.caller.data<{ eventStore: { lag: Record<string, number> | null } }>(
        '{ eventStore(domain: ECOMMERCE_PURCHASE) { lag { events medianMs p95Ms maxMs } } }',
      );
      return eventStore.lag;
    };
    expect(await lag()).toBeNull();
    await ingest(owner.caller, views(20));
    const old = Date.now() - START - 20 * 60_000;
    expect((await lag())?.['events']).toBe(20);
    expect((await lag())?.['medianMs']).toBeGreaterThan(old);
    const now = new Date(Date.now() + 60_000).toISOString();
    for (const batch of ['a', 'b'])
      await ingest(
        owner.caller,
        views(500, batch).map((event) => ({ ...event, at: now })),
      );
    // Only the last thousand count; this sender's clock is a minute ahead.
    const { events, maxMs } = (await lag()) ?? {};
    expect(events).toBe(1000);
    expect(maxMs).toBeLessThan(old);
  });

  it('keeps nobody else waiting when one tenant sends more than can be stored at once', async () => {
    const other = await test.tenant();
    await ingest(owner.caller, [view('first')]);
    let sent: Promise<unknown>[] = [];
    await test.database.inTenant(owner.id, async (scope) => {
      await scope.query('SELECT FROM event_stores FOR UPDATE');
      // More than there are connections.
      sent = Array.from({ length: 20 }, (_, i) => ingest(owner.caller, views(3, `b${i}-`)));
      expect(await ingest(other.caller, views(3))).toMatchObject({ accepted: 3 });
    });
    await Promise.all(sent);
    expect((await storeOf(owner.caller)).count).toBe(61);
  });
});
