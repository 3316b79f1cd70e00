import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, UnrecoverableError } from 'bullmq';
import { type Logger } from 'pino';
import { AppError, messageOf } from '../../errors';
import { retryWithBackoff } from './backoff';
import { type JobBackend, type WorkerHandle } from './job-backend';
import { JobQueue } from './job-queue';
import { type JobPayload, parsePayload, type QueueName, QUEUES } from './queues';
import { withTimeout } from './with-timeout';

export interface JobContext {
  readonly jobId: string;
  readonly logger: Logger;
  /** Aborted when the worker is closing: leave off as soon as what is done so far is safe. */
  readonly signal: AbortSignal;
}

/** Must stand being called again with the same payload: jobs are delivered at least once. */
export type JobHandler<N extends QueueName> = (payload: JobPayload<N>, context: JobContext) => Promise<void>;

export interface JobWorkerOptions<N extends QueueName> {
  readonly backend: JobBackend;
  readonly name: N;
  readonly handler: JobHandler<N>;
  readonly logger: Logger;
  readonly concurrency?: number;
}

const READY_TIMEOUT_MS = 10_000;
const RECOVERY = { firstDelayMs: 250, longestDelayMs: 5_000 };
/** A queue that has worked this long is healthy again: its next failure starts with the first delay. */
const HEALTHY_AFTER_MS = 30_000;

/**
 * The consuming end of one queue.
 *
 * BullMQ's worker asks for the next job again at once when asking fails, as fast as the machine allows.
 * So at the first failure this one is paused, the queue is asked with growing delays whether it is back,
 * and work resumes when it is. The log gets one line for each of the two changes.
 */
export class JobWorker<N extends QueueName> {
  private readonly closing = new AbortController();
  private readonly worker: WorkerHandle;
  private readonly probe: JobQueue<N>;
  private recovery: Promise<void> | null = null;
  private recoveryDelayMs = RECOVERY.firstDelayMs;
  private recoveredAt = 0;

  private constructor(private readonly options: JobWorkerOptions<N>) {
    const { backend, name, concurrency } = options;
    const { policy } = QUEUES[name];
    this.probe = new JobQueue(backend, name);
    this.worker = backend.worker(name, (job: Job) => this.process(job), {
      concurrency: concurrency ?? policy.concurrency,
      lockDuration: policy.lockMs,
      stalledInterval: policy.stalledCheckMs,
      maxStalledCount: policy.maxStalls,
      runRetryDelay: RECOVERY.firstDelayMs,
      drainDelay: 5,
    });
    this.worker.on('error', (error) => this.onError(error));
  }

  /** @throws AppError UNAVAILABLE when the queue does not answer at the start */
  static async start<N extends QueueName>(options: JobWorkerOptions<N>): Promise<JobWorker<N>> {
    const probe = new JobQueue(options.backend, options.name);
    await probe.waiting().finally(() => probe.close());
    const worker = new JobWorker(options);
    try {
      await withTimeout(worker.worker.waitUntilReady(), READY_TIMEOUT_MS);
      return worker;
    } catch (error) {
      await worker.close();
      throw new AppError('UNAVAILABLE', `the ${options.name} queue does not answer: ${messageOf(error)}`);
    }
  }

  /** Takes no more jobs, asks the running ones to leave off, and waits until they have. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.recovery;
    await this.worker.close();
    await this.probe.close();
  }

  private async process(job: Job): Promise<void> {
    const { name, handler, logger } = this.options;
    const jobId = job.id ?? '';
    let payload: JobPayload<N>;
    try {
      payload = parsePayload(name, job.data);
    } catch (error) {
      logger.error({ jobId, error: messageOf(error) }, 'a job with an unreadable payload was dropped');
      throw new UnrecoverableError('unreadable payload');
    }
    const jobLogger = logger.child({ jobId });
    try {
      await handler(payload, { jobId, logger: jobLogger, signal: this.closing.signal });
    } catch (error) {
      jobLogger.error({ error: messageOf(error) }, 'a job failed');
      throw error;
    }
  }

  private onError(error: Error): void {
    // Another worker was given the job in the meantime. The handler's own fencing deals with that.
    if (error.message.includes('could not renew lock')) {
      this.options.logger.warn(error.message);
      return;
    }
    if (this.closing.signal.aborted || this.recovery) return;
    this.options.logger.warn({ error: error.message }, `the ${this.options.name} queue is out of reach`);
    this.recovery = this.recover().finally(() => {
      this.recovery = null;
    });
  }

  private async recover(): Promise<void> {
    await this.worker.pause(true);
    const { signal } = this.closing;
    if (Date.now() - this.recoveredAt > HEALTHY_AFTER_MS) this.recoveryDelayMs = RECOVERY.firstDelayMs;
    const firstDelayMs = this.recoveryDelayMs;
    this.recoveryDelayMs = Math.min(firstDelayMs * 2, RECOVERY.longestDelayMs);
    try {
      // Waiting comes first: a queue that answers the probe and fails the worker must not make us spin either.
      await sleep(firstDelayMs, undefined, { signal });
      await retryWithBackoff(
        () => this.probe.waiting(),
        () => true,
        { ...RECOVERY, signal },
      );
    } catch {
      // Closing: there is nothing to go back to.
      return;
    }
    this.recoveredAt = Date.now();
    this.options.logger.info(`the ${this.options.name} queue is back`);
    await this.worker.resume();
  }
}
