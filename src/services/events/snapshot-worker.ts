import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { AppError, messageOf } from '../../errors';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { withTimeout } from '../../platform/jobs/with-timeout';
import { type Database } from '../../platform/persistence/database';
import { type Metrics } from '../../platform/telemetry/metrics';
import { makeWorkDirectory } from '../training/work-directory';
import { makeSnapshot } from './make-snapshot';
import { SnapshotLease, SnapshotLostError } from './snapshot-lease';

export interface SnapshotWorkerOptions {
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly dataDirectory: string;
  /** Largest file. */
  readonly maxBytes: number;
  readonly logger: Logger;
  readonly metrics?: Metrics | null;
  /** How long a worker that fell silent keeps its snapshot. */
  readonly leaseMs?: number;
  /** Between two looks for snapshots that nobody works on. */
  readonly pollMs?: number;
  /** Between two reports of progress, which keep the lease. */
  readonly heartbeatMs?: number;
}

const DEFAULTS = { leaseMs: 15_000, pollMs: 1_000, heartbeatMs: 1_000 };
/** How long one look may take: a server that is cut off may never answer. */
const PATIENCE_MS = 60_000;
/** Issues that an error message quotes. */
const MAX_ISSUES = 5;

/**
 * Makes the snapshots that were asked for, one at a time, until it is closed. It looks for rows that nobody works on:
 * those that were just asked for, and those whose worker fell silent. Nothing else has to tell it.
 */
export class SnapshotWorker {
  private readonly closing = new AbortController();
  private readonly timings: { leaseMs: number; pollMs: number; heartbeatMs: number };
  private loop: Promise<void> | null = null;
  private failing = false;

  constructor(private readonly options: SnapshotWorkerOptions) {
    const { leaseMs, pollMs, heartbeatMs } = options;
    this.timings = {
      leaseMs: leaseMs ?? DEFAULTS.leaseMs,
      pollMs: pollMs ?? DEFAULTS.pollMs,
      heartbeatMs: heartbeatMs ?? DEFAULTS.heartbeatMs,
    };
  }

  /** Looks at once, and then again and again until `close`. */
  start(): void {
    this.loop ??= this.run();
  }

  /** Leaves off, and gives back what is begun, so that another worker takes it up at once. */
  async close(): Promise<void> {
    this.closing.abort(new Error('the worker is ending'));
    await this.loop;
  }

  /** Looks once, and makes what waits. Returns how many executions were begun. */
  async makeWaiting(): Promise<number> {
    const { database } = this.options;
    const waiting = await withTimeout(
      database.asPlatform((scope) =>
        scope.query<{ tenantId: string; snapshotId: string }>(
          'SELECT tenant_id AS "tenantId", snapshot_id AS "snapshotId" FROM waiting_event_snapshots()',
        ),
      ),
      PATIENCE_MS,
    );
    let begun = 0;
    for (const key of waiting) {
      if (this.closing.signal.aborted) break;
      if (
        await this.execute(new SnapshotLease(database, { ...key, owner: randomUUID() }, this.timings.leaseMs))
      )
        begun += 1;
    }
    return begun;
  }

  private async execute(lease: SnapshotLease): Promise<boolean> {
    const snapshot = await lease.take();
    if (!snapshot) return false;
    const { database, objects, dataDirectory, maxBytes } = this.options;
    const { tenantId, snapshotId, owner } = lease.key;
    const logger = this.options.logger.child({ tenantId, snapshotId });
    logger.info({ attempt: snapshot.attempt }, 'snapshot taken');
    const broken = new AbortController();
    const signal = AbortSignal.any([this.closing.signal, broken.signal]);
    const progress = { position: 0, eventCount: 0 };
    const ended = new AbortController();
    const heartbeat = this.keep(lease, { progress, ended: ended.signal, onLost: (e) => broken.abort(e) });
    const workDirectory = await makeWorkDirectory(dataDirectory, owner);
    try {
      await makeSnapshot(snapshot, {
        ...{ database, objects, lease, maxBytes, workDirectory, signal },
        onProgress: (position, eventCount) => Object.assign(progress, { position, eventCount }),
      });
      logger.info('snapshot made');
    } catch (error) {
      await this.settle(lease, error, logger);
    } finally {
      ended.abort();
      await heartbeat;
      await rm(workDirectory, { recursive: true, force: true });
    }
    return true;
  }

  /** Reports progress while the work goes on, which keeps the lease. */
  private async keep(
    lease: SnapshotLease,
    work: {
      readonly progress: { readonly position: number; readonly eventCount: number };
      readonly ended: AbortSignal;
      readonly onLost: (error: SnapshotLostError) => void;
    },
  ): Promise<void> {
    const { heartbeatMs } = this.timings;
    for (;;) {
      await sleep(heartbeatMs, undefined, { signal: work.ended }).catch(() => undefined);
      if (work.ended.aborted) return;
      try {
        await lease.report(work.progress);
      } catch (error) {
        // While the database is away, the work goes on: it is still ours unless somebody has taken it.
        if (error instanceof SnapshotLostError) work.onLost(error);
      }
    }
  }

  /** What becomes of a snapshot whose execution threw. */
  private async settle(lease: SnapshotLease, error: unknown, logger: Logger): Promise<void> {
    if (error instanceof SnapshotLostError) return;
    try {
      if (this.closing.signal.aborted) await lease.release();
      else if (error instanceof AppError && error.code !== 'UNAVAILABLE')
        await lease.fail(error.code, describe(error));
      // Left as it is: when the lease has expired, it is begun again.
      else logger.warn({ error: messageOf(error) }, 'a snapshot could not be made for now');
    } catch (failure) {
      if (!(failure instanceof SnapshotLostError))
        logger.warn({ error: messageOf(failure) }, 'a snapshot could not be settled');
    }
  }

  private async run(): Promise<void> {
    const { logger, metrics } = this.options;
    const look = () => this.makeWaiting();
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        await (metrics ? metrics.pass('snapshots', look) : look());
        if (this.failing) logger.info('snapshots are looked after again');
        this.failing = false;
      } catch (error) {
        if (!this.failing)
          logger.warn({ error: messageOf(error) }, 'snapshots cannot be looked after for now');
        this.failing = true;
      }
      await sleep(this.timings.pollMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The message with what is wrong where, as far as one message can hold it. */
function describe({ message, issues }: AppError): string {
  const shown = issues.slice(0, MAX_ISSUES).map((issue) => `${issue.path}: ${issue.message}`);
  return shown.length === 0 ? message : `${message} (${shown.join('; ')})`;
}
