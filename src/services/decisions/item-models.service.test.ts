import { discoverDomains } from '../../app/discover-domains';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { FRESH_MS, ItemModelsService, MODEL_EVENTS } from './item-models.service';

const KIND = 'ECOMMERCE_PURCHASE';
const shop = discoverDomains().find(({ kind }) => kind === KIND);
if (!shop) throw new Error('there is no shop');
const ctx = { requestId: 'r', actor: { id: 'k', role: 'SERVICE', tenantId: 't' } } as const;
const NOW = Date.UTC(2025, 3, 9, 20, 2);

/** A store of so many events whose whole look is handed over when `release` is called. */
class Store {
  looks = 0;
  accepted = MODEL_EVENTS;
  isHeld = true;
  private readonly held: (() => void)[] = [];

  async query(sql: string, parameters: readonly unknown[]): Promise<object[]> {
    if (sql.includes('last_sequence AS accepted')) return [{ accepted: String(this.accepted) }];
    if (!sql.includes('ORDER BY e.at, e.sequence')) return [];
    const limit = Number(parameters[7]);
    if (limit === MODEL_EVENTS) {
      this.looks += 1;
      if (this.isHeld) await new Promise<void>((resolve) => this.held.push(resolve));
    }
    const count = limit === MODEL_EVENTS ? 40 : 4;
    return Array.from({ length: count }, (_, n) => ({
      ...{
        subjectId: `u${n % 7}`,
        at: new Date(NOW - (count - n) * 60_000),
        kind: n % 5 === 4 ? 'purchase' : 'view',
      },
      ...{ itemId: `i${n % 9}`, category: 'c', brand: 'b', price: '3' },
    }));
  }

  release(): void {
    for (const go of this.held.splice(0)) go();
  }
}

describe('what is known of a shop’s items', () => {
  let store: Store;
  let items: ItemModelsService;

  beforeEach(() => {
    jest.useFakeTimers({
      now: NOW,
      doNotFake: ['setImmediate', 'performance', 'nextTick', 'queueMicrotask'],
    });
    store = new Store();
    items = new ItemModelsService({ inTenant: (_tenantId, work) => work(store as unknown as TenantScope) }, {
      current: () => Promise.resolve(null),
      catalogue: { get: () => shop },
    } as never);
  });
  afterEach(() => jest.useRealTimers());

  const eventsAt = async (at = new Date()): Promise<number> => {
    const columns = { item: 'item_id', category: 'category', brand: 'brand', price: 'price' };
    const known = await items.read(ctx, { domain: KIND, columns, basketKind: 'cart', subjectId: 'u1', at });
    return known.model.index.events;
  };
  const whole = async (): Promise<void> => {
    store.release();
    while ((await eventsAt()) !== 40) await new Promise(setImmediate);
  };

  it('is a look at few events until the whole look is ready, which nobody waits for', async () => {
    expect(await eventsAt()).toBe(4);
    expect(await eventsAt()).toBe(4);
    expect(store.looks).toBe(1);
    await whole();
    expect(store.looks).toBe(1);
  });

  it('is the former look while a new one is taken', async () => {
    await eventsAt();
    await whole();
    jest.setSystemTime(NOW + FRESH_MS);
    expect(await eventsAt()).toBe(40);
    expect(await eventsAt()).toBe(40);
    expect(store.looks).toBe(2);
  });

  it('is no look that is older than a day', async () => {
    await eventsAt();
    await whole();
    jest.setSystemTime(NOW + 25 * 3_600_000);
    expect(await eventsAt()).toBe(4);
  });

  it('is the whole look at once where the store is small, or the question is about the past', async () => {
    store.isHeld = false;
    expect(await eventsAt(new Date(NOW - 86_400_000))).toBe(40);
    store.accepted = 100;
    expect(await eventsAt()).toBe(40);
  });
});
