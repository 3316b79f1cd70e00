import { sendEvents } from '../../support/api/event-snapshots';
import { type SentEvent } from '../../support/api/stored-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const DAY_MS = 86_400_000;
const START = Date.UTC(2025, 2, 3);

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

let nextId = 0;
const bought = (item: string, day: number, kind = 'purchase'): SentEvent => ({
  id: `e${nextId++}`,
  subjectId: `u${nextId % 5}`,
  at: new Date(START + day * DAY_MS + 3_600_000).toISOString(),
  kind,
  values: [{ name: 'item_id', text: item }],
});

interface Demand {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}
interface Answer {
  readonly __typename: string;
  readonly items: ReadonlyArray<{ itemId: string; demand: Demand; purchases: number; known: boolean }>;
  readonly total: Demand;
  readonly from: string;
  readonly until: string;
  readonly historyDays: number;
  readonly purchases: number;
  readonly issues: ReadonlyArray<{ readonly path: string }>;
}

async function forecast(input: object, { caller } = owner): Promise<Answer> {
  const { demandForecast } = await caller.data<{ demandForecast: Answer }>(
    `query ($input: DemandForecastInput!) { demandForecast(input: $input) {
      __typename
      ... on DemandForecast {
        items { itemId demand { expected low high } purchases known } total { expected low high }
        from until historyDays purchases
      }
      ... on InvalidInput { issues { path message } }
    } }`,
    { input },
  );
  return demandForecast;
}
const AT = new Date(START + 28 * DAY_MS + 5_000).toISOString();

describe('demandForecast', () => {
  it('goes on as the whole days before went, item by item', async () => {
    const events = Array.from({ length: 28 }, (_, day) => [
      ...[1, 2, 3].map(() => bought('lamp', day)),
      ...(day % 4 === 0 ? [bought('desk', day)] : []),
      bought('desk', day, 'view'),
    ]).flat();
    // Of the day that has begun, and from other tenants, nothing counts.
    await sendEvents(owner.caller, [...events, bought('desk', 28), bought('lamp', 40)]);
    await sendEvents((await test.tenant()).caller, [bought('desk', 1), bought('theirs', 1)]);
    const answer = await forecast({ at: AT, horizonDays: 14 });
    expect(answer).toMatchObject({
      historyDays: 28,
      purchases: 28 * 3 + 7,
      from: '2025-03-31T00:00:00.000Z',
      until: '2025-04-14T00:00:00.000Z',
    });
    expect(answer.items.map(({ itemId }) => itemId)).toEqual(['lamp', 'desk']);
    const [lamp, desk] = answer.items.map(({ demand }) => demand) as [Demand, Demand];
    expect(lamp.expected).toBeGreaterThan(36);
    expect(lamp.expected).toBeLessThan(44);
    expect(desk.expected).toBeGreaterThan(2.5);
    expect(desk.expected).toBeLessThan(6);
    for (const { low, high, expected } of [lamp, desk, answer.total]) {
      expect(low).toBeLessThan(expected);
      expect(high).toBeGreaterThan(expected);
    }
    expect(answer.total.expected).toBeCloseTo(lamp.expected + desk.expected, -1);
  });

  it('answers for the items asked about, known or not, in their order', async () => {
    await sendEvents(owner.caller, [bought('lamp', 1), bought('lamp', 2), bought('desk', 3)]);
    const { items } = await forecast({ at: AT, itemIds: ['new', 'desk'] });
    expect(items).toMatchObject([
      { itemId: 'new', known: false, purchases: 0 },
      { itemId: 'desk', known: true, purchases: 1 },
    ]);
    expect(items[0]!.demand.expected).toBeLessThan(items[1]!.demand.expected);
    expect((await forecast({ at: AT, first: 1 })).items).toHaveLength(1);
  });

  it('expects nothing where nothing was sold, or only later', async () => {
    const nothing = { items: [], total: { expected: 0, low: 0, high: 0 }, purchases: 0, historyDays: 0 };
    expect(await forecast({})).toMatchObject(nothing);
    await sendEvents(owner.caller, [bought('lamp', 1)]);
    expect(await forecast({ at: '1970-01-01T00:00:00Z' })).toMatchObject(nothing);
  });

  it('says what is wrong with an input, each with its path', async () => {
    const pathsOf = async (input: object) => (await forecast(input)).issues.map(({ path }) => path);
    expect(await pathsOf({ horizonDays: 0, first: 0, at: '2300-01-01T00:00:00Z' })).toEqual([
      'horizonDays',
      'first',
      'at',
    ]);
    expect(await pathsOf({ horizonDays: 91, itemIds: [] })).toEqual(['horizonDays', 'itemIds']);
    expect(await pathsOf({ itemIds: ['a', '', 'a'] })).toEqual(['itemIds.1', 'itemIds.2']);
  });
});
