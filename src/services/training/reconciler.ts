import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../errors';
import { type JobQueue } from '../../platform/jobs/job-queue';
import { withTimeout } from '../../platform/jobs/with-timeout';
import { type Database } from '../../platform/persistence/database';
import { RunLease } from './run-lease';
import { type RunTurns } from './run-turns';
import { type RunTimings } from './timings';

/** How long one look may take: a server that is cut off may never answer. */
const PATIENCE_MS = 60_000;

/** After this many, it is not the runs that are at fault. */
const MAX_FAILURES = 3;

export interface ReconcilerOptions {
  readonly database: Database;
  readonly queue: JobQueue<'training'>;
  readonly turns: RunTurns;
  /** Called when this worker may begin a run that no job brought it; it returns at once. */
  readonly call: () => void;
  readonly timings: RunTimings;
  readonly logger: Logger;
}

/** A run that nobody executes and that may have no job. */
interface NeglectedRun {
  readonly tenantId: string;
  readonly runId: string;
  readonly attempt: number;
  /** Whose lease has expired; null for a run that waits. */
  readonly owner: string | null;
  readonly actorId: string;
  readonly requestId: string;
}

/**
 * Makes sure that every open run is executed. Runs in every worker; doing the same twice is doing it once.
 *
 * It finds the runs whose request was acknowledged by a process that died before it could enqueue the job, those
 * whose job the queue has lost, and those whose execution fell silent.
 */
export class Reconciler {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;
  private failing = false;

  constructor(private readonly options: ReconcilerOptions) {}

  /** Looks at once, and then again and again until `close`. */
  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  /**
   * Looks once. Returns how many runs were enqueued.
   * @throws the first failure, after the other runs had their turn
   */
  async reconcile(): Promise<number> {
    const { database, timings } = this.options;
    const neglected = await database.asPlatform((scope) =>
      scope.query<NeglectedRun>(
        `SELECT tenant_id AS "tenantId", job_id AS "runId", attempt, owner,
                actor_id AS "actorId", request_id AS "requestId"
           FROM neglected_jobs($1, $2)`,
        [timings.requeueMs, timings.leaseMs],
      ),
    );
    let enqueued = 0;
    const failures: unknown[] = [];
    for (const run of neglected) {
      if (this.closing.signal.aborted) break;
      try {
        if (await this.takeUp(run)) enqueued += 1;
      } catch (error) {
        // One run that cannot be taken up must not keep the others waiting.
        failures.push(error);
        if (failures.length === MAX_FAILURES) break;
      }
    }
    if (failures.length > 0) throw failures[0];
    await this.remind();
    return enqueued;
  }

  /**
   * Begins a run that no job calls this worker for: the job was lost, was used up while a quota kept the run from
   * beginning, or came to a worker that cannot execute the run.
   */
  private async remind(): Promise<void> {
    if (await this.options.turns.next()) this.options.call();
  }

  private async takeUp(run: NeglectedRun): Promise<boolean> {
    const { database, queue, logger } = this.options;
    const { tenantId, runId, owner } = run;
    if (owner !== null) {
      const lease = new RunLease(database, { tenantId, runId, owner });
      const settlement = await lease.settle(
        { kind: 'crashed', detail: 'fell silent' },
        { onlyIfExpired: true },
      );
      if (!settlement) return false;
      logger.warn({ tenantId, runId, settlement }, 'the execution of a run fell silent');
      if (settlement.state !== 'QUEUED') return false;
    }
    const { actorId, requestId, attempt } = run;
    await queue.add({ tenantId, runId, attempt: attempt + 1, actorId, requestId });
    await database.inTenant(tenantId, (scope) =>
      scope.query(
        `UPDATE jobs SET enqueued_at = now() WHERE tenant_id = $1 AND id = $2 AND state = 'QUEUED'`,
        [tenantId, runId],
      ),
    );
    return true;
  }

  private async run(): Promise<void> {
    const { timings, logger } = this.options;
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        await withTimeout(this.reconcile(), PATIENCE_MS);
        if (this.failing) logger.info('runs are looked after again');
        this.failing = false;
      } catch (error) {
        if (!this.failing) logger.warn({ error: messageOf(error) }, 'runs cannot be looked after for now');
        this.failing = true;
      }
      await sleep(timings.reconcileMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
