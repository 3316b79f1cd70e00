import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../errors';
import { retryWithBackoff } from '../../platform/jobs/backoff';
import { type JobQueue } from '../../platform/jobs/job-queue';
import { type JobContext } from '../../platform/jobs/job-worker';
import { type Database } from '../../platform/persistence/database';
import { currentSpan, currentTraceparent } from '../../platform/telemetry/tracing';
import { beyondTrainingQuota } from '../quotas/training-quota';
import { BatchScoring } from '../scoring/batch-scoring.entity';
import { type ScoringParts } from '../scoring/scoring-parts';
import { type Checkpoints } from './checkpoints';
import { removeOldCheckpoints, repeatedRuns } from './kept-checkpoints';
import { describeExit, RunChild } from './run-child';
import { isOutage } from './run-journal';
import { type RunKey, endedJob, type RunLease } from './run-lease';
import { type Interruption } from './run-state';
import { type TakenRun } from './run-turns';
import { type RunTimings } from './timings';
import { makeWorkDirectory } from './work-directory';

export interface ExecutorOptions {
  readonly database: Database;
  readonly queue: JobQueue<'training'>;
  readonly dataDirectory: string;
  /** The entry file of the process that executes a run. */
  readonly processorFile: string;
  readonly timings: RunTimings;
  readonly checkpoints: Checkpoints;
  readonly parts: ScoringParts;
}

const RETRY = { firstDelayMs: 100, longestDelayMs: 2_000 };

/** Executes a run that was taken: starts the process, keeps the lease, watches both, and settles the end. */
export class RunExecutor {
  constructor(private readonly options: ExecutorOptions) {}

  async execute(run: TakenRun, context: JobContext): Promise<void> {
    const { lease, tenantId, runId, requestId } = run;
    const logger = context.logger.child({ tenantId, runId, requestId });
    logger.info({ attempt: run.attempt }, 'run taken');
    if (await this.refuse(run, logger)) return;
    const workDirectory = await makeWorkDirectory(this.options.dataDirectory, lease.key.owner);
    try {
      const interruption = await this.watch(lease, workDirectory, { ...context, logger });
      await this.settle(run, interruption, logger);
    } finally {
      await rm(workDirectory, { recursive: true, force: true });
    }
    await this.discardIfEnded(lease.key);
  }

  /**
   * Removes what a job has stored on its way that has ended, whoever has ended it: one that waited leaves it when it is cancelled.
   * The checkpoint of a failed run stays for a retry.
   */
  async discardIfEnded(key: RunKey): Promise<void> {
    const { database, parts, checkpoints } = this.options;
    const job = await endedJob(database, key);
    if (job instanceof BatchScoring) return parts.of(key).discard(job.progress?.parts ?? 0);
    if (!job) return;
    const { tenantId } = key;
    if (job.state !== 'FAILED') await checkpoints.of(key).discard();
    if (job.state === 'SUCCEEDED')
      for (const runId of await repeatedRuns(database, key))
        await checkpoints.of({ tenantId, runId }).discard();
    await removeOldCheckpoints(database, checkpoints, tenantId);
  }

  /** Ends a training for which its tenant has nothing left, before it does anything. */
  private async refuse({ lease, attempt }: TakenRun, logger: Logger): Promise<boolean> {
    if (attempt > 1) return false;
    try {
      const refusal = await beyondTrainingQuota(this.options.database, lease.key);
      if (!refusal) return false;
      await lease.fail(refusal.code, refusal.message);
      logger.info({ code: refusal.code }, 'run refused');
      return true;
    } catch (error) {
      // What cannot be found out keeps nobody from training.
      if (!isOutage(error)) throw error;
      return false;
    }
  }

  /** Keeps the lease while the process lives, and passes on what the run's row and the worker ask of it. */
  private async watch(
    lease: RunLease,
    workDirectory: string,
    { logger, signal }: JobContext,
  ): Promise<Interruption> {
    const { timings, processorFile } = this.options;
    const traceparent = currentTraceparent();
    const child = new RunChild({ processorFile, key: lease.key, workDirectory, traceparent });
    const ended = new AbortController();
    void child.exited.then(() => ended.abort());
    const drain = (): void => child.abort('drained', timings.drainGraceMs);
    if (signal.aborted) drain();
    else signal.addEventListener('abort', drain, { once: true });
    let outOfReach = false;
    while (!ended.signal.aborted) {
      try {
        const answer = await lease.renew(timings.leaseMs);
        if (outOfReach) logger.info('the run can be renewed again');
        outOfReach = false;
        if (answer === 'cancel-requested') child.abort('cancelled', timings.cancelGraceMs);
        if (answer === 'lost') child.abort('lease lost', timings.cancelGraceMs);
      } catch (error) {
        // The execution goes on: when the database is back, it is still ours unless somebody has taken it.
        if (!outOfReach) logger.warn({ error: messageOf(error) }, 'the run cannot be renewed for now');
        outOfReach = true;
      }
      await sleep(timings.heartbeatMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
    signal.removeEventListener('abort', drain);
    const exit = await child.exited;
    return signal.aborted ? { kind: 'drained' } : { kind: 'crashed', detail: describeExit(exit) };
  }

  /** If the process has not ended the run, decides how it goes on. */
  private async settle(run: TakenRun, interruption: Interruption, logger: Logger): Promise<void> {
    const { timings, queue } = this.options;
    // Beyond the lease's length the reconciler of any worker settles it.
    const signal = AbortSignal.timeout(timings.leaseMs);
    const settlement = await retryWithBackoff(() => run.lease.settle(interruption), isOutage, {
      ...RETRY,
      signal,
    });
    if (!settlement) return;
    currentSpan()?.fail(interruption.kind.toUpperCase());
    logger.warn({ interruption, settlement }, 'the execution ended before the run');
    if (settlement.state !== 'QUEUED') return;
    try {
      const { tenantId, runId, actorId, requestId } = run;
      await queue.add({ tenantId, runId, attempt: settlement.attempt + 1, actorId, requestId });
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'left to the reconciler');
    }
  }
}
