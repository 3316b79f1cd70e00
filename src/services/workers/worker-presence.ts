import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../errors';
import { codeVersion } from '../../learning/export/code-version';
import { withTimeout } from '../../platform/jobs/with-timeout';
import { type Database } from '../../platform/persistence/database';
import { type WorkerDevice } from './worker-devices';

/** Between two heartbeats; the database counts a worker as gone that is not heard of for four of them. */
const HEARTBEAT_MS = 5_000;
/** How long one may take: a server that is cut off may never answer. */
const PATIENCE_MS = 15_000;

export interface PresenceOptions {
  readonly database: Database;
  /** What people call it; named after its id unless given. */
  readonly name: string | null;
  readonly devices: readonly WorkerDevice[];
  /** Jobs that it executes side by side. */
  readonly concurrency: number;
  readonly logger: Logger;
}

/** Tells the others that this worker is there, what it has, and that it is about to leave. */
export class WorkerPresence {
  readonly id = randomUUID();
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;
  private failing = false;
  private draining = false;

  constructor(private readonly options: PresenceOptions) {}

  /** Announces the worker, and then goes on until `close`. @throws AppError UNAVAILABLE */
  async start(): Promise<void> {
    await this.announce();
    this.loop ??= this.run();
  }

  /** From now on no other worker leaves a job to this one. A database that is away keeps nobody from leaving. */
  async leave(): Promise<void> {
    this.draining = true;
    await this.tell();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  private async announce(): Promise<void> {
    const { database, name, devices, concurrency } = this.options;
    const ofGpu = devices.find(({ device }) => device !== 'cpu');
    const worker = {
      id: this.id,
      name: name ?? `worker-${this.id.slice(0, 8)}`,
      version: codeVersion(),
      devices,
      gpu: ofGpu !== undefined,
      cpuBytes: devices.find(({ device }) => device === 'cpu')?.memoryBytes ?? null,
      gpuBytes: ofGpu?.memoryBytes ?? null,
      concurrency,
      draining: this.draining,
    };
    await withTimeout(database.atOnce('SELECT announce_worker($1)', [JSON.stringify(worker)]), PATIENCE_MS);
  }

  private async tell(): Promise<void> {
    const { logger } = this.options;
    try {
      await this.announce();
      if (this.failing) logger.info('the worker is announced again');
      this.failing = false;
    } catch (error) {
      if (!this.failing) logger.warn({ error: messageOf(error) }, 'the worker cannot be announced for now');
      this.failing = true;
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (;;) {
      const isOver = await sleep(HEARTBEAT_MS, false, { signal }).catch(() => true);
      if (isOver) return;
      await this.tell();
    }
  }
}
