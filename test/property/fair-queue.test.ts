import fc from 'fast-check';
import { outlookOf } from '../../src/services/training/run-outlook';
import { type TakenRun } from '../../src/services/training/run-turns';
import { RunLine } from '../support/training/run-line';

const TENANTS = 3;
const FEW = { numRuns: 8 };
const weight = fc.integer({ min: 1, max: 5 });
const seconds = fc.integer({ min: 1, max: 20 });

let line: RunLine;

beforeAll(async () => {
  line = await RunLine.create(TENANTS);
});

afterAll(() => line.close());

/** Workers that are always busy: each run ends after its tenant's length, and its worker takes the next. */
class Workers {
  private readonly busy: { run: TakenRun; tenant: number; until: number }[] = [];
  now = 0;

  constructor(
    private readonly count: number,
    private readonly lengths: readonly number[],
  ) {}

  /** Goes on until the next run begins; its tenant, or null when nothing waits. */
  async step(): Promise<number | null> {
    if (this.busy.length === this.count) {
      this.busy.sort((a, b) => a.until - b.until);
      const ended = this.busy.shift()!;
      this.now = ended.until;
      await line.end(ended.run, this.lengths[ended.tenant]);
    }
    const run = await line.take();
    if (!run) return null;
    const tenant = line.tenants.findIndex(({ ctx }) => ctx.actor.tenantId === run.tenantId);
    this.busy.push({ run, tenant, until: this.now + this.lengths[tenant]! });
    return tenant;
  }
}

describe('whose run is next', () => {
  it('is the single run of a tenant after at most one of each other, however many they have', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(weight, weight, weight),
        fc.tuple(seconds, seconds, seconds),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 8 }),
        async (weights, lengths, workers, before) => {
          await line.begin(weights.map((each) => ({ weight: each })));
          await line.ask(0, 1000);
          const simulation = new Workers(workers, lengths);
          for (let run = 0; run < before; run += 1) await simulation.step();
          await line.ask(1, 20);
          await simulation.step();
          await line.ask(2);
          const began = [0, 0, 0];
          while (began[2] === 0) began[(await simulation.step())!]! += 1;
          expect(began[0]).toBeLessThanOrEqual(1);
          expect(began[1]).toBeLessThanOrEqual(1);
          // The one whose run is executed has had its turn.
          if (before > 0) expect(began[0]).toBe(0);
        },
      ),
      FEW,
    );
  });

  it('shares the time of the workers by weight, whatever the lengths', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(weight, weight, weight),
        fc.tuple(seconds, seconds, seconds),
        async (weights, lengths) => {
          await line.begin(weights.map((each, tenant) => ({ weight: each, seconds: lengths[tenant]! })));
          for (let tenant = 0; tenant < TENANTS; tenant += 1) await line.ask(tenant, 40);
          const simulation = new Workers(1, lengths);
          const served = [0, 0, 0];
          for (let run = 0; run < 40; run += 1) {
            const tenant = (await simulation.step())!;
            served[tenant]! += lengths[tenant]! / weights[tenant]!;
            for (let other = 0; other < TENANTS; other += 1) {
              // The bound of start-time fair queueing: one run of each.
              const bound = lengths[tenant]! / weights[tenant]! + lengths[other]! / weights[other]!;
              expect(Math.abs(served[tenant]! - served[other]!)).toBeLessThanOrEqual(bound + 1e-3);
            }
          }
        },
      ),
      FEW,
    );
  });

  it('is what the places in the queue say, with priorities and what had begun', async () => {
    const asked = fc.record({
      tenant: fc.integer({ min: 0, max: TENANTS - 1 }),
      priority: fc.integer({ min: -1, max: 1 }),
      begun: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(weight, weight, weight),
        fc.array(asked, { minLength: 1, maxLength: 15 }),
        fc.array(asked, { maxLength: 5 }),
        async (weights, asks, earlier) => {
          await line.begin(weights.map((each) => ({ weight: each })));
          for (const { tenant, ...how } of earlier) await line.ask(tenant, 1, how);
          for (let taken = 0; taken < earlier.length; taken += 1) await line.take();
          const ids: string[] = [];
          for (const { tenant, ...how } of asks) ids.push(...(await line.ask(tenant, 1, how)));
          const places = new Map<number, string>();
          for (let tenant = 0; tenant < TENANTS; tenant += 1) {
            const outlooks = await line.database.inTenant(line.tenantId(tenant), (scope) =>
              outlookOf(scope, ids),
            );
            for (const [id, { place }] of outlooks) places.set(place!, id);
          }
          const taken: string[] = [];
          for (let run = await line.take(); run; run = await line.take()) taken.push(run.runId);
          expect(ids.map((_, place) => places.get(place))).toEqual(taken);
        },
      ),
      FEW,
    );
  });
});

describe('workers that ask at the same moment', () => {
  it('get each run once, and no more of a tenant than its quota', async () => {
    await line.begin([{ quota: 2 }, { quota: 0 }, {}]);
    for (let tenant = 0; tenant < TENANTS; tenant += 1) await line.ask(tenant, 5);
    const taken = (await Promise.all(Array.from({ length: 12 }, () => line.take()))).filter(
      (run) => run !== null,
    );
    const of = (tenant: number): TakenRun[] =>
      taken.filter(({ tenantId }) => tenantId === line.tenantId(tenant));
    expect([of(0).length, of(1).length, of(2).length]).toEqual([2, 0, 5]);
    expect(new Set(taken.map(({ runId }) => runId)).size).toBe(7);
    await line.end(of(0)[0]!);
    expect(await line.take()).toMatchObject({ tenantId: line.tenantId(0) });
    expect(await line.take()).toBeNull();
  });
});

describe('taking a run', () => {
  it('gives an answer that was lost again, and nothing more', async () => {
    await line.begin([{}, {}, {}]);
    await line.ask(0, 2);
    const ask = () => line.database.atOnce('SELECT * FROM take_job($1, $2)', ['one', 600_000]);
    expect(await ask()).toEqual(await ask());
    expect(await line.take()).not.toBeNull();
    expect(await line.take()).toBeNull();
  });

  it('waits for nobody who holds the row of a run', async () => {
    await line.begin([{}, {}, {}]);
    const [held, free] = await line.ask(0, 2);
    await line.database.inTenant(line.tenantId(0), async (scope) => {
      await scope.query('SELECT FROM jobs WHERE id = $1 FOR UPDATE', [held]);
      expect(await line.take()).toMatchObject({ runId: free });
      expect(await line.take()).toBeNull();
    });
    expect(await line.take()).toMatchObject({ runId: held });
  });
});

describe('predictions of when runs begin and end', () => {
  it('follow from the lengths of the last runs', async () => {
    await line.begin([{ seconds: 10 }, { seconds: 100 }, {}]);
    const [first, second] = await line.ask(0, 2);
    await line.take();
    const outlooks = await line.database.inTenant(line.tenantId(0), (scope) =>
      outlookOf(scope, [first!, second!]),
    );
    const executed = outlooks.get(first!)!;
    expect(executed).toMatchObject({ place: null, predictedStartAt: null });
    const waiting = outlooks.get(second!)!;
    expect(waiting.place).toBe(0);
    expect(waiting.predictedStartAt).toEqual(executed.predictedEndAt);
    expect(waiting.predictedEndAt!.getTime() - waiting.predictedStartAt!.getTime()).toBe(10_000);
  });
});
