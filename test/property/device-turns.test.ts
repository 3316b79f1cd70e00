import fc from 'fast-check';
import { type RequestedDevice, REQUESTED_DEVICES } from '../../src/services/training/requested-device';
import { outlookOf } from '../../src/services/training/run-outlook';
import { FakeDeviceWorker, type FakeDevices } from '../support/training/fake-device-worker';
import { RunLine } from '../support/training/run-line';

const TENANTS = 3;
const GIB = 2 ** 30;

let line: RunLine;

beforeAll(async () => {
  line = await RunLine.create(TENANTS);
});

afterAll(() => line.close());

interface Wanted {
  readonly tenant: number;
  readonly device: RequestedDevice;
  readonly memory: number | null;
}

const worker = (devices: FakeDevices): Promise<FakeDeviceWorker> =>
  FakeDeviceWorker.announce(line.database, devices);

/** What the definition says, written down a second time. */
function canExecute({ gpu, cpuBytes, gpuBytes }: FakeDevices, { device, memory }: Wanted): boolean {
  if (device === 'GPU' && !gpu) return false;
  const bytes = gpu && device !== 'CPU' ? gpuBytes : cpuBytes;
  return memory === null || bytes == null || bytes >= memory;
}

const gibibytes = fc.option(
  fc.integer({ min: 1, max: 8 }).map((count) => count * GIB),
  { nil: null },
);
const machine = fc.record({
  gpu: fc.boolean(),
  cpuBytes: gibibytes,
  gpuBytes: gibibytes,
  concurrency: fc.integer({ min: 1, max: 2 }),
});
const wanted = fc.record({
  tenant: fc.integer({ min: 0, max: TENANTS - 1 }),
  device: fc.constantFrom(...REQUESTED_DEVICES),
  memory: gibibytes,
});

describe('workers with different devices', () => {
  it('take what they can execute and nothing else, and leave nothing that one of them can', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(machine, { minLength: 1, maxLength: 4 }),
        fc.array(wanted, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 20 }),
        async (machines, asks, ago) => {
          await line.begin([{}, {}, {}]);
          const workers = await Promise.all(machines.map(worker));
          const open = new Map<string, Wanted>();
          for (const ask of asks) {
            const [id] = await line.ask(ask.tenant, 1, { ...ask, ago });
            open.set(id!, ask);
          }
          for (const { missing, ask } of await missingOf(open))
            expect(missing !== null).toBe(!machines.some((each) => canExecute(each, ask)));
          for (let isMoving = true; isMoving;) {
            isMoving = false;
            for (const each of workers) {
              for (let run = await each.take(); run; run = await each.take()) {
                expect(canExecute(each.devices, open.get(run.runId)!)).toBe(true);
                open.delete(run.runId);
                isMoving = true;
              }
            }
            for (const each of workers) for (const run of each.taken.splice(0)) await line.end(run);
          }
          // Whatever is left is what nobody has the devices or the memory for.
          for (const ask of open.values()) expect(machines.some((each) => canExecute(each, ask))).toBe(false);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("delay nobody's run on a CPU by another's on GPUs, however many", async () => {
    await line.begin([{}, {}, {}]);
    const cpu = await worker({ gpu: false });
    const gpu = await worker({ gpu: true });
    // The tenant's turns on GPUs are used up; on CPUs it had none.
    await line.ask(0, 20, { device: 'GPU' });
    for (let run = 0; run < 10; run += 1) {
      expect(await gpu.take()).not.toBeNull();
      await line.end(gpu.taken.pop()!);
    }
    await line.ask(1, 5, { device: 'CPU' });
    expect(await cpu.take()).toMatchObject({ tenantId: line.tenantId(1) });
    await line.end(cpu.taken.pop()!);
    const [own] = await line.ask(0, 1, { device: 'CPU' });
    expect(await cpu.take()).toMatchObject({ runId: own });
  });

  it('leave a run for any device to a GPU that is free, and to nobody who is busy, leaves or fell silent', async () => {
    await line.begin([{}, {}, {}]);
    const cpu = await worker({ gpu: false, concurrency: 3 });
    const gpu = await worker({ gpu: true });
    await line.ask(0, 2);
    expect(await cpu.take()).toBeNull();
    expect(await gpu.take()).not.toBeNull();
    expect(await cpu.take()).not.toBeNull();
    await line.end(gpu.taken.pop()!);
    await line.ask(0, 1);
    expect(await cpu.take()).toBeNull();
    await gpu.tell(true);
    expect(await gpu.take()).toBeNull();
    expect(await cpu.take()).not.toBeNull();
    await gpu.tell();
    await line.ask(0, 1, { ago: 11 });
    expect(await cpu.take()).not.toBeNull();
  });
});

describe('a run that does not fit', () => {
  it('goes to a worker that has more, and to none a second time', async () => {
    await line.begin([{}, {}, {}]);
    const small = await worker({ gpu: false, cpuBytes: 4 * GIB });
    const large = await worker({ gpu: false, cpuBytes: 16 * GIB });
    const [id] = await line.ask(0, 1);
    const first = await small.take();
    expect(await first!.lease.moveToLarger(8 * GIB)).toBe(true);
    expect(await first!.lease.renew(1_000)).toBe('lost');
    small.taken.pop();
    expect(await small.take()).toBeNull();
    const second = await large.take();
    expect(second).toMatchObject({ runId: id, attempt: 2 });
    expect(await second!.lease.moveToLarger(32 * GIB)).toBe(false);
    expect(await second!.lease.renew(1_000)).toBe('held');
  });
});

async function missingOf(open: ReadonlyMap<string, Wanted>) {
  const found = [];
  for (let tenant = 0; tenant < TENANTS; tenant += 1) {
    const outlooks = await line.database.inTenant(line.tenantId(tenant), (scope) =>
      outlookOf(scope, [...open.keys()]),
    );
    for (const [id, { missing }] of outlooks) found.push({ missing, ask: open.get(id)! });
  }
  return found;
}
