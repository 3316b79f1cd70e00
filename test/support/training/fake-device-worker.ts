import { randomUUID } from 'node:crypto';
import { type Database } from '../../../src/platform/persistence/database';
import { RunTurns, type TakenRun } from '../../../src/services/training/run-turns';

export interface FakeDevices {
  readonly gpu: boolean;
  readonly cpuBytes?: number | null;
  readonly gpuBytes?: number | null;
  readonly concurrency?: number;
}

/** A worker that announces what a test says, takes runs and executes nothing. */
export class FakeDeviceWorker {
  readonly id = randomUUID();
  readonly taken: TakenRun[] = [];
  private readonly turns: RunTurns;

  private constructor(
    private readonly database: Database,
    readonly devices: FakeDevices,
  ) {
    this.turns = new RunTurns(database, this.id);
  }

  static async announce(database: Database, devices: FakeDevices): Promise<FakeDeviceWorker> {
    const worker = new FakeDeviceWorker(database, devices);
    await worker.tell();
    return worker;
  }

  async tell(draining = false): Promise<void> {
    const { gpu, cpuBytes = null, gpuBytes = null, concurrency = 1 } = this.devices;
    const cpu = { device: 'cpu', name: 'Test CPU', memoryBytes: cpuBytes };
    const card = { device: 'cuda', name: 'Test card', memoryBytes: gpuBytes };
    const worker = {
      ...{ id: this.id, name: 'fake', version: '1.0.0', devices: gpu ? [cpu, card] : [cpu] },
      ...{ gpu, cpuBytes, gpuBytes, concurrency, draining },
    };
    await this.database.atOnce('SELECT announce_worker($1)', [JSON.stringify(worker)]);
  }

  /** The next run for it, or null; never more than it can execute. */
  async take(): Promise<TakenRun | null> {
    if (this.taken.length === (this.devices.concurrency ?? 1)) return null;
    const run = await this.turns.take(600_000, new AbortController().signal);
    if (run) this.taken.push(run);
    return run;
  }
}
