import { AppError, messageOf } from '../../errors';
import { type JobBackend, type QueueHandle } from './job-backend';
import { JOB_IDS, type JobPayload, parsePayload, type QueueName, QUEUES } from './queues';
import { withTimeout } from './with-timeout';

/** How long a producer waits for the queue before it leaves the job to whoever reconciles. */
const ADD_TIMEOUT_MS = 2_000;

/** The producing end of one queue. */
export class JobQueue<N extends QueueName> {
  private handle: QueueHandle | null = null;

  constructor(
    private readonly backend: JobBackend,
    readonly name: N,
  ) {}

  /**
   * Enqueues a job under its one id; a second time does nothing while the first is waiting or running.
   *
   * @throws ZodError when the payload is not what the queue declares
   * @throws AppError UNAVAILABLE when the queue does not answer
   */
  async add(payload: JobPayload<N>): Promise<void> {
    const data = parsePayload(this.name, payload);
    const { attempts, backoff, retention } = QUEUES[this.name].policy;
    await this.use((queue) =>
      queue.add(this.name, data, {
        jobId: JOB_IDS[this.name](data),
        attempts,
        backoff: { type: backoff.type, delay: backoff.delayMs },
        removeOnComplete: keep(retention.completed),
        removeOnFail: keep(retention.failed),
      }),
    );
  }

  /**
   * How many jobs wait for a worker.
   * @throws AppError UNAVAILABLE when the queue does not answer
   */
  async waiting(): Promise<number> {
    return this.use((queue) => queue.count());
  }

  async close(): Promise<void> {
    const handle = this.handle;
    this.handle = null;
    await handle?.close();
  }

  private async use<T>(work: (queue: QueueHandle) => Promise<T>): Promise<T> {
    try {
      return await withTimeout(work(this.open()), ADD_TIMEOUT_MS);
    } catch (error) {
      // A queue that failed to connect stays failed: the next use makes a new one.
      void this.close().catch(() => undefined);
      throw new AppError('UNAVAILABLE', `the ${this.name} queue does not answer: ${messageOf(error)}`, [], {
        cause: error,
      });
    }
  }

  private open(): QueueHandle {
    if (this.handle) return this.handle;
    const handle = this.backend.queue(this.name);
    // The failing call reports it; without a listener the event would end the process.
    handle.on('error', () => undefined);
    this.handle = handle;
    return handle;
  }
}

/** BullMQ's word for keeping none is `true`: remove at once. */
function keep(count: number): true | number {
  return count === 0 ? true : count;
}
